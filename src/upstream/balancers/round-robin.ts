// Plain round robin: always on to the next endpoint of the list; a lighter one sits out some of its turns.
import { s } from '../../schema/builder.ts';
import type { Balancer, BalancerDefinition, BalancerDeps, Choice, PoolView } from '../balancer.ts';
import { type Eligible, isLeft, isLive, isOpen } from '../eligible.ts';

/** hot: with equal weights a pick looks at one endpoint, not at all of them as the smooth kind must. */
class RoundRobin implements Balancer {
  private readonly pool: PoolView;
  /** What an endpoint has saved up, in parts of the largest share: a whole one is a turn. */
  private readonly credits: Float64Array;
  private at: number;
  private revision = -1;
  private largest = 1;
  private isUneven = false;

  constructor(pool: PoolView, { random }: BalancerDeps) {
    this.pool = pool;
    // Many workers or instances started together do not all begin with the first.
    this.at = Math.floor(random() * pool.size);
    this.credits = Float64Array.from({ length: pool.size }, random);
  }

  pick(choice: Choice): number {
    const revision = this.pool.refresh();
    if (revision !== this.revision) this.follow(revision);
    let index = this.among(choice, isOpen);
    if (index === -1) index = this.among(choice, isLive);
    return index === -1 ? this.among(choice, isLeft) : index;
  }

  private follow(revision: number): void {
    this.revision = revision;
    this.largest = 0;
    for (let index = 0; index < this.pool.size; index++) this.largest = Math.max(this.largest, this.pool.share(index));
    this.isUneven = false;
    for (let index = 0; index < this.pool.size; index++)
      if (this.pool.share(index) !== this.largest) this.isUneven = true;
  }

  private among(choice: Choice, eligible: Eligible): number {
    const { pool } = this;
    let lastEligible = -1;
    // One round without a whole credit says nothing yet; after many, shares lie further apart than turns can tell.
    const steps = this.isUneven ? pool.size * 64 : pool.size;
    for (let step = 0; step < steps; step++) {
      const index = this.at;
      this.at = index + 1 === pool.size ? 0 : index + 1;
      if (step === pool.size && lastEligible === -1) return -1;
      if (!eligible(pool, choice, index)) continue;
      lastEligible = index;
      if (!this.isUneven || this.takesTurn(index)) return index;
    }
    return lastEligible;
  }

  private takesTurn(index: number): boolean {
    const credit = this.credits[index] + this.pool.share(index) / this.largest;
    const isWhole = credit >= 1;
    this.credits[index] = isWhole ? credit - 1 : credit;
    return isWhole;
  }
}

export const roundRobin: BalancerDefinition<object> = {
  name: 'round_robin',
  summary: 'Goes through the endpoints in the order of the list; one of smaller weight sits out some of its turns.',
  schema: s.object({}),
  examples: [{ title: 'In turn', config: {} }],
  compile: (_config, pool, deps) => new RoundRobin(pool, deps),
};
