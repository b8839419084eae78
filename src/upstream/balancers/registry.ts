// Every balancer, one line each.
import type { BalancerDefinition } from '../balancer.ts';
import { roundRobin } from './round-robin.ts';

const BALANCERS: readonly BalancerDefinition<Record<string, never>>[] = [roundRobin];

/** By name; `round_robin` is the same algorithm, where weights are usually equal. */
export const balancerRegistry: ReadonlyMap<string, BalancerDefinition<Record<string, never>>> = new Map([
  ...BALANCERS.map((balancer) => [balancer.name, balancer] as const),
  ['round_robin', roundRobin] as const,
]);
