// Smooth weighted round robin (nginx's algorithm): every run of picks keeps to the weights as closely as whole numbers allow,
// and a light member is not starved until the end of a cycle as with an EDF heap after a rebuild.

/**
 * Picks indexes in proportion to their weights. The phase is random, so that many workers or instances started together do
 * not send their first requests to the same place.
 */
export class SmoothWeights {
  private readonly weights: Float64Array;
  private readonly current: Float64Array;

  constructor(weights: readonly number[], random: () => number) {
    this.weights = Float64Array.from(weights);
    this.current = new Float64Array(weights.length);
    const total = this.total();
    if (weights.length < 2 || total <= 0) return;
    const skips = Math.floor(random() * Math.min(total, 1000));
    for (let skip = 0; skip < skips; skip++) this.pick(everyone);
  }

  private total(): number {
    let total = 0;
    for (let index = 0; index < this.weights.length; index++) total += this.weights[index];
    return total;
  }

  /** The next index among those `eligible` with a positive weight, or -1. */
  pick(eligible: (index: number) => boolean): number {
    const weights = this.weights;
    const current = this.current;
    let best = -1;
    let total = 0;
    for (let index = 0; index < weights.length; index++) {
      const weight = weights[index];
      if (weight <= 0 || !eligible(index)) continue;
      total += weight;
      current[index] += weight;
      if (best === -1 || current[index] > current[best]) best = index;
    }
    if (best !== -1) current[best] -= total;
    return best;
  }

  /** Changes a share without beginning anew. */
  setWeight(index: number, weight: number): void {
    this.weights[index] = weight;
  }

  /** How far a member is ahead of (below 0) or behind its share, as a part of one round; to be carried over. */
  debt(index: number): number {
    const total = this.total();
    return total > 0 ? this.current[index] / total : 0;
  }

  /** Takes over what `debt` gave for this member before the members or their weights changed. */
  setDebt(index: number, debt: number): void {
    this.current[index] = debt * this.total();
  }

  /** A copy that can be asked without moving the original: for explanations. */
  clone(): SmoothWeights {
    const copy = new SmoothWeights([...this.weights], () => 0);
    copy.current.set(this.current);
    return copy;
  }
}

function everyone(): boolean {
  return true;
}
