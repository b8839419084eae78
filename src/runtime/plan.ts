// Which target comes next: by weight or algorithm inside a tier, the next tier only when every target of this one is out or was
// tried. The same object answers live traffic and, through `candidates`, explanations.
import type { FallbackClass } from '../base/routing-strategy.ts';
import { SmoothWeights } from '../base/smooth-weights.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { CallTimeouts } from '../upstream/client/upstream-call.ts';
import type { RetryPolicy } from '../upstream/retry-policy.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { TargetCooling } from './routing/target-cooling.ts';
import { type BucketOf, SplitChoice } from './split-choice.ts';
import type { TargetChoice } from './target-choice.ts';

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
  /** Where a router chose it: why. */
  readonly why?: string;
  /** Where it may stand out for a while. */
  readonly cooling?: TargetCooling;
}

/** Its backend is, and it does not cool down. */
export function isTargetUsable({ backend, cooling }: PlanTarget, wallMs: number): boolean {
  return backend.isUsable(wallMs) && (cooling === undefined || !cooling.isOut(wallMs));
}

interface Tier {
  readonly targets: readonly PlanTarget[];
  readonly choice: TargetChoice;
}

/** How a plan differs from turns by weight. */
export interface PlanOrder {
  /** Name of the algorithm, and who chooses by it among the targets of one tier. */
  readonly algorithm?: { readonly name: string; choiceOf(targets: readonly PlanTarget[]): TargetChoice };
  /** A key of the request chooses first: its bucket, and where the buckets of each target of a tier end. */
  readonly split?: { readonly bucketOf: BucketOf; endsOf(weights: readonly number[]): readonly number[] };
  /** Who is asked after a failure, in this order; those not named come after them. */
  readonly failover?: readonly PlanTarget[];
  readonly lanes?: PlanLanes;
}

/** Who is asked after a refusal of the class, in this order, instead of the other targets. */
export type PlanLanes = Readonly<Record<FallbackClass, readonly PlanTarget[]>>;

export interface Candidate {
  readonly backend: string;
  readonly model: string | undefined;
  readonly because: string;
}

export class TargetPlan {
  readonly targets: readonly PlanTarget[];
  /** A request that failed at one endpoint may find another, or is tried again where it was. */
  readonly hasChoice: boolean;
  /** A router made it: targets of one backend differ by key or model. */
  readonly isRouted: boolean;
  /** Its author asked for retries: small bodies are worth keeping for them. */
  readonly keepsBodies: boolean;
  /** AI requests may go back to where they were served before (exchange-affinity.ts). */
  readonly isAffine: boolean;
  readonly isSplit: boolean;
  /** The commonest plan by far. */
  private readonly only: PlanTarget | undefined;
  private readonly tiers: readonly Tier[];
  private readonly order: PlanOrder;
  private wallMs = 0;
  private bucket = -1;
  private tried: ReadonlySet<PlanTarget> | undefined;
  private tier: Tier | undefined;
  private readonly isUsable = (index: number): boolean =>
    this.isFresh(index) && isTargetUsable(this.target(index), this.wallMs);
  private readonly isFresh = (index: number): boolean =>
    this.tried === undefined || !this.tried.has(this.target(index));

  constructor(targets: readonly PlanTarget[], random: () => number, order: PlanOrder = {}) {
    this.targets = targets;
    this.order = order;
    this.only = targets.length === 1 ? targets[0] : undefined;
    this.keepsBodies = targets.some(({ retry }) => retry.repeatsEndpoint);
    this.hasChoice =
      this.keepsBodies ||
      targets.length > 1 ||
      order.lanes !== undefined ||
      targets.some(({ backend }) => backend.hasChoice);
    this.isRouted = targets.some(({ cooling, why }) => cooling !== undefined || why !== undefined);
    const isAi = targets.some(({ backend }) => backend.provider !== undefined);
    this.isAffine = isAi && (targets.length > 1 || targets.some(({ backend }) => backend.hasChoice));
    this.isSplit = order.split !== undefined;
    this.tiers = groupByTier(targets, random, order);
  }

  private target(index: number): PlanTarget {
    // `tier` is set for the length of one `pick`.
    return (this.tier as Tier).targets[index];
  }

  /**
   * The next target for a request that already tried `tried`. When every target is marked down they are tried all the same:
   * a wrong mark must not turn into an outage. Undefined when all were tried, or no weight is positive.
   */
  next(tried: ReadonlySet<PlanTarget> | undefined, wallMs: number, bucket = -1): PlanTarget | undefined {
    if (this.only !== undefined) return tried?.has(this.only) || this.only.weight <= 0 ? undefined : this.only;
    this.tried = tried;
    this.wallMs = wallMs;
    this.bucket = bucket;
    const successor = tried === undefined ? undefined : this.successor(tried);
    return successor ?? this.pick(this.tiers, this.isUsable) ?? this.pick(this.tiers, this.isFresh);
  }

