// The further tries of one exchange, made when its first try fails or is not let through: asks the decision function, finds the
// next candidate that breakers admit, keeps the pause and what to answer in the end. One timer, on the thread's wheel.
import type { Deadline } from '../base/deadline-wheel.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { problem, problemUntil, type Reply } from '../pipeline/reply.ts';
import type { RetryAllowance } from '../state/retry-budget.ts';
import {
  type AttemptOutcome,
  type AttemptSituation,
  decideNext,
  type OutcomeClass,
  pauseBefore,
} from '../upstream/attempt.ts';
import { NO_RESULT } from '../upstream/attempt-result.ts';
import { BACKEND_REFUSED } from '../upstream/breaker.ts';
import type { RetryPolicy } from '../upstream/retry-policy.ts';
import { headerId } from '../wire/known-headers.ts';
import { isIdempotent, isSafe } from '../wire/method.ts';
import type { AiExchange } from './ai-exchange.ts';
import type { SavedAnswer } from './attempt-outcome.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { EndpointSet } from './endpoint-set.ts';
import type { PlanTarget, TargetPlan } from './plan.ts';
import { closeSiblings, fallbackClassOf, isOtherKey, nextInLane, ROTATED } from './routing/after-refusal.ts';
import type { ThreadResources } from './thread-resources.ts';

const ID_IDEMPOTENCY_KEY = headerId('idempotency-key');

/** What the timer is for. `token`: the first useful part of a stream. `refusal`: the rest of an answer that will not be relayed. */
export type RetryTimer = 'pause' | 'try' | 'token' | 'refusal';

/** `hedge`: it runs beside the try under way. */
export type TryPurpose = 'retry' | 'hedge';

export interface RetryOwner {
  onRetryTimer(timer: RetryTimer): void;
  /** The endpoint that is asked at the target, of those without `hasTried`; -1 = none is left. */
  pickAt(target: PlanTarget): number;
  /** Whether its backend has room for this exchange, kept for it until it is asked there or `dropReserved`. */
  reserve(target: PlanTarget, purpose: TryPurpose): boolean;
  dropReserved(): void;
}

export interface RetryParts {
  readonly exchange: Exchange;
  readonly plan: TargetPlan;
  /** Who answers reads for a backend whose breaker is open. */
  readonly replicas: ReadonlyMap<CompiledBackend, TargetPlan>;
  readonly ai: AiExchange | undefined;
  /** Limit of the whole exchange, 0 = none. */
  readonly totalMs: number;
}

/** The try that failed. */
export interface FailedTry {
  readonly target: PlanTarget;
  /** What its endpoint was chosen from. */
  readonly set: EndpointSet;
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
      isIdempotent(exchange.method) ||
      ai?.isRepeatable === true ||
      exchange.headers.getKnown(ID_IDEMPOTENCY_KEY) !== undefined,
  };
}

/** Whether a request may be at two endpoints at the same time; explanations ask the same. */
export function mayRunTwice(parts: Pick<RetryParts, 'exchange' | 'ai'>, policy: RetryPolicy): boolean {
  const { isExcluded, hasWholeBody, isRepeatable } = situationOf(parts, policy, 0);
  return !isExcluded && hasWholeBody && !parts.exchange.isUpgrade && (isRepeatable || policy.repeatsUnsafe);
}

function whyRefused({ name, set }: CompiledBackend, wallMs: number): Reply {
  if (set.isUnhealthy()) return problem('upstream.unhealthy', `every endpoint of ${name} fails its health checks`);
  if (set.isShut(wallMs)) {
    const detail = `the circuit breaker of ${name} is open`;
    return problemUntil('upstream.circuit-open', detail, set.guard?.opensForMs(wallMs) ?? 0);
  }
  const detail = `endpoints of ${name} fail their health checks, and the others take no connections`;
  return problem('upstream.unhealthy', detail);
}

function whyNobody(unresolved: CompiledBackend | undefined): Reply {
  if (unresolved === undefined) return problem('route.no-target', 'no target has a positive weight');
  return problem('upstream.dns-failed', `the name ${unresolved.hostName ?? ''} has no address`);
}

