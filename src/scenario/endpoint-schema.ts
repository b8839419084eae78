// How the behaviour of simulated endpoints is written in a scenario file, and what it comes to.
import { type Infer, s } from '../schema/builder.ts';
import { type BehaviourChange, FAILURE_KINDS, type FailureMode } from './behaviour.ts';
import type { Distribution } from './distribution.ts';

const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|100)$/;

const FORMS = s.object({
  uniform: s.optional(
    s.object(
      { from: s.durationText('Shortest.'), to: s.durationText('Longest.') },
      'Anything between two times, all alike.',
    ),
  ),
  normal: s.optional(
    s.object(
      { mean: s.durationText('Mean.'), deviation: s.durationText('Standard deviation.') },
      'A bell around the mean.',
    ),
  ),
  lognormal: s.optional(
    s.where(
      s.object({ median: s.durationText('Half is quicker.'), p99: s.durationText('One in a hundred is slower.') }),
      ({ median, p99 }) => median > 0 && p99 >= median,
      'a median above 0 and a p99 that is not below it',
    ),
  ),
  exponential: s.optional(s.object({ mean: s.durationText('Mean.') }, 'Mostly short, now and then long.')),
  percentiles: s.optional(
    s.where(
      s.record(s.durationText('Time.'), 'Points measured, such as {p50: 20ms, p99: 90ms}, joined by straight lines.'),
      isCurve,
      'names such as p50 or p99.9 whose times rise with them',
    ),
  ),
});

export const TIME = s.union(
  [
    s.durationText('Always the same.'),
    s.where(
      FORMS,
      (forms) => Object.values(forms).filter((form) => form !== undefined).length === 1,
      'one distribution',
    ),
  ],
  'A time, or a distribution of times.',
);

function pointsOf(curve: Readonly<Record<string, number>>): readonly (readonly [part: number, ms: number])[] {
  const points = Object.entries(curve).map(([name, ms]) => [Number(PERCENTILE.exec(name)?.[1]) / 100, ms] as const);
  return [[0, 0] as const, ...points].sort((a, b) => a[0] - b[0]);
}

function isCurve(curve: Readonly<Record<string, number>>): boolean {
  const points = pointsOf(curve);
  return (
    points.length > 1 && points.every(([part, ms], index) => !Number.isNaN(part) && ms >= (points[index - 1]?.[1] ?? 0))
  );
}

export function toDistribution(written: Infer<typeof TIME>): Distribution {
  if (typeof written === 'number') return { kind: 'fixed', ms: written };
  const { uniform, normal, lognormal, exponential, percentiles = {} } = written;
  if (uniform !== undefined) return { kind: 'uniform', fromMs: uniform.from, toMs: uniform.to };
  if (normal !== undefined) return { kind: 'normal', meanMs: normal.mean, deviationMs: normal.deviation };
  if (lognormal !== undefined) return { kind: 'lognormal', medianMs: lognormal.median, p99Ms: lognormal.p99 };
  if (exponential !== undefined) return { kind: 'exponential', meanMs: exponential.mean };
  return { kind: 'percentiles', points: pointsOf(percentiles) };
}

const FAILURE = s.object({
  kind: s.choice(
    FAILURE_KINDS,
    'status: an error answer. reset: closes before answering. cut: closes in the middle of the answer. stall: never answers. stall-midway: falls silent in the middle. refuse-connect, never-connect: of connections.',
  ),
  share: s.withDefault(s.ratio('Of the requests, or connections, that meet it; all unless given.'), 1),
  status: s.withDefault(s.integer('Status of an error answer; 503 unless given.', { min: 400, max: 599 }), 503),
  retry_after: s.optional(s.durationText('Retry-After of an error answer.')),
  after_deltas: s.withDefault(s.integer('Deltas of a stream that come before it is cut or stalls.', { min: 0 }), 0),
});

export const BEHAVIOUR = s.object({
  latency: s.optional(TIME),
  slower: s.optional(s.number('Multiplies all latencies: 20 is a brown-out.', { min: 0 })),
  connect: s.optional(TIME),
  network: s.optional(
    s.choice(
      ['up', 'refused', 'silent'],
      'refused: nothing listens there, open connections are reset. silent: the host has vanished, nobody hears of it.',
    ),
  ),
  capacity: s.optional(s.integer('Requests it works on at a time; others wait.', { min: 1 })),
  failures: s.optional(s.oneOrMany(FAILURE, 'Ways to fail; the first that strikes a request is the one.')),
  first_delta: s.optional(TIME),
  delta_gap: s.optional(TIME),
  status: s.optional(s.integer('Status of plain answers.', { min: 200, max: 599 })),
  headers: s.optional(s.record(s.scalarText('Value.'), 'Fields of its answers.')),
  body: s.optional(s.string('Body of plain answers; AI operations are answered as a provider does.')),
});

function toFailure(written: Infer<typeof FAILURE>): FailureMode {
  return {
    kind: written.kind,
    share: written.share,
    status: written.status,
    retryAfterSeconds: written.retry_after === undefined ? undefined : Math.ceil(written.retry_after / 1000),
    afterDeltas: written.after_deltas,
  };
}

function toOptional(written: Infer<typeof TIME> | undefined): Distribution | undefined {
  return written === undefined ? undefined : toDistribution(written);
}

export function toBehaviour(written: Infer<typeof BEHAVIOUR>): BehaviourChange {
  return {
    latency: toOptional(written.latency),
    slower: written.slower,
    connect: toOptional(written.connect),
    network: written.network,
    capacity: written.capacity,
    failures: written.failures?.map(toFailure),
    firstDelta: toOptional(written.first_delta),
    deltaGap: toOptional(written.delta_gap),
    status: written.status,
    headers: written.headers,
    body: written.body,
  };
}
