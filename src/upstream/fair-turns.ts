// Smooth weighted round robin over a pool whose shares may change under slow start, carried over from generation to generation.
// What `weighted_round_robin` is, and how balancers that compare endpoints settle a tie.
import { SmoothWeights } from '../base/smooth-weights.ts';
import type { BalancerDeps, PoolView } from './balancer.ts';

export class FairTurns {
  private readonly pool: PoolView;
  private readonly weights: SmoothWeights;
  private earlierDebt: BalancerDeps['earlierDebt'];
  private revision = -1;

  constructor(pool: PoolView, { random, earlierDebt }: BalancerDeps) {
    this.pool = pool;
    const shares = Array.from({ length: pool.size }, (_, index) => pool.share(index));
    this.weights = new SmoothWeights(shares, random);
    this.earlierDebt = earlierDebt;
  }

  /** Call once per pick, with what `PoolView.refresh` gave. */
  follow(revision: number): void {
    if (revision !== this.revision) {
      this.revision = revision;
      for (let index = 0; index < this.pool.size; index++) this.weights.setWeight(index, this.pool.share(index));
    }
    if (this.earlierDebt !== undefined) this.takeOver(this.earlierDebt);
  }

  /** At the first pick and not before: until then the earlier generation goes on counting. */
  private takeOver(earlierDebt: (id: string) => number | undefined): void {
    this.earlierDebt = undefined;
    for (let index = 0; index < this.pool.size; index++) {
      const debt = earlierDebt(this.pool.id(index));
      if (debt !== undefined) this.weights.setDebt(index, debt);
    }
  }

  /** Whose turn it is among the eligible, -1 when there is none. */
  pick(eligible: (index: number) => boolean): number {
    return this.weights.pick(eligible);
  }

  debt(index: number): number {
    return this.weights.debt(index);
  }
}
