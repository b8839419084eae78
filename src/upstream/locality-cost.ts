// What a request costs in each place, and the shares at which that is the same everywhere. Pure arithmetic on arrays that are
// there anyway; zone-shares.ts and region-order.ts ask it per request, so it allocates nothing.

/** A place is avoided ever more as it gets slower, but never cut off by this alone: what gets nothing is not measured. */
const MAX_LATENCY_FACTOR = 10;

export interface PlaceCost {
  /** Measured; 0 = not known. */
  readonly latencyMicroseconds: number;
  /** What the factor counts from: the place's target, or the fastest place's latency; 0 = neither. */
  readonly referenceMicroseconds: number;
  /** 1 in the gateway's own zone, the penalty in others. */
  readonly penalty: number;
}

/** Latency × penalty, 1 = as cheap as can be. The third factor, load, is what `shareByCost` evens out. */
export function costOf({ latencyMicroseconds, referenceMicroseconds, penalty }: PlaceCost): number {
  const isKnown = latencyMicroseconds > 0 && referenceMicroseconds > 0;
  const factor = isKnown ? Math.max(1, latencyMicroseconds / referenceMicroseconds) : 1;
  return Math.min(factor, MAX_LATENCY_FACTOR) * penalty;
}

/** How much of its load each place can carry: all of it until less than 1 / overprovisioning of it is up. */
export function fillCarried(usable: Float64Array, overprovisioning: number, carried: Float64Array): void {
  // hot: through arrays, since a fraction that a call returns may go to the heap.
  for (let index = 0; index < carried.length; index++) carried[index] = Math.min(1, usable[index] * overprovisioning);
}

/** By place. */
export interface ShareFacts {
  readonly capacities: Float64Array;
  readonly carried: Float64Array;
  readonly costs: Float64Array;
}

/**
 * Shares out 1 so that cost × load is the same in every place, where load is the share taken ÷ what the place is for (`capacity`):
 * the share is then capacity ÷ cost. All zero when no place can carry anything.
 */
export function shareByCost({ capacities, carried, costs }: ShareFacts, shares: Float64Array): void {
  let total = 0;
  for (let index = 0; index < shares.length; index++) {
    shares[index] = (capacities[index] * carried[index]) / costs[index];
    total += shares[index];
  }
  for (let index = 0; index < shares.length; index++) shares[index] = total > 0 ? shares[index] / total : 0;
}

/** Fills places up in order, each to what it carries; when all together carry less than the whole, in proportion. */
export function fillInOrder(order: Int32Array, carried: Float64Array, shares: Float64Array): void {
  let left = 1;
  for (let turn = 0; turn < order.length; turn++) {
    const index = order[turn];
    const share = Math.min(left, carried[index]);
    shares[index] = share;
    left -= share;
  }
  if (left <= 0 || left >= 1) return;
  for (let index = 0; index < shares.length; index++) shares[index] /= 1 - left;
}

/** Keeps what leaves `own` to `ratio` of all: the others give in proportion. */
export function capOthers(own: number, ratio: number, shares: Float64Array): void {
  const others = 1 - shares[own];
  if (others <= ratio) return;
  for (let index = 0; index < shares.length; index++)
    if (index !== own) shares[index] = (shares[index] / others) * ratio;
  shares[own] = 1 - ratio;
}
