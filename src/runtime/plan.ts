// Which target comes next: weighted inside a tier, the next tier only when every target of this one is out or was tried.
// The same object answers live traffic and, through `candidates`, explanations.
import { SmoothWeights } from '../base/smooth-weights.ts';
import type { CallTimeouts } from '../upstream/client/upstream-call.ts';
import type { RetryPolicy } from '../upstream/retry-policy.ts';
import type { CompiledBackend } from './compiled-backend.ts';

export interface PlanTarget {
  readonly backend: CompiledBackend;
  readonly weight: number;
  readonly tier: number;
  /** Replaces the request's model; the backend's own override comes after it. */
  readonly model: string | undefined;
  /** The route's limits over the backend's. */
  readonly timeouts: CallTimeouts;
  /** The route's retries, else the backend's. */
  readonly retry: RetryPolicy;
}

interface Tier {
  readonly targets: readonly PlanTarget[];
  readonly weights: SmoothWeights;
}

export interface Candidate {
  readonly backend: string;
  readonly model: string | undefined;
  readonly because: string;
}

export class TargetPlan {
  readonly targets: readonly PlanTarget[];
  /** A request that failed at one endpoint may find another, or is tried again where it was. */
  readonly hasChoice: boolean;
  /** Its author asked for retries: small bodies are worth keeping for them. */
  readonly keepsBodies: boolean;
  /** The commonest plan by far. */
  private readonly only: PlanTarget | undefined;
  private readonly tiers: readonly Tier[];
  private wallMs = 0;
  private tried: ReadonlySet<PlanTarget> | undefined;
  private tier: Tier | undefined;
  private readonly isUsable = (index: number): boolean =>
    this.isFresh(index) && this.target(index).backend.isUsable(this.wallMs);
  private readonly isFresh = (index: number): boolean =>
    this.tried === undefined || !this.tried.has(this.target(index));

  constructor(targets: readonly PlanTarget[], random: () => number, tiers?: readonly Tier[]) {
    this.targets = targets;
    this.only = targets.length === 1 ? targets[0] : undefined;
    this.keepsBodies = targets.some(({ retry }) => retry.repeatsEndpoint);
    this.hasChoice = this.keepsBodies || targets.length > 1 || targets.some(({ backend }) => backend.hasChoice);
    this.tiers = tiers ?? groupByTier(targets, random);
  }

  private target(index: number): PlanTarget {
    // `tier` is set for the length of one `pick`.
    return (this.tier as Tier).targets[index];
  }

  /**
   * The next target for a request that already tried `tried`. When every target is marked down they are tried all the same:
   * a wrong mark must not turn into an outage. Undefined when all were tried, or no weight is positive.
   */
  next(tried: ReadonlySet<PlanTarget> | undefined, wallMs: number): PlanTarget | undefined {
    if (this.only !== undefined) return tried?.has(this.only) || this.only.weight <= 0 ? undefined : this.only;
    this.tried = tried;
    this.wallMs = wallMs;
    return this.pick(this.isUsable) ?? this.pick(this.isFresh);
  }

  /** What `next` would give now, without moving the counters. */
  peek(wallMs: number): PlanTarget | undefined {
    const tiers = this.tiers.map(({ targets, weights }) => ({ targets, weights: weights.clone() }));
    return new TargetPlan(this.targets, () => 0, tiers).next(undefined, wallMs);
  }

  private pick(eligible: (index: number) => boolean): PlanTarget | undefined {
    for (const tier of this.tiers) {
      this.tier = tier;
      const index = tier.weights.pick(eligible);
      if (index !== -1) return tier.targets[index];
    }
    return undefined;
  }

  /** Every target in the order it could be tried, with the reason, without moving the live counters. */
  candidates(wallMs: number): readonly Candidate[] {
    return this.targets
      .toSorted((a, b) => a.tier - b.tier || b.weight - a.weight)
      .map((target) => ({
        backend: target.backend.name,
        model: target.model ?? target.backend.provider?.model,
        because: this.reason(target, wallMs),
      }));
  }

  private reason(target: PlanTarget, wallMs: number): string {
    const total = this.targets.reduce((sum, other) => (other.tier === target.tier ? sum + other.weight : sum), 0);
    const share = total === 0 ? 0 : Math.round((target.weight / total) * 1000) / 10;
    const state = target.backend.whyOut(wallMs);
    if (target.weight <= 0) return `tier ${target.tier}, weight 0: never chosen`;
    return `tier ${target.tier}, ${share} % of its traffic${state}`;
  }
}

function groupByTier(targets: readonly PlanTarget[], random: () => number): readonly Tier[] {
  const numbers = [...new Set(targets.map((target) => target.tier))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const members = targets.filter((target) => target.tier === number);
    const shares = members.map((target) => target.weight);
    return { targets: members, weights: new SmoothWeights(shares, random) };
  });
}