  /** The bucket of a request's key for `next`; -1 without a split, or without the key. */
  bucketOf(exchange: Exchange): number {
    return this.order.split === undefined ? -1 : this.order.split.bucketOf(exchange);
  }

  /** After a failure, where the order in which others are asked is written. */
  private successor(tried: ReadonlySet<PlanTarget>): PlanTarget | undefined {
    return this.order.failover?.find((target) => !tried.has(target) && isTargetUsable(target, this.wallMs));
  }

  /** When the first target that is at its limit may be asked again, where nobody may be asked now and waiting helps; else 0. */
  limitedUntilMs(wallMs: number): number {
    let first = 0;
    for (const target of this.targets) {
      if (isTargetUsable(target, wallMs)) return 0;
      const untilMs = target.cooling?.limitedUntilMs(wallMs) ?? 0;
      if (untilMs > 0 && (first === 0 || untilMs < first)) first = untilMs;
    }
    return first;
  }

  /** Undefined = as after any other failure. */
  lane(fallbackClass: FallbackClass | undefined): readonly PlanTarget[] | undefined {
    const lane = fallbackClass && this.order.lanes?.[fallbackClass];
    return lane === undefined || lane.length === 0 ? undefined : lane;
  }

  /** What `next` would give now for a new request, without moving the counters. */
  peek(wallMs: number, bucket = -1, tried?: ReadonlySet<PlanTarget>): PlanTarget | undefined {
    if (this.only !== undefined) return this.next(tried, wallMs);
    this.bucket = bucket;
    this.tried = tried;
    this.wallMs = wallMs;
    const copies = (): readonly Tier[] =>
      this.tiers.map(({ targets, choice }) => ({ targets, choice: choice.clone() }));
    return this.pick(copies(), this.isUsable) ?? this.pick(copies(), this.isFresh);
  }

  private pick(tiers: readonly Tier[], eligible: (index: number) => boolean): PlanTarget | undefined {
    for (const tier of tiers) {
      this.tier = tier;
      const index = tier.choice.pick(eligible, this.bucket);
      if (index !== -1) return tier.targets[index];
    }
    return undefined;
  }

  /** Every target in the order it could be tried, with the reason, without moving the live counters. */
  candidates(wallMs: number): readonly Candidate[] {
    return this.ordered().map((target) => ({
      backend: target.backend.name,
      model: target.model ?? target.backend.provider?.model,
      because: this.reason(target, wallMs),
    }));
  }

  /** As `candidates` lists them. */
  ordered(): readonly PlanTarget[] {
    return this.targets.toSorted((a, b) => a.tier - b.tier || b.weight - a.weight);
  }

  private reason(target: PlanTarget, wallMs: number): string {
    const total = this.targets.reduce((sum, other) => (other.tier === target.tier ? sum + other.weight : sum), 0);
    const share = total === 0 ? 0 : Math.round((target.weight / total) * 1000) / 10;
    const state = `${target.backend.whyOut(wallMs)}${target.cooling?.whyOut(wallMs) ?? ''}`;
    if (target.weight <= 0) return `tier ${target.tier}, weight 0: never chosen`;
    const { algorithm, failover } = this.order;
    const how =
      algorithm === undefined ? `${share} % of its traffic` : `chosen by ${algorithm.name}, ${share} % of the weight`;
    const split = this.splitReason(target);
    const place = (failover?.indexOf(target) ?? -1) + 1;
    const successor = place === 0 ? '' : `, number ${place} of those asked after a failure`;
    const why = target.why === undefined || target.why === '' ? '' : `${target.why}; `;
    return `${why}tier ${target.tier}, ${how}${split}${successor}${state}`;
  }

  private splitReason(target: PlanTarget): string {
    const { split } = this.order;
    const members = this.targets.filter(({ tier }) => tier === target.tier);
    if (split === undefined || members.length < 2) return '';
    const ends = split.endsOf(members.map(({ weight }) => weight));
    const index = members.indexOf(target);
    const start = index === 0 ? 0 : ends[index - 1];
    return start === ends[index] ? ', no bucket of the split' : `, buckets ${start} to ${ends[index] - 1} of the split`;
  }
}

function groupByTier(
  targets: readonly PlanTarget[],
  random: () => number,
  { algorithm, split }: PlanOrder,
): readonly Tier[] {
  const numbers = [...new Set(targets.map((target) => target.tier))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const members = targets.filter((target) => target.tier === number);
    const shares = members.map((target) => target.weight);
    const turns = algorithm?.choiceOf(members) ?? new SmoothWeights(shares, random);
    return { targets: members, choice: split === undefined ? turns : new SplitChoice(split.endsOf(shares), turns) };
  });
}
