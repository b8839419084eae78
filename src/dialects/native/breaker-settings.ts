// One circuit breaker as written, in the section `circuit_breaker` or at a backend, and what it means: model/breaker.ts.
import { parseComparison } from '../../base/comparison.ts';
import type { BreakerFallback, BreakerSettings } from '../../model/breaker.ts';
import { DEFAULT_BREAKER } from '../../model/defaults.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { parsePercent } from './percent.ts';
import type { Reading } from './reading.ts';

/** Probes are counted in six bits of the breaker's word (state/breaker-word.ts). */
const MAX_PROBES = 63;
const MAX_FAILURES = 100_000;

const FALLBACK = s.union(
  [
    s.choice(['next_tier', 'cached_response', 'read_replica'], 'Another source of the answer.'),
    s.object(
      {
        status: s.integer('Status of the answer.', { min: 200, max: 599 }),
        body: s.optional(s.union([s.string('Text.'), s.record(s.unknown('Value.'), 'JSON.')], 'Body of the answer.')),
        content_type: s.optional(s.string('Default application/json for a map, else text/plain.', { minLength: 1 })),
      },
      'A fixed answer.',
    ),
  ],
  'Answers while the breaker is open and no other target of the route can; default next_tier: error 503 then.',
);

const CLOSED = s.object({
  success_rate: s.optional(s.scalarText('Stays closed while it holds, such as "> 95%".')),
  minimum_requests: s.optional(s.integer('Outcomes in the window before the rate counts; default 20.', { min: 1 })),
  window: s.optional(s.durationText('Sliding window of the rate; default 10s.')),
});

const OPEN = s.object({
  duration: s.optional(s.durationText('How long nothing is let through; default "timeout", else 30s.')),
  max_duration: s.optional(s.durationText('Each opening soon after the last doubles the time up to this; default 5m.')),
  jitter: s.optional(s.scalarText('Share of the time added at random; default 10%.')),
  reset_after: s.optional(s.durationText('Closed for so long, the time is no longer doubled; default 60s.')),
  fallback: s.optional(FALLBACK),
});

const HALF_OPEN = s.object({
  probe_requests: s.optional(
    s.integer('Requests let through as probes; default success_threshold, else 1.', { min: 1, max: MAX_PROBES }),
  ),
  success_criteria: s.optional(s.string('Share of them that must succeed, such as "2/3" or "60%"; default all.')),
  timeout: s.optional(s.durationText('A probe without an outcome after this has failed; default 30s.')),
});

export const BREAKER_KEYS = {
  failure_threshold: s.optional(
    s.integer('Failures in a row that open it; default 5, none where only a success rate is written.', {
      min: 1,
      max: MAX_FAILURES,
    }),
  ),
  success_threshold: s.optional(
    s.integer('Successful probes that close it, where success_criteria does not say it; default 1.', {
      min: 1,
      max: MAX_PROBES,
    }),
  ),
  timeout: s.optional(
    s.durationText('How long it stays open; where states.open.duration says that, how long a probe may take.'),
  ),
  states: s.optional(
    s.object(
      { closed: s.optional(CLOSED), open: s.optional(OPEN), half_open: s.optional(HALF_OPEN) },
      'The three states.',
    ),
  ),
  fallback: s.optional(FALLBACK),
  fallback_strategy: s.optional(FALLBACK),
};

export const BREAKER = s.object(
  BREAKER_KEYS,
  'Keeps the backend, and each of its endpoints, out of use while it fails.',
);

export type WrittenBreaker = Infer<typeof BREAKER>;

interface Place {
  readonly reading: Reading;
  readonly path: Path;
}

function wrongValue({ reading, path }: Place, message: string, mend?: string): void {
  reading.error(path, { code: 'config.wrong-value', message, ...(mend !== undefined && { mend }) });
}

function at(place: Place, ...keys: readonly string[]): Place {
  return { reading: place.reading, path: [...place.path, ...keys] };
}

