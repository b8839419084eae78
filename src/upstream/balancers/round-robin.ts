// Weighted round robin over the endpoints of a backend: the default balancer.
import { SmoothWeights } from '../../base/smooth-weights.ts';
import { s } from '../../schema/builder.ts';
import type { BalancerDefinition } from '../balancer.ts';

export const roundRobin: BalancerDefinition<Record<string, never>> = {
  name: 'weighted_round_robin',
  summary: 'Takes the endpoints in turn, in proportion to their weights.',
  schema: s.object({}),
  examples: [{ title: 'In turn', config: {} }],
  compile: (_config, pool, { random }) => {
    if (pool.size === 1) return { pick: (tried) => (tried?.has(0) ? -1 : 0) };
    const weights = new SmoothWeights(
      Array.from({ length: pool.size }, (_, index) => pool.weight(index)),
      random,
    );
    let tried: ReadonlySet<number> | undefined;
    const isFresh = (index: number): boolean => tried === undefined || !tried.has(index);
    const isEligible = (index: number): boolean => isFresh(index) && pool.usable(index);
    return {
      pick(alreadyTried) {
        tried = alreadyTried;
        const index = weights.pick(isEligible);
        return index === -1 ? weights.pick(isFresh) : index;
      },
    };
  },
};
