// The section `retry_config`: named strategies, and the conditions and exclusions they share. The first strategy holds for every
// backend that has no `retry` of its own; the others are chosen by name.
import { DEFAULT_BACKOFF, DEFAULT_RETRY } from '../../model/defaults.ts';
import type { Backoff, Retry, RetryCondition } from '../../model/retry.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';
import { EXCLUDE, JITTER, readExclude, STATUS, toJitter, usualConditions } from './retry.ts';
import type { NativeScope } from './scope.ts';

const STRATEGY = s.object(
  {
    base_interval: s.optional(s.durationText('First pause of an exponential strategy; default 25ms.')),
    max_interval: s.optional(s.durationText('Longest pause; default 1s, or the first where that is longer.')),
    multiplier: s.optional(s.number('Growth of exponential pauses; default 2.', { min: 1, max: 100 })),
    interval: s.optional(s.durationText('Pause of a linear strategy: once, twice, three times this.')),
    max_retries: s.optional(s.integer('Tries after the first; default 2.', { min: 0, max: 19 })),
    jitter: s.optional(JITTER),
  },
  'Exponential with base_interval, linear with interval.',
);

const CONDITION = s.object({
  status_codes: s.optional(s.array(STATUS, 'Answers that another try follows.')),
  connection_errors: s.optional(s.boolean('Connections that failed or broke before the answer.')),
  timeout_errors: s.optional(s.boolean('No answer in time.')),
});

export const RETRY_CONFIG = s.object(
  {
    strategies: s.optional(s.record(STRATEGY, 'Strategies by name; the first is the default.')),
    conditions: s.optional(s.oneOrMany(CONDITION, 'Outcomes that another try follows; of a list, any.')),
    exclude: s.optional(EXCLUDE),
  },
  'Retries of every backend that says nothing of its own.',
);

type Written = Infer<typeof RETRY_CONFIG>;
type Strategy = Infer<typeof STRATEGY>;

const WRITTEN_RETRIES = 2;
const SECTION = 'retry_config';

function readBackoff(name: string, written: Strategy, reading: Reading): Backoff {
  const path: Path = [SECTION, 'strategies', name];
  const isLinear = written.interval !== undefined || (written.base_interval === undefined && /linear/i.test(name));
  if (written.interval !== undefined && written.base_interval !== undefined) {
    const message = '"interval" makes a linear strategy, "base_interval" an exponential one';
    reading.error([...path, 'interval'], { code: 'config.conflict', message, mend: 'keep one of them' });
  }
  if (isLinear && written.multiplier !== undefined) {
    const message = 'a linear strategy has no multiplier';
    reading.warning([...path, 'multiplier'], { code: 'config.no-effect', message });
  }
  const baseMs = written.interval ?? written.base_interval ?? DEFAULT_BACKOFF.baseMs;
  const retries = written.max_retries ?? WRITTEN_RETRIES;
  // Linear pauses end by the number of retries; a limit is only there where it is written.
  const maxMs = written.max_interval ?? Math.max(DEFAULT_BACKOFF.maxMs, isLinear ? baseMs * retries : baseMs);
  if (maxMs < baseMs) {
    const message = 'the longest pause is shorter than the first';
    reading.error([...path, 'max_interval'], { code: 'config.conflict', message });
  }
  return {
    kind: isLinear ? 'linear' : 'exponential',
    baseMs,
    maxMs,
    multiplier: written.multiplier ?? DEFAULT_BACKOFF.multiplier,
    jitter: toJitter(written.jitter, 'none'),
  };
}

function conditionsOf({ conditions }: Written): Retry['on'] | undefined {
  if (conditions === undefined) return undefined;
  const words = new Set<RetryCondition>(['connect-failure']);
  for (const { connection_errors, timeout_errors } of conditions) {
    if (connection_errors === true) words.add('reset');
    if (connection_errors === false) words.delete('connect-failure');
    if (timeout_errors === true) words.add('timeout');
  }
  return [...words, ...new Set(conditions.flatMap(({ status_codes = [] }) => status_codes))];
}

/** Puts the strategies into the scope; before backends and routes are read, which name them. */
export function readRetryConfig(value: unknown, reading: Reading, scope: NativeScope): void {
  if (value === undefined) return;
  const written = reading.parse(RETRY_CONFIG, value ?? {}, [SECTION]);
  if (written === undefined) return;
  if (scope.retryStrategies.size > 0) {
    const message = 'another document has a retry_config already';
    reading.error([SECTION], { code: 'config.duplicate', message, mend: 'put the strategies into one section' });
    return;
  }
  const on = conditionsOf(written);
  const exclude = readExclude(written.exclude, { reading, path: [SECTION, 'exclude'] });
  const strategies = Object.entries(written.strategies ?? {});
  for (const [name, strategy] of strategies.length === 0 ? [['default', {}] as const] : strategies) {
    const backoff = readBackoff(name, strategy, reading);
    const attempts = (strategy.max_retries ?? WRITTEN_RETRIES) + 1;
    scope.retryStrategies.set(name, (kind) => ({
      ...DEFAULT_RETRY,
      attempts,
      on: on ?? usualConditions(kind),
      repeatsEndpoint: true,
      backoff,
      exclude,
    }));
  }
  const [first, ...others] = strategies.map(([name]) => name);
  if (others.length === 0) return;
  const message = `the strategy "${first}" holds for every backend; "retry: ${others[0]}" at a route or backend chooses another`;
  reading.note([SECTION, 'strategies'], { code: 'config.default-strategy', message });
}

/** The first strategy, for backends that say nothing. */
export function defaultStrategy(scope: NativeScope, kind: 'ai' | 'plain'): Retry | undefined {
  const [first] = scope.retryStrategies.values();
  return first?.(kind);
}
