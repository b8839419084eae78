// `retry` of routes and backends: when a failed try is followed by another, where, and how soon.
import { DEFAULT_AI_RETRY, DEFAULT_BACKOFF, DEFAULT_RETRY, DEFAULT_RETRY_BUDGET } from '../../model/defaults.ts';
import { type Backoff, JITTERS, RETRY_CONDITIONS, type Retry, type RetryBudget } from '../../model/retry.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { METHODS } from './match.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

export const STATUS = s.integer('A status code.', { min: 400, max: 599 });

export const JITTER = s.union(
  [s.boolean('true = full.'), s.choice(JITTERS, 'How pauses are spread.')],
  'How pauses are spread, so that clients do not come back together.',
);

/** The seed's spelling has a list of maps, each with one of the two. */
export const EXCLUDE = s.oneOrMany(
  s.object({
    methods: s.optional(s.oneOrMany(s.string('Such as POST.'), 'Methods never retried.')),
    paths: s.optional(s.oneOrMany(s.string('/a, /a/* with all below, or a glob.'), 'Paths never retried.')),
  }),
  'Requests never retried, whatever else is said.',
);

const BACKOFF = s.object(
  {
    strategy: s.optional(s.choice(['exponential', 'linear'], 'How pauses grow; default exponential.')),
    base: s.optional(s.durationText('First pause; default 25ms.')),
    max: s.optional(s.durationText('Longest pause; default 1s or longer, as base asks for.')),
    multiplier: s.optional(s.number('Growth of exponential pauses; default 2.', { min: 1, max: 100 })),
    jitter: s.optional(JITTER),
  },
  'Pauses between tries; none before another endpoint where nothing was sent.',
);

const BUDGET = s.union(
  [
    s.literal(false, 'Without limit.'),
    s.object({
      percent: s.optional(
        s.string('Retries for 100 requests of the last 10 s, such as 20%; default 20%.', {
          pattern: /^(\d{1,2}(\.\d+)?|100)%$/,
          expected: 'a percentage up to 100%',
        }),
      ),
      min_per_second: s.optional(s.number('Retries allowed whatever the traffic; default 10.', { min: 0 })),
    }),
  ],
  'How many retries a backend is sent, over all workers.',
);

const SETTINGS = s.object({
  attempts: s.optional(s.integer('Tries in all, the first included; default 3.', { min: 1, max: 20 })),
  on: s.optional(
    s.oneOrMany(
      s.union([s.choice(RETRY_CONDITIONS, 'Outcomes of a kind.'), STATUS], 'A condition or a status code.'),
      'Outcomes that another try follows; connect-failure is always among them.',
    ),
  ),
  backoff: s.optional(BACKOFF),
  per_try_timeout: s.optional(s.durationText('From dispatch to the first useful byte of a try; none by default.')),
  max_retry_after: s.optional(s.durationText('Longest Retry-After that is waited for; default 10s.')),
  non_idempotent: s.optional(
    s.boolean('Also repeats what may have run and is neither idempotent nor an AI completion; default false.'),
  ),
  exclude: s.optional(EXCLUDE),
  budget: s.optional(BUDGET),
});

export const RETRY = s.union(
  [s.literal(false, 'No retry.'), s.string('Name of a strategy of retry_config.', { minLength: 1 }), SETTINGS],
  'When a failed try is followed by another.',
);

type Written = Infer<typeof RETRY>;
type Settings = Infer<typeof SETTINGS>;

export interface RetryPlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  readonly path: Path;
}

const NO_RETRY: Retry = { ...DEFAULT_RETRY, attempts: 1 };
const WRITTEN_ATTEMPTS = 3;

/** Where an author asks for retries of a plain backend and does not say on what. */
const WRITTEN_ON: Retry['on'] = ['connect-failure', 'reset', 'timeout', 'gateway-error'];

/** Conditions of retries that are asked for without any. */
export function usualConditions(kind: 'ai' | 'plain'): Retry['on'] {
  return kind === 'ai' ? DEFAULT_AI_RETRY.on : WRITTEN_ON;
}

export function toJitter(written: Infer<typeof JITTER> | undefined, otherwise: Backoff['jitter']): Backoff['jitter'] {
  if (written === undefined) return otherwise;
  if (typeof written === 'string') return written;
  return written ? 'full' : 'none';
}