/** Share of successes at which it opens: `> 95%` does at 95 %, `>= 95%` just below. */
function openAtSuccessRate(text: string | undefined, place: Place): number | undefined {
  if (text === undefined) return undefined;
  const written = parsePercent(text) === undefined ? text : `>= ${text}`;
  const comparison = parseComparison(written);
  const form = 'write a share of successes such as "> 95%"';
  if (comparison?.unit !== 'ratio' || !comparison.operator.startsWith('>')) {
    wrongValue(place, 'expected a least share of successes', form);
    return undefined;
  }
  const isStrict = comparison.operator === '>';
  if (comparison.value > 1 || (isStrict && comparison.value === 1)) {
    wrongValue(place, 'a success rate over 100% cannot be met: the breaker would open at once', form);
    return undefined;
  }
  if (!isStrict && comparison.value === 0) {
    const message = 'a success rate of at least 0% always holds: it never opens the breaker';
    place.reading.warning(place.path, { code: 'config.no-effect', message });
    return undefined;
  }
  return isStrict ? comparison.value : comparison.value - Number.EPSILON;
}

/** `2/3` and `60%` are shares of the probes, rounded up. */
function quorumOf(text: string, probes: number, place: Place): number {
  const [, wanted, of] = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text) ?? [];
  const share = wanted === undefined ? parsePercent(text) : Number(wanted) / Number(of);
  if (share === undefined || Number.isNaN(share)) {
    wrongValue(place, 'expected a share of the probes', 'write "2/3" or "60%"');
  } else if (share > 1) {
    wrongValue(place, 'more successes than probes cannot be met: the breaker would never close');
  } else if (share === 0) {
    wrongValue(place, 'the breaker would close without a successful probe');
  } else return Math.min(probes, Math.ceil(share * probes - Number.EPSILON));
  return probes;
}

function probesOf(
  written: WrittenBreaker,
  place: Place,
): { readonly probeRequests: number; readonly probeQuorum: number } {
  const { probe_requests: probes, success_criteria: criteria } = written.states?.half_open ?? {};
  const { success_threshold: threshold } = written;
  const denominator = Number(/\/\s*(\d+)\s*$/.exec(criteria ?? '')?.[1] ?? 0);
  const probeRequests = probes ?? threshold ?? Math.min(Math.max(denominator, 1), MAX_PROBES);
  const path = at(place, 'states', 'half_open', 'success_criteria');
  if (criteria !== undefined) {
    const probeQuorum = quorumOf(criteria, probeRequests, path);
    if (threshold !== undefined && threshold !== probeQuorum) {
      const message = `success_criteria decides: ${probeQuorum} of ${probeRequests} probes; success_threshold is not used`;
      place.reading.note([...place.path, 'success_threshold'], { code: 'config.overridden', message });
    }
    return { probeRequests, probeQuorum };
  }
  if (threshold !== undefined && threshold > probeRequests) {
    const message = `${threshold} successes cannot be met with ${probeRequests} probes: the breaker would never close`;
    wrongValue(at(place, 'success_threshold'), message, 'raise probe_requests');
  }
  return { probeRequests, probeQuorum: Math.min(threshold ?? probeRequests, probeRequests) };
}

function toFallback(written: Infer<typeof FALLBACK>): BreakerFallback {
  if (typeof written === 'string') {
    if (written === 'cached_response') return { kind: 'cached-response' };
    return written === 'read_replica' ? { kind: 'read-replica' } : { kind: 'next-tier' };
  }
  const { status, body = '', content_type: contentType } = written;
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  const type = contentType ?? (isText ? 'text/plain; charset=utf-8' : 'application/json');
  return { kind: 'reply', status, contentType: type, body: text };
}

