// Smooth weighted round robin (nginx's algorithm): every run of picks keeps to the weights as closely as whole numbers allow,
// and a light member is not starved until the end of a cycle as with an EDF heap after a rebuild.

/**
 * Picks indexes in proportion to their weights. The phase is random, so that many workers or instances started together do
 * not send their first requests to the same place.
 */
export class SmoothWeights {
  private readonly weights: readonly number[];
  private readonly current: Float64Array;

  constructor(weights: readonly number[], random: () => number) {
    this.weights = weights;
    this.current = new Float64Array(weights.length);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (weights.length < 2 || total <= 0) return;
    const skips = Math.floor(random() * Math.min(total, 1000));
    for (let skip = 0; skip < skips; skip++) this.pick(everyone);
  }

  /** The next index among those `eligible` with a positive weight, or -1. */
  pick(eligible: (index: number) => boolean): number {
    const weights = this.weights;
    let best = -1;
    let total = 0;
    for (let index = 0; index < weights.length; index++) {
      const weight = weights[index];
      if (weight <= 0 || !eligible(index)) continue;
      total += weight;
      this.current[index] += weight;
      if (best === -1 || this.current[index] > this.current[best]) best = index;
    }
    if (best !== -1) this.current[best] -= total;
    return best;
  }

  /** A copy that can be asked without moving the original: for explanations. */
  clone(): SmoothWeights {
    const copy = new SmoothWeights(this.weights, () => 0);
    copy.current.set(this.current);
    return copy;
  }
}

function everyone(): boolean {
  return true;
}
