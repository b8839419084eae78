// A random endpoint for every request, by weight: no state at all, for pools so large that any order costs too much.
import { s } from '../../schema/builder.ts';
import type { Balancer, BalancerDefinition, BalancerDeps, Choice, PoolView } from '../balancer.ts';
import { isLeft, isLive, isOpen } from '../eligible.ts';
import { SharedDraw } from '../shared-draw.ts';

class RandomBalancer implements Balancer {
  private readonly pool: PoolView;
  private readonly drawing: SharedDraw;

  constructor(pool: PoolView, { random }: BalancerDeps) {
    this.pool = pool;
    this.drawing = new SharedDraw(pool, random);
  }

  pick(choice: Choice): number {
    this.drawing.follow(this.pool.refresh());
    let index = this.drawing.draw(choice, isOpen, -1);
    if (index === -1) index = this.drawing.draw(choice, isLive, -1);
    return index === -1 ? this.drawing.draw(choice, isLeft, -1) : index;
  }
}

export const random: BalancerDefinition<object> = {
  name: 'random',
  summary: 'Takes an endpoint at random, in proportion to the weights.',
  schema: s.object({}),
  examples: [{ title: 'At random', config: {} }],
  compile: (_config, pool, deps) => new RandomBalancer(pool, deps),
};
