// Which endpoints a balancer may take at all: first those that are up and not held back by slow start, then any that is up, and only
// when none is left any that was not tried. A wrong mark must not turn into an outage.
import type { Choice, PoolView } from './balancer.ts';

export type Eligible = (pool: PoolView, choice: Choice, index: number) => boolean;

/** Live, and not held back by slow start. */
export const isOpen: Eligible = (pool, choice, index) => pool.hasRoom(index) && isLive(pool, choice, index);

/** Up, not tried, and with a weight. */
export const isLive: Eligible = (pool, choice, index) =>
  pool.weight(index) > 0 && !choice.tried(index) && pool.usable(index);

/** Not tried, and with a weight, whatever is thought of it. */
export const isLeft: Eligible = (pool, choice, index) => pool.weight(index) > 0 && !choice.tried(index);
