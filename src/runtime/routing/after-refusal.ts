// What a refusal says of the other candidates of a plan that a router made: which are out with it, and who is asked instead.
import type { FallbackClass } from '../../base/routing-strategy.ts';
import type { Refusal } from '../../llm/refusal.ts';
import type { AttemptOutcome, OutcomeClass } from '../../upstream/attempt.ts';
import { isTargetUsable, type PlanTarget, type TargetPlan } from '../plan.ts';

/** A pause as after a failure, whatever the answer asked for: it spoke of another key. */
export const ROTATED: { readonly outcomeClass: OutcomeClass; readonly retryAfterMs: number } = {
  outcomeClass: 'may-have-run',
  retryAfterMs: -1,
};

export function fallbackClassOf(refusal: Refusal | undefined): FallbackClass | undefined {
  if (refusal === 'context-window') return 'contextWindow';
  return refusal === 'content-policy' ? 'contentPolicy' : undefined;
}

export function isOtherKey(before: PlanTarget, after: PlanTarget | undefined): boolean {
  return after !== undefined && after.backend !== before.backend && after.backend.name === before.backend.name;
}

export function nextInLane(
  lane: readonly PlanTarget[],
  tried: ReadonlySet<PlanTarget>,
  wallMs: number,
): PlanTarget | undefined {
  const fresh = lane.filter((target) => !tried.has(target));
  return fresh.find((target) => isTargetUsable(target, wallMs)) ?? fresh[0];
}

/** Statuses and refusals that speak of a key: others of the provider may do better. */
function isOfKey({ status, refusal }: AttemptOutcome): boolean {
  return [401, 402, 403, 429].includes(status) || refusal === 'credential' || refusal === 'quota';
}

/**
 * A refused key is dead for the request, whatever the model; any other failure is the same with every key of its provider. The
 * target that failed is not touched: the caller may have another endpoint for it.
 */
export function closeSiblings(
  tried: Set<PlanTarget>,
  { targets }: TargetPlan,
  failed: PlanTarget,
  outcome: AttemptOutcome,
): void {
  const ofKey = isOfKey(outcome);
  for (const target of targets) {
    const { backend } = target;
    const isOut = ofKey
      ? backend === failed.backend && failed.cooling?.blamesKey(outcome.status) === true
      : backend.name === failed.backend.name && target.model === failed.model;
    if (isOut && target !== failed) tried.add(target);
  }
}
