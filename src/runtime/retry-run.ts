// The further tries of one exchange, made when its first try fails: asks the decision function, finds the next candidate, keeps
// the pause and what to relay in the end. One timer for pauses and limits of a single try, on the thread's wheel.
import type { Deadline } from '../base/deadline-wheel.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import {
  type AttemptOutcome,
  type AttemptSituation,
  decideNext,
  type OutcomeClass,
  pauseBefore,
} from '../upstream/attempt.ts';
import type { RetryPolicy } from '../upstream/retry-policy.ts';
import { headerId } from '../wire/known-headers.ts';
import type { AiExchange } from './ai-exchange.ts';
import type { SavedAnswer } from './attempt-outcome.ts';
import type { PlanTarget, TargetPlan } from './plan.ts';
import type { ThreadResources } from './thread-resources.ts';

/** RFC 9110 §9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const ID_IDEMPOTENCY_KEY = headerId('idempotency-key');

/** What the timer is for. `refusal`: the rest of an answer that will not be relayed. */
export type RetryTimer = 'pause' | 'try' | 'refusal';

export interface RetryOwner {
  onRetryTimer(timer: RetryTimer): void;
}

export interface RetryParts {
  readonly exchange: Exchange;
  readonly plan: TargetPlan;
  readonly ai: AiExchange | undefined;
  /** Limit of the whole exchange, 0 = none. */
  readonly totalMs: number;
}

/** The try that failed. */
export interface FailedTry {
  readonly target: PlanTarget;
  readonly endpointIndex: number;
  /** Tries made, this one included. */
  readonly attempts: number;
}

/** Facts of a request that decide what may follow a failed try; explanations ask the same. */
export function situationOf(
  { exchange, ai }: Pick<RetryParts, 'exchange' | 'ai'>,
  policy: RetryPolicy,
  attempts: number,
): AttemptSituation {
  return {
    attempts,
    isExcluded: policy.excludes(exchange.method, exchange.clientPath),
    hasWholeBody: exchange.body.whole !== undefined,
    isRepeatable:
      IDEMPOTENT.has(exchange.method) ||
      ai?.isRepeatable === true ||
      exchange.headers.getKnown(ID_IDEMPOTENCY_KEY) !== undefined,
  };
}

export class RetryRun implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  /** The candidate found last. */
  target: PlanTarget | undefined;
  endpointIndex = -1;
  /** Before it is asked. */
  pauseMs = 0;
  /** The last answer an endpoint gave. */
  saved: SavedAnswer | undefined;
  private readonly resources: ThreadResources;
  private readonly parts: RetryParts;
  private readonly owner: RetryOwner;
  private timer: RetryTimer = 'pause';
  private isFresh = true;
  private triedTargets = new Set<PlanTarget>();
  private triedEndpoints = new Set<number>();

  constructor(resources: ThreadResources, parts: RetryParts, owner: RetryOwner) {
    this.resources = resources;
    this.parts = parts;
    this.owner = owner;
  }

  /** Whether another try follows; its candidate and pause are then here. */
  findNext(failed: FailedTry, outcome: AttemptOutcome): boolean {
    const policy = failed.target.retry;
    const step = decideNext(policy, outcome, situationOf(this.parts, policy, failed.attempts));
    if (step.kind === 'stop') return false;
    const wallMs = this.resources.wallMs();
    if (!this.choose(failed, step.scope, wallMs)) return false;
    const pauseMs = this.pauseFor(failed, step.outcomeClass, outcome.retryAfterMs);
    if (pauseMs < 0) return false;
    const { retries } = failed.target.backend;
    // An endpoint that took nothing costs its pool nothing: only the rest is load that a budget must bound.
    const isFree = step.outcomeClass === 'never-sent' && this.isFresh;
    if (!isFree && !retries.take(policy.budget, wallMs)) return false;
    retries.metrics.retried(step.reason);
    this.pauseMs = pauseMs;
    return true;
  }

  private pauseFor(failed: FailedTry, outcomeClass: OutcomeClass, retryAfterMs: number): number {
    const { totalMs, exchange } = this.parts;
    const remainingMs =
      totalMs === 0 ? Number.POSITIVE_INFINITY : exchange.startedAtMs + totalMs - this.resources.nowMs();
    const state = { retry: failed.attempts, previousMs: this.pauseMs, isFresh: this.isFresh, remainingMs };
    return pauseBefore(failed.target.retry, { outcomeClass, retryAfterMs }, state, this.resources.random);
  }

  /** Another endpoint of the same target, then the next target by plan, then, where the policy says so, all of them again. */
  private choose({ target, endpointIndex }: FailedTry, scope: 'endpoint' | 'target', wallMs: number): boolean {
    if (scope === 'endpoint') {
      this.triedEndpoints.add(endpointIndex);
      const index = target.backend.balancer.pick(this.triedEndpoints);
      if (index !== -1 && target.backend.isUsable(wallMs)) return this.take(target, index);
    }
    this.triedTargets.add(target);
    if (this.chooseTarget(wallMs)) return true;
    if (scope === 'target' || !target.retry.repeatsEndpoint) return false;
    this.isFresh = false;
    this.triedTargets.clear();
    return this.chooseTarget(wallMs);
  }

  /** The next target that has an endpoint. Also for the first try, when the first target has none. */
  chooseTarget(wallMs: number): boolean {
    const { plan } = this.parts;
    this.triedEndpoints.clear();
    for (;;) {
      const target = plan.next(this.triedTargets, wallMs);
      if (target === undefined) return false;
      const index = target.backend.balancer.pick(undefined);
      if (index !== -1) return this.take(target, index);
      this.triedTargets.add(target);
    }
  }

  private take(target: PlanTarget, index: number): true {
    this.target = target;
    this.endpointIndex = index;
    return true;
  }

  setTimer(timer: RetryTimer, afterMs: number): void {
    this.timer = timer;
    this.resources.wheel.set(this, this.resources.nowMs() + afterMs);
  }

  /** The try got as far as its timer was for; another may be set. */
  clearTimer(): void {
    this.deadlineMs = 0;
  }

  /** The exchange is over. */
  end(): void {
    this.resources.wheel.disarm(this);
  }

  onDeadline(): void {
    this.owner.onRetryTimer(this.timer);
  }
}
