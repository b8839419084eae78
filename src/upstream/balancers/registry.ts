// Every balancer, one line each.
import type { BalancerDefinition } from '../balancer.ts';
import { leastConn } from './least-conn.ts';
import { leastConnRt } from './least-conn-rt.ts';
import { maglev } from './maglev.ts';
import { p2c } from './p2c.ts';
import { random } from './random.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';
import { weightedRoundRobin } from './weighted-round-robin.ts';

// Each takes the configuration its own schema gives, which no common type can say.
type AnyBalancer = BalancerDefinition<never>;

const BALANCERS: readonly (BalancerDefinition<object> | AnyBalancer)[] = [
  weightedRoundRobin,
  roundRobin,
  random,
  leastConn,
  leastConnRt,
  p2c,
  ringHash,
  maglev,
];

/** By name. */
export const balancerRegistry: ReadonlyMap<string, BalancerDefinition<unknown>> = new Map(
  BALANCERS.map((balancer) => [balancer.name, balancer as BalancerDefinition<unknown>]),
);
