// A route's or backend's retry settings ready for traffic: asked only after a try failed, by upstream/attempt.ts.
import { Glob } from '../base/glob.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Backoff, Retry, RetryBudget, RetryCondition } from '../model/retry.ts';

const STATUSES = 600;

/** Status codes a condition stands for. */
const STATUSES_OF: Readonly<Partial<Record<RetryCondition, readonly number[]>>> = {
  '5xx': Array.from({ length: 100 }, (_, index) => 500 + index),
  'gateway-error': [502, 503, 504],
  retriable: [408, 409, 425, 429, ...Array.from({ length: 100 }, (_, index) => 500 + index)],
  refused: [401, 402, 403, 404, 429],
};

/** The condition a failure without an answer falls under; undefined = never tried again. */
const CONDITION_OF: Readonly<Partial<Record<ErrorCode, RetryCondition>>> = {
  'upstream.connect-failed': 'connect-failure',
  'upstream.connect-timeout': 'connect-failure',
  'upstream.tls-failed': 'connect-failure',
  'upstream.certificate-refused': 'connect-failure',
  'upstream.dns-failed': 'connect-failure',
  'upstream.connection-limit': 'connect-failure',
  'upstream.reset': 'reset',
  'upstream.bad-response': 'reset',
  'upstream.cut': 'reset',
  'upstream.in-band-error': 'reset',
  'upstream.first-byte-timeout': 'timeout',
  'upstream.first-token-timeout': 'timeout',
  'upstream.too-slow': 'timeout',
  'upstream.credential-failed': 'connect-failure',
  'upstream.idle-timeout': 'timeout',
};

/** The condition of a failure, the label of its metric too. */
export function conditionOf(code: ErrorCode): RetryCondition | undefined {
  return CONDITION_OF[code];
}

type PathTest = (path: string) => boolean;

/** `/a/*` takes `/a` and all below it, as in routes; other stars as in globs. */
function pathTest(pattern: string): PathTest {
  if (!/^[^*]*\/\*$/.test(pattern)) {
    const glob = new Glob(pattern);
    return (path) => glob.matches(path);
  }
  const prefix = pattern.slice(0, -2).replace(/\/+$/, '');
  return (path) => path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

export class RetryPolicy {
  readonly attempts: number;
  readonly repeatsEndpoint: boolean;
  readonly repeatsUnsafe: boolean;
  readonly backoff: Backoff;
  readonly perTryMs: number;
  readonly maxRetryAfterMs: number;
  readonly budget: RetryBudget | undefined;
  private readonly conditions: ReadonlySet<RetryCondition>;
  private readonly statuses = new Uint8Array(STATUSES);
  private readonly excludedMethods: ReadonlySet<string>;
  private readonly excludedPaths: readonly PathTest[];

  constructor(retry: Retry) {
    this.attempts = retry.attempts;
    this.repeatsEndpoint = retry.repeatsEndpoint;
    this.repeatsUnsafe = retry.repeatsUnsafe;
    this.backoff = retry.backoff;
    this.perTryMs = retry.perTryMs;
    this.maxRetryAfterMs = retry.maxRetryAfterMs;
    this.budget = retry.budget;
    const conditions = new Set<RetryCondition>();
    for (const item of retry.on) {
      if (typeof item !== 'number') conditions.add(item);
      for (const status of typeof item === 'number' ? [item] : (STATUSES_OF[item] ?? [])) this.statuses[status] = 1;
    }
    this.conditions = conditions;
    this.excludedMethods = new Set(retry.exclude.methods);
    this.excludedPaths = retry.exclude.paths.map(pathTest);
  }

  /** The author excluded such requests. `path` is what the client asked for, before any rewrite. */
  excludes(method: string, path: string): boolean {
    return this.excludedMethods.has(method) || this.excludedPaths.some((matches) => matches(path));
  }

  takesStatus(status: number): boolean {
    return this.statuses[status] === 1;
  }

  takesFailure(code: ErrorCode): boolean {
    const condition = CONDITION_OF[code];
    return condition !== undefined && this.conditions.has(condition);
  }

  /** Refusals told in the body of an answer count. */
  get takesRefusals(): boolean {
    return this.conditions.has('refused');
  }

  /** Whether only the body of an answer with this status can say if another target may do better. */
  asksBody(status: number): boolean {
    return (status === 400 || status === 413 || status === 422) && this.takesRefusals && !this.takesStatus(status);
  }
}