export class RetryRun implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  /** The candidate found last. */
  target: PlanTarget | undefined;
  endpointIndex = -1;
  /** What its endpoint was chosen from. */
  set: EndpointSet | undefined;
  /** What its breakers gave for it and hear of its outcome; 0 = nothing is owed to them (upstream/breaker.ts). */
  private admission = 0;
  /** The first backend whose breaker or health checks kept the request out. */
  private refusedBy: CompiledBackend | undefined;
  /** The first backend that had no place for the request. */
  private fullAt: CompiledBackend | undefined;
  /** Another try would have followed, but no candidate was left. */
  private isSpent = false;
  /** Who is asked instead of the plan's targets, after a refusal of a class that has its own. */
  private lane: readonly PlanTarget[] | undefined;
  /** Before it is asked. */
  pauseMs = 0;
  /** The last answer an endpoint gave. */
  saved: SavedAnswer | undefined;
  private readonly resources: ThreadResources;
  private readonly parts: RetryParts;
  private readonly owner: RetryOwner;
  private timer: RetryTimer = 'pause';
  private isFresh = true;
  private purpose: TryPurpose = 'retry';
  private triedTargets = new Set<PlanTarget>();
  /** Indexes in `triedIn`. */
  private triedEndpoints = new Set<number>();
  private triedIn: EndpointSet | undefined;
  /** The first backend whose name has no address. */
  private unresolved: CompiledBackend | undefined;

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
    this.giveBack();
    const wallMs = this.resources.wallMs();
    this.lane = this.parts.plan.lane(fallbackClassOf(outcome.refusal)) ?? this.lane;
    if (this.parts.plan.isRouted) closeSiblings(this.triedTargets, this.parts.plan, failed.target, outcome);
    this.isSpent = !this.choose(failed, step.scope, wallMs);
    if (this.isSpent) return false;
    const pauseMs = this.pauseFor(failed, step.outcomeClass, outcome);
    const { retries } = failed.target.backend;
    // An endpoint that took nothing costs its pool nothing: only the rest is load that a budget must bound.
    const isFree = step.outcomeClass === 'never-sent' && this.isFresh;
    if (pauseMs < 0 || !(isFree || retries.take(policy.budget, wallMs))) {
      this.giveBack();
      return false;
    }
    retries.metrics.retried(step.reason);
    this.pauseMs = pauseMs;
    return true;
  }

  private pauseFor(failed: FailedTry, outcomeClass: OutcomeClass, { status, retryAfterMs }: AttemptOutcome): number {
    const { totalMs, exchange } = this.parts;
    const remainingMs =
      totalMs === 0 ? Number.POSITIVE_INFINITY : exchange.startedAtMs + totalMs - this.resources.nowMs();
    const state = { retry: failed.attempts, previousMs: this.pauseMs, isFresh: this.isFresh, remainingMs };
    // Another key of the provider that is at its limit: at once would be a burst.
    const isRotated = status === 429 && isOtherKey(failed.target, this.target);
    const step = isRotated ? ROTATED : { outcomeClass, retryAfterMs };
    return pauseBefore(failed.target.retry, step, state, this.resources.random);
  }

  /** Another endpoint of the same target, then the next target by plan, then, where the policy says so, all of them again. */
  private choose({ target, set, endpointIndex }: FailedTry, scope: 'endpoint' | 'target', wallMs: number): boolean {
    if (scope === 'endpoint') {
      this.markTried(set, endpointIndex);
      if (this.pick(target, wallMs)) return true;
    }
    this.triedTargets.add(target);
    if (this.chooseTarget(wallMs)) return true;
    if (scope === 'target' || !target.retry.repeatsEndpoint) return false;
    this.isFresh = false;
    this.triedTargets.clear();
    return this.chooseTarget(wallMs);
  }

  /** The candidate of the first try, when the first target had no endpoint for it or its breakers said no (`admission`). */
  chooseFirst(target: PlanTarget, endpointIndex: number, admission: number): boolean {
    const wallMs = this.resources.wallMs();
    const { backend } = target;
    if (endpointIndex !== -1) this.refusedBy = backend;
    else if (backend.set.endpoints.length === 0) this.unresolved = backend;
    if (endpointIndex !== -1 && admission !== BACKEND_REFUSED) {
      this.markTried(backend.set, endpointIndex);
      if (this.pick(target, wallMs)) return true;
    }
    this.triedTargets.add(target);
    return this.chooseTarget(wallMs);
  }

  /** Whether another try may follow one with this outcome, however many there were: one is under way already. */
  wouldMove({ retry }: PlanTarget, outcome: AttemptOutcome): boolean {
    return decideNext(retry, outcome, situationOf(this.parts, retry, 0)).kind === 'retry';
  }

  /** Another candidate for a try beside the one at `target`, which goes on; never the same endpoint. */
  chooseHedge({ target, set, endpointIndex }: Omit<FailedTry, 'attempts'>, budget: RetryAllowance): boolean {
    const wallMs = this.resources.wallMs();
    this.purpose = 'hedge';
    this.markTried(set, endpointIndex);
    let isFound = this.pick(target, wallMs);
    if (!isFound) {
      this.triedTargets.add(target);
      isFound = this.chooseTarget(wallMs);
    }
    this.purpose = 'retry';
    if (!isFound) return false;
    if (target.backend.retries.take(budget, wallMs)) return true;
    this.giveBack();
    return false;
  }

  /** The candidate of the first try, when the first target had no place for it. */
  chooseAfterShed(target: PlanTarget, wallMs: number): boolean {
    this.fullAt = target.backend;
    this.triedTargets.add(target);
    return this.chooseTarget(wallMs);
  }

  /** The candidate after a target that cannot be asked this at all: no try, so no budget. */
  skipTarget(target: PlanTarget): boolean {
    this.triedTargets.add(target);
    return this.chooseTarget(this.resources.wallMs());
  }

  /** The endpoint is no candidate any more. */
  markTried(set: EndpointSet, index: number): void {
    if (this.triedIn !== set) this.triedEndpoints.clear();
    this.triedIn = set;
    this.triedEndpoints.add(index);
  }

  /** The next target that has an endpoint; behind all of them the replicas of a backend that its breaker keeps out. */
  private chooseTarget(wallMs: number): boolean {
    const { triedTargets } = this;
    for (;;) {
      const { lane } = this;
      const target =
        lane === undefined
          ? (this.parts.plan.next(triedTargets, wallMs) ?? this.replicas()?.next(triedTargets, wallMs))
          : nextInLane(lane, triedTargets, wallMs);
      if (target === undefined) return false;
      this.triedEndpoints.clear();
      if (this.pick(target, wallMs)) return true;
      triedTargets.add(target);
    }
  }

  private replicas(): TargetPlan | undefined {
    const { refusedBy, parts } = this;
    return refusedBy !== undefined && isSafe(parts.exchange.method) ? parts.replicas.get(refusedBy) : undefined;
  }

  /** Makes an endpoint of the target the candidate, admitted by its breakers; false when none is left for this exchange. */
  private pick(target: PlanTarget, wallMs: number): boolean {
    const { backend } = target;
    const { set } = backend;
    const { triedEndpoints } = this;
    // Endpoints came and went meanwhile: what was tried has other places now, if any.
    if (this.triedIn !== set) triedEndpoints.clear();
    this.triedIn = set;
    for (;;) {
      const index = this.owner.pickAt(target);
      if (index === -1 || (triedEndpoints.size > 0 && !set.isUsable(wallMs))) {
        if (set.endpoints.length === 0) this.unresolved ??= backend;
        return false;
      }
      const admission = set.admit(index, wallMs);
      if (admission > 0 && !this.owner.reserve(target, this.purpose)) {
        set.settle(admission, NO_RESULT, wallMs);
        this.fullAt ??= backend;
        return false;
      }
      if (admission > 0) {
        this.target = target;
        this.set = set;
        this.endpointIndex = index;
        this.admission = admission;
        return true;
      }
      this.refusedBy ??= backend;
      if (admission === BACKEND_REFUSED) return false;
      triedEndpoints.add(index);
    }
  }

  /** The candidate is asked now: its admission is the caller's to settle. */
  takeAdmission(): number {
    const { admission } = this;
    this.admission = 0;
    return admission;
  }

  /** The candidate is not asked after all. */
  private giveBack(): void {
    this.owner.dropReserved();
    const admission = this.takeAdmission();
    if (admission > 0) this.set?.settle(admission, NO_RESULT, this.resources.wallMs());
  }

  /** What a backend that kept a candidate out answers instead; undefined = the error. */
  fallback(): Reply | undefined {
    return this.isSpent ? this.refusedBy?.fallback?.(this.parts.exchange) : undefined;
  }

  /** No endpoint could be asked even once. */
  insteadOfAll(): Reply {
    const { refusedBy, fullAt } = this;
    const fallback = refusedBy?.fallback?.(this.parts.exchange);
    if (fallback !== undefined) return fallback;
    if (fullAt !== undefined)
      return problem('upstream.overloaded', `${fullAt.name} has as many requests as it can take`);
    return refusedBy === undefined ? whyNobody(this.unresolved) : whyRefused(refusedBy, this.resources.wallMs());
  }

  /** At the target of the last pick. */
  hasTried(index: number): boolean {
    return this.triedEndpoints.has(index);
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
    this.giveBack();
    this.resources.wheel.disarm(this);
  }

  onDeadline(): void {
    this.owner.onRetryTimer(this.timer);
  }
}
