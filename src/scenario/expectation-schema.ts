// How expectations about a whole run are written in a scenario file. One item may say several things of the same requests.
import { type Comparison, parseComparison } from '../base/comparison.ts';
import { type Infer, s } from '../schema/builder.ts';
import type { LoadExpectation, RequestFilter, ShareExpectation, StateExpectation } from './scenario.ts';

/** A bare number, part or duration means exactly that. */
export function toComparison(text: string): Comparison | undefined {
  return parseComparison(text) ?? parseComparison(`= ${text}`);
}

/** `40%`, `0.4` and comparisons with them. */
function toPart(text: string): Comparison | undefined {
  const comparison = toComparison(text);
  const isPart = comparison?.unit === 'ratio' || comparison?.unit === 'number';
  return isPart && comparison.value <= 1 ? { ...comparison, unit: 'ratio' } : undefined;
}

function amount(units: readonly Comparison['unit'][], description: string, expected: string) {
  return s.where(s.scalarText(description), (text) => units.includes(toComparison(text)?.unit ?? 'bytes'), expected);
}

const COUNT = amount(
  ['number', 'ratio'],
  'A number or a part, such as 0, "< 10" or ">= 99%".',
  'a comparison such as 0, "< 10" or ">= 99%"',
);
const NUMBER = amount(['number'], 'A number, such as "<= 1.25".', 'a comparison such as "<= 1.25"');
const DURATION = amount(['ms'], 'A duration, such as "<= 150ms".', 'a comparison such as "<= 150ms"');
const PARTS = s.record(
  s.where(
    s.scalarText('A part such as 70%, or a comparison such as "<= 30%".'),
    (text) => toPart(text) !== undefined,
    'a part such as 70%, or a comparison such as "<= 30%"',
  ),
  'Parts by name.',
);

const TIMES = s.object({
  p50: s.optional(DURATION),
  p90: s.optional(DURATION),
  p95: s.optional(DURATION),
  p99: s.optional(DURATION),
  max: s.optional(DURATION),
});

const SHARE_BY = ['backend', 'endpoint', 'zone', 'region', 'route', 'model'] as const;

const SHARE = s.where(
  s.object({
    backend: s.optional(PARTS),
    endpoint: s.optional(PARTS),
    zone: s.optional(PARTS),
    region: s.optional(PARTS),
    route: s.optional(PARTS),
    model: s.optional(PARTS),
    within: s.withDefault(s.ratio('A part that is no comparison may be off by this; 1% unless given.'), 0.01),
    window: s.optional(s.integer('In any so many consecutive requests; in all together unless given.', { min: 1 })),
  }),
  (share) => SHARE_BY.filter((by) => share[by] !== undefined).length === 1,
  `one of ${SHARE_BY.join(', ')}`,
);

export const EXPECTATION = s.object({
  from: s.optional(s.durationText('Requests sent from then on.')),
  until: s.optional(s.durationText('Requests sent before that.')),
  request: s.optional(s.string('Requests of this name.')),
  route: s.optional(s.string('Requests this route took.')),
  backend: s.optional(s.string('Requests this backend was asked last; with "at" the backend that is looked at.')),
  requests: s.optional(COUNT),
  errors: s.optional(COUNT),
  attempts_per_request: s.optional(NUMBER),
  status: s.optional(s.record(COUNT, 'Answers by status, such as {200: ">= 99%", 5xx: 0}.')),
  latency: s.optional(TIMES),
  first_byte: s.optional(TIMES),
  share: s.optional(SHARE),
  at: s.optional(s.durationText('State at this moment, instead of requests.')),
  endpoint: s.optional(s.url('With "at": the endpoint of the backend that is looked at.')),
  usable: s.optional(s.boolean('With "at": whether it is asked.')),
  reason: s.optional(s.string('With "at": one of the reasons why it is not asked, such as ejected-consecutive-5xx.')),
  breaker: s.optional(s.choice(['closed', 'open', 'half_open'], 'With "at": state of its circuit breaker.')),
});

export type WrittenExpectation = Infer<typeof EXPECTATION>;

export const MEASURES = [
  'requests',
  'errors',
  'attempts_per_request',
  'status',
  'latency',
  'first_byte',
  'share',
] as const;
export const STATE_KEYS = ['usable', 'reason', 'breaker'] as const;

/** The schema has refused what is no comparison: this holds of nothing. */
const NEVER: Comparison = { operator: '=', value: Number.NaN, unit: 'number' };

function comparisonOf(text: string): Comparison {
  return toComparison(text) ?? NEVER;
}

const PARTS_OF_TIMES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, max: 1 } as const;

function toShare(written: Infer<typeof SHARE>): ShareExpectation {
  const by = SHARE_BY.find((each) => written[each] !== undefined) ?? 'backend';
  return {
    by,
    shares: Object.entries(written[by] ?? {}).map(([name, text]) => [name, toPart(text) ?? NEVER] as const),
    within: written.within,
    window: written.window,
  };
}

/** Each thing said, with the path of its key inside the item. */
export function toMeasures(
  written: WrittenExpectation,
): readonly (readonly [path: readonly string[], what: LoadExpectation])[] {
  const measures: (readonly [readonly string[], LoadExpectation])[] = [];
  for (const kind of ['requests', 'errors', 'attempts_per_request'] as const) {
    const text = written[kind];
    if (text !== undefined) measures.push([[kind], { kind, is: comparisonOf(text) }]);
  }
  for (const [status, text] of Object.entries(written.status ?? {}))
    measures.push([['status', status], { kind: 'status', status, is: comparisonOf(text) }]);
  for (const kind of ['latency', 'first_byte'] as const) {
    for (const [name, part] of Object.entries(PARTS_OF_TIMES)) {
      const text = written[kind]?.[name as keyof typeof PARTS_OF_TIMES];
      if (text !== undefined) measures.push([[kind, name], { kind, part, is: comparisonOf(text) }]);
    }
  }
  if (written.share !== undefined) measures.push([['share'], { kind: 'share', share: toShare(written.share) }]);
  return measures;
}

export function toFilter({ from, until, request, route, backend }: WrittenExpectation): RequestFilter {
  return { fromMs: from, untilMs: until, name: request, route, backend };
}

export function toState(written: WrittenExpectation, atMs: number, backend: string): StateExpectation {
  const { endpoint, usable, breaker, reason } = written;
  return { kind: 'state', atMs, backend, endpoint, usable, breaker, reason };
}