function fallbackOf(written: WrittenBreaker, place: Place): BreakerFallback {
  const found = [
    [written.states?.open?.fallback, at(place, 'states', 'open', 'fallback')],
    [written.fallback, at(place, 'fallback')],
    [written.fallback_strategy, at(place, 'fallback_strategy')],
  ] as const;
  const [first, ...others] = found.filter(([value]) => value !== undefined);
  for (const [, { reading, path }] of others) {
    const message = 'the breaker has a fallback already';
    reading.error(path, { code: 'config.conflict', message, mend: 'keep one of them' });
  }
  return first?.[0] === undefined ? DEFAULT_BREAKER.fallback : toFallback(first[0]);
}

function jitterOf(text: string | undefined, place: Place): number {
  const jitter = text === undefined ? DEFAULT_BREAKER.jitter : parsePercent(text);
  if (jitter !== undefined && jitter <= 1) return jitter;
  wrongValue(place, jitter === undefined ? 'expected a share such as 10%' : 'more than 100% of the time itself');
  return DEFAULT_BREAKER.jitter;
}

function timesOf(
  written: WrittenBreaker,
  place: Place,
): Pick<BreakerSettings, 'openMs' | 'maxOpenMs' | 'probeTimeoutMs'> {
  const { open, half_open: halfOpen } = written.states ?? {};
  const openMs = open?.duration ?? written.timeout ?? DEFAULT_BREAKER.openMs;
  const maxOpenMs = open?.max_duration ?? Math.max(openMs, DEFAULT_BREAKER.maxOpenMs);
  if (maxOpenMs < openMs) {
    const message = 'the longest time is shorter than the first';
    wrongValue(at(place, 'states', 'open', 'max_duration'), message, 'raise it, or leave it out');
  }
  const asProbe = open?.duration === undefined ? undefined : written.timeout;
  if (asProbe !== undefined && halfOpen?.timeout !== undefined) {
    const message = 'states.half_open.timeout says how long a probe may take; timeout is not used';
    place.reading.note([...place.path, 'timeout'], { code: 'config.overridden', message });
  }
  const probeTimeoutMs = halfOpen?.timeout ?? asProbe ?? DEFAULT_BREAKER.probeTimeoutMs;
  const durations = [
    [written.timeout, at(place, 'timeout')],
    [open?.duration, at(place, 'states', 'open', 'duration')],
    [halfOpen?.timeout, at(place, 'states', 'half_open', 'timeout')],
    [written.states?.closed?.window, at(place, 'states', 'closed', 'window')],
  ] as const;
  for (const [value, where] of durations) if (value === 0) wrongValue(where, 'must be longer than 0');
  return { openMs, maxOpenMs, probeTimeoutMs };
}

/** What it means; what cannot be met is an error at its place. */
export function toBreaker(written: WrittenBreaker, reading: Reading, path: Path): BreakerSettings {
  const place = { reading, path };
  const { closed, open } = written.states ?? {};
  const rate = openAtSuccessRate(closed?.success_rate, at(place, 'states', 'closed', 'success_rate'));
  const standard = rate === undefined ? DEFAULT_BREAKER.consecutiveFailures : 0;
  if (closed !== undefined && closed.success_rate === undefined) {
    for (const key of ['minimum_requests', 'window'] as const) {
      if (closed[key] === undefined) continue;
      const message = `"${key}" has no effect without success_rate`;
      reading.warning([...path, 'states', 'closed', key], { code: 'config.no-effect', message });
    }
  }
  return {
    consecutiveFailures: written.failure_threshold ?? standard,
    ...(rate !== undefined && { openAtSuccessRate: rate }),
    minRequests: closed?.minimum_requests ?? DEFAULT_BREAKER.minRequests,
    windowMs: closed?.window ?? DEFAULT_BREAKER.windowMs,
    ...timesOf(written, place),
    jitter: jitterOf(open?.jitter, at(place, 'states', 'open', 'jitter')),
    stableMs: open?.reset_after ?? DEFAULT_BREAKER.stableMs,
    ...probesOf(written, place),
    fallback: fallbackOf(written, place),
  };
}
