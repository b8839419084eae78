// What a balancer is: compiled once per pool of endpoints, then asked for an index. `pick` allocates nothing.
import type { Definition } from '../schema/definition.ts';

/** The endpoints of one backend as a balancer sees them. */
export interface PoolView {
  readonly size: number;
  weight(index: number): number;
  /** Up, as far as anybody knows. */
  usable(index: number): boolean;
  inFlight(index: number): number;
  latencyMs(index: number): number;
}

export interface Balancer {
  /** An endpoint that is usable and not in `tried`; when none is usable, one not tried; -1 when all were tried. */
  pick(tried: ReadonlySet<number> | undefined): number;
}

export interface BalancerDefinition<C> extends Definition<C> {
  compile(config: C, pool: PoolView, deps: { random(): number }): Balancer;
}
