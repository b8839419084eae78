// Draws endpoints at random in proportion to their shares: for `random`, and for the candidates of "two choices" balancers.
import { QuickRandom } from '../base/quick-random.ts';
import type { Choice, PoolView } from './balancer.ts';
import type { Eligible } from './eligible.ts';

/** Tries before looking at every endpoint. With half of the pool down, eight misses in a row are one draw in 256. */
const TRIES = 8;
/** What `QuickRandom.next` stays below. */
const RANGE = 2 ** 31;

/** hot: constant time while most endpoints are eligible and their shares are alike. */
export class SharedDraw {
  private readonly pool: PoolView;
  private readonly random: QuickRandom;
  /** Shares as parts of the largest one, in the range of the random numbers: how often a drawn endpoint is taken. */
  private readonly parts: Float64Array;
  private revision = -1;

  constructor(pool: PoolView, random: () => number) {
    this.pool = pool;
    this.random = new QuickRandom(random);
    this.parts = new Float64Array(pool.size);
  }

  /** Call once per pick, with what `PoolView.refresh` gave. */
  follow(revision: number): void {
    if (revision === this.revision) return;
    this.revision = revision;
    let largest = 0;
    for (let index = 0; index < this.pool.size; index++) largest = Math.max(largest, this.pool.share(index));
    for (let index = 0; index < this.pool.size; index++)
      this.parts[index] = Math.round((RANGE * this.pool.share(index)) / largest);
  }

  /** One of the eligible but `except` (-1 = any); -1 when there is none. */
  draw(choice: Choice, eligible: Eligible, except: number): number {
    const { pool, random, parts } = this;
    for (let turn = 0; turn < TRIES; turn++) {
      const index = random.below(pool.size);
      if (index === except || !eligible(pool, choice, index)) continue;
      if (parts[index] === RANGE || random.next() < parts[index]) return index;
    }
    return this.scan(choice, eligible, except);
  }

  private scan(choice: Choice, eligible: Eligible, except: number): number {
    const { pool, parts } = this;
    let total = 0;
    for (let index = 0; index < pool.size; index++)
      if (index !== except && eligible(pool, choice, index)) total += parts[index];
    let left = (this.random.next() / RANGE) * total;
    let last = -1;
    for (let index = 0; index < pool.size; index++) {
      if (index === except || !eligible(pool, choice, index)) continue;
      last = index;
      left -= parts[index];
      if (left < 0) return index;
    }
    return last;
  }
}
