// When a failed try is followed by another, as a route or a backend says it. Compiled by upstream/retry-policy.ts.

/**
 * What a try may have come to, in words for several outcomes at once; a status code stands for itself.
 * `connect-failure`: no connection, so nothing was sent. `reset`: the connection broke before the answer began or became
 * useful. `timeout`: no answer in time. `gateway-error`: 502, 503, 504. `retriable`: what official AI clients try again, 408,
 * 409, 425, 429 and 5xx. `refused`: this target will not, another may: 401, 402, 403, 404, 429, quota, context window, unknown model.
 */
export type RetryCondition = (typeof RETRY_CONDITIONS)[number];

export const RETRY_CONDITIONS = [
  'connect-failure',
  'reset',
  'timeout',
  '5xx',
  'gateway-error',
  'retriable',
  'refused',
] as const;

/** `full`: anything from nothing to the pause. `equal`: half of it at least. `decorrelated`: by the pause before. */
export type Jitter = (typeof JITTERS)[number];

export const JITTERS = ['none', 'full', 'equal', 'decorrelated'] as const;

/** Pause before the next try. */
export interface Backoff {
  /** `exponential`: base, base × multiplier, … `linear`: base, 2 × base, 3 × base, … */
  readonly kind: 'exponential' | 'linear';
  readonly baseMs: number;
  readonly maxMs: number;
  /** Exponential only. */
  readonly multiplier: number;
  readonly jitter: Jitter;
}

/** Retries of requests that may have reached an endpoint, over the last 10 s and all threads. */
export interface RetryBudget {
  /** Retries for each request, such as 0.2. */
  readonly ratio: number;
  /** Allowed whatever the traffic. */
  readonly minPerSecond: number;
}

export interface Retry {
  /** Tries of one request, the first included; 1 = no retry. */
  readonly attempts: number;
  readonly on: readonly (RetryCondition | number)[];
  /** Whether an endpoint may be tried once more when every other was. False = only endpoints not tried yet. */
  readonly repeatsEndpoint: boolean;
  readonly backoff: Backoff;
  /** From dispatch to the first useful byte of one try; 0 = none. */
  readonly perTryMs: number;
  /** A `Retry-After` up to this is waited for where no other endpoint is left; a longer one ends the tries. */
  readonly maxRetryAfterMs: number;
  /** Also repeats what may have run already and is neither idempotent nor an AI completion. */
  readonly repeatsUnsafe: boolean;
  /** Never retried, whatever else is said. */
  readonly exclude: {
    readonly methods: readonly string[];
    /** As in `match`: exact, or `/a/*` for `/a` and everything below it. */
    readonly paths: readonly string[];
  };
  /** Undefined = without limit. */
  readonly budget: RetryBudget | undefined;
}
