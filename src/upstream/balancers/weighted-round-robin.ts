// Weighted round robin over the endpoints of a backend: the default balancer.
import { s } from '../../schema/builder.ts';
import type { Balancer, BalancerDefinition, BalancerDeps, Choice, PoolView } from '../balancer.ts';
import { isLeft, isLive, isOpen } from '../eligible.ts';
import { FairTurns } from '../fair-turns.ts';

const NOBODY: Choice = { key: -1, region: undefined, tried: () => true };

class WeightedRoundRobin implements Balancer {
  private readonly pool: PoolView;
  private readonly turns: FairTurns;
  private choice: Choice = NOBODY;
  // Made once: a closure per pick would be garbage.
  private readonly isOpen = (index: number): boolean => isOpen(this.pool, this.choice, index);
  private readonly isLive = (index: number): boolean => isLive(this.pool, this.choice, index);
  private readonly isLeft = (index: number): boolean => isLeft(this.pool, this.choice, index);

  constructor(pool: PoolView, deps: BalancerDeps) {
    this.pool = pool;
    this.turns = new FairTurns(pool, deps);
  }

  pick(choice: Choice): number {
    this.turns.follow(this.pool.refresh());
    this.choice = choice;
    let index = this.turns.pick(this.isOpen);
    if (index === -1) index = this.turns.pick(this.isLive);
    if (index === -1) index = this.turns.pick(this.isLeft);
    this.choice = NOBODY;
    return index;
  }

  debt(index: number): number {
    return this.turns.debt(index);
  }
}

export const weightedRoundRobin: BalancerDefinition<object> = {
  name: 'weighted_round_robin',
  summary: 'Takes the endpoints in turn, smoothly in proportion to their weights; exact over any run of requests.',
  schema: s.object({}),
  examples: [{ title: 'In turn, by weight', config: {} }],
  compile: (_config, pool, deps) => new WeightedRoundRobin(pool, deps),
};
