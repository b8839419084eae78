// What follows a failed try: the one decision function behind live traffic (runtime/forward.ts) and explanations. Pure.
import type { ErrorCode } from '../errors/codes.ts';
import type { Refusal } from '../llm/refusal.ts';
import { pauseMs, plainPauseMs } from './backoff.ts';
import { conditionOf, type RetryPolicy } from './retry-policy.ts';

/** What a try came to. Either `status` or `code` says it. */
export interface AttemptOutcome {
  /** 0 = no answer. */
  readonly status: number;
  readonly code: ErrorCode | undefined;
  /** Not one byte of the request can have been acted upon. */
  readonly neverSent: boolean;
  /** -1 = the answer does not say. */
  readonly retryAfterMs: number;
  /** Learned from the body of the answer, where that was read. */
  readonly refusal: Refusal | undefined;
}

/** The request and how far it got. */
export interface AttemptSituation {
  /** Tries made. */
  readonly attempts: number;
  readonly isExcluded: boolean;
  /** The body can be sent once more: all of it is in memory. */
  readonly hasWholeBody: boolean;
  /** Running it twice does no harm: an idempotent method, an Idempotency-Key, or an AI completion. */
  readonly isRepeatable: boolean;
}

/** `refused-here`: by this target alone. `refused-everywhere`: the client's own mistake. */
export type OutcomeClass = 'never-sent' | 'may-have-run' | 'refused-here' | 'refused-everywhere';

export type StopReason = 'excluded' | 'attempts' | 'condition' | 'body' | 'unsafe';

export type NextStep =
  | { readonly kind: 'stop'; readonly because: StopReason }
  | {
      readonly kind: 'retry';
      /** For the metric: a condition or a status code. */
      readonly reason: string;
      readonly outcomeClass: OutcomeClass;
      /** `target`: all endpoints of this one would say the same. */
      readonly scope: 'endpoint' | 'target';
    };

/** 421 and 425 say that nothing was done; the others refuse before any work. */
const REFUSED_HERE: ReadonlySet<number> = new Set([401, 402, 403, 404, 421, 425, 429]);
/** What hangs on the key or the model, which the endpoints of a backend share. A 429 may be one endpoint's own load. */
const SHARED_BY_TARGET: ReadonlySet<number> = new Set([401, 402, 403, 404]);

export function classOf(outcome: AttemptOutcome): OutcomeClass {
  if (outcome.neverSent) return 'never-sent';
  if (outcome.refusal !== undefined || REFUSED_HERE.has(outcome.status)) return 'refused-here';
  return outcome.status >= 400 && outcome.status < 500 && outcome.status !== 408 && outcome.status !== 409
    ? 'refused-everywhere'
    : 'may-have-run';
}

function isCondition(policy: RetryPolicy, { status, code, refusal }: AttemptOutcome): boolean {
  if (code !== undefined) return policy.takesFailure(code);
  return policy.takesStatus(status) || (refusal !== undefined && policy.takesRefusals);
}

/** `exclude` wins over everything, a request that was never sent is safe for every method, one that may have run is not. */
export function decideNext(policy: RetryPolicy, outcome: AttemptOutcome, situation: AttemptSituation): NextStep {
  if (situation.isExcluded) return { kind: 'stop', because: 'excluded' };
  if (situation.attempts >= policy.attempts) return { kind: 'stop', because: 'attempts' };
  if (!isCondition(policy, outcome)) return { kind: 'stop', because: 'condition' };
  const outcomeClass = classOf(outcome);
  if (outcomeClass !== 'never-sent' && !situation.hasWholeBody) return { kind: 'stop', because: 'body' };
  if (outcomeClass === 'may-have-run' && !situation.isRepeatable && !policy.repeatsUnsafe)
    return { kind: 'stop', because: 'unsafe' };
  const reason = outcome.code === undefined ? String(outcome.status) : (conditionOf(outcome.code) ?? 'other');
  const isShared = outcome.refusal !== undefined || SHARED_BY_TARGET.has(outcome.status);
  return { kind: 'retry', reason, outcomeClass, scope: isShared ? 'target' : 'endpoint' };
}

/** Where the next try would go, and what pauses there were. */
export interface PauseState {
  /** 1 = before the first retry. */
  readonly retry: number;
  readonly previousMs: number;
  /** The endpoint was not tried in this exchange. */
  readonly isFresh: boolean;
  /** Until the limit of the whole exchange; Infinity without one. */
  readonly remainingMs: number;
}

/**
 * Milliseconds before the next try, or -1 when it would come too late. A fresh endpoint knows nothing of a `Retry-After`, nor of
 * a connection that failed elsewhere; the same one is given the time it asks for.
 */
export function pauseBefore(
  policy: RetryPolicy,
  step: { readonly outcomeClass: OutcomeClass; readonly retryAfterMs: number },
  state: PauseState,
  random: () => number,
): number {
  if (state.isFresh && step.outcomeClass !== 'may-have-run') return 0;
  let waitMs = pauseMs(policy.backoff, state, random);
  if (!state.isFresh && step.retryAfterMs >= 0) {
    if (step.retryAfterMs > policy.maxRetryAfterMs) return -1;
    waitMs = Math.max(waitMs, step.retryAfterMs);
  }
  return waitMs < state.remainingMs ? waitMs : -1;
}

/** The pauses of a policy as a person reads them. */
export function describePauses({ backoff, attempts }: RetryPolicy): string {
  const pauses = Array.from({ length: Math.min(attempts - 1, 4) }, (_, index) => plainPauseMs(backoff, index + 1));
  const jitter = backoff.jitter === 'none' ? 'no jitter' : `${backoff.jitter} jitter`;
  return `${pauses.join(', ')} ms${attempts > 5 ? ' …' : ''}, ${jitter}`;
}