/** `path` is where the list stands. */
export function readExclude(
  written: Infer<typeof EXCLUDE> | undefined,
  { reading, path }: Pick<RetryPlace, 'reading' | 'path'>,
): Retry['exclude'] {
  if (written === undefined) return DEFAULT_RETRY.exclude;
  const methods = written.flatMap(({ methods: names = [] }) => names.map((name) => name.toUpperCase()));
  const paths = written.flatMap(({ paths: patterns = [] }) => patterns);
  const code = 'config.wrong-value';
  for (const name of methods) {
    if (METHODS.includes(name)) continue;
    reading.error(path, { code, message: `"${name}" is not a method`, ...nearestMend(name, METHODS) });
  }
  for (const pattern of paths) {
    if (/^[/*][^?#\s]*$/.test(pattern)) continue;
    const mend = 'write /a, /a/* with all below, or a glob';
    reading.error(path, { code, message: `"${pattern}" is not a path`, mend });
  }
  return { methods, paths };
}

/** Linear pauses end by the number of tries: a limit is only there where it is written. */
function readBackoff(written: Settings['backoff'], attempts: number, { reading, path }: RetryPlace): Backoff {
  if (written === undefined) return DEFAULT_BACKOFF;
  const { strategy: kind = 'exponential', base: baseMs = DEFAULT_BACKOFF.baseMs, multiplier } = written;
  const longestMs = kind === 'linear' ? baseMs * Math.max(1, attempts - 1) : baseMs;
  const maxMs = written.max ?? Math.max(DEFAULT_BACKOFF.maxMs, longestMs);
  if (maxMs < baseMs) {
    const message = 'the longest pause is shorter than the first';
    reading.error([...path, 'backoff', 'max'], { code: 'config.conflict', message });
  }
  if (kind === 'linear' && multiplier !== undefined) {
    const message = 'linear pauses have no multiplier';
    reading.warning([...path, 'backoff', 'multiplier'], { code: 'config.no-effect', message });
  }
  const jitter = toJitter(written.jitter, DEFAULT_BACKOFF.jitter);
  return { kind, baseMs, maxMs, multiplier: multiplier ?? DEFAULT_BACKOFF.multiplier, jitter };
}

function readBudget(written: Settings['budget'], { reading, path }: RetryPlace): RetryBudget | undefined {
  if (written === undefined) return DEFAULT_RETRY_BUDGET;
  if (written === false) return undefined;
  const ratio = written.percent === undefined ? DEFAULT_RETRY_BUDGET.ratio : Number.parseFloat(written.percent) / 100;
  const minPerSecond = written.min_per_second ?? DEFAULT_RETRY_BUDGET.minPerSecond;
  if (ratio === 0 && minPerSecond === 0) {
    const message = 'the budget allows no retry of anything that was sent';
    reading.warning([...path, 'budget'], { code: 'config.no-effect', message, mend: 'write "retry: false"' });
  }
  return { ratio, minPerSecond };
}

function fromSettings(written: Settings, kind: 'ai' | 'plain', place: RetryPlace): Retry {
  const { attempts = WRITTEN_ATTEMPTS, on = usualConditions(kind) } = written;
  if (attempts === 1 && Object.keys(written).length > 1) {
    const message = 'one attempt is no retry: the other keys have no effect';
    place.reading.warning([...place.path, 'attempts'], { code: 'config.no-effect', message, mend: 'write 2 or more' });
  }
  return {
    attempts,
    on: on.includes('connect-failure') ? on : ['connect-failure', ...on],
    repeatsEndpoint: true,
    backoff: readBackoff(written.backoff, attempts, place),
    perTryMs: written.per_try_timeout ?? 0,
    maxRetryAfterMs: written.max_retry_after ?? DEFAULT_RETRY.maxRetryAfterMs,
    repeatsUnsafe: written.non_idempotent ?? false,
    exclude: readExclude(written.exclude, { reading: place.reading, path: [...place.path, 'exclude'] }),
    budget: readBudget(written.budget, place),
  };
}

/** Undefined where nothing is written, and after errors. */
export function readRetry(written: Written | undefined, kind: 'ai' | 'plain', place: RetryPlace): Retry | undefined {
  if (written === undefined) return undefined;
  if (written === false) return NO_RETRY;
  if (typeof written !== 'string') return fromSettings(written, kind, place);
  const { reading, scope, path } = place;
  const named = scope.retryStrategies.get(written);
  if (named !== undefined) return named(kind);
  const names = [...scope.retryStrategies.keys()];
  const message = `retry_config has no strategy "${written}"`;
  reading.error(path, { code: 'config.undefined-strategy', message, ...nearestMend(written, names) });
  return undefined;
}
