// Where a key belongs, unless that endpoint is out or has more than its part of the load: then the key's next place. For
// `ring_hash` and `maglev`, which differ only in how they find places.
import { QuickRandom } from '../base/quick-random.ts';
import type { Balancer, Choice, PoolView } from './balancer.ts';
import { type Eligible, isLeft, isLive, isOpen } from './eligible.ts';

export interface HashedPickOptions {
  /** An endpoint takes at most so many times its part of the requests under way (Mirrokni et al.); 0 = any number. */
  readonly boundedLoad: number;
  random(): number;
  /** The index at this key's first (turn 0), second … place; the key as a signed number. Turns are asked for in order. */
  place(key: number, turn: number): number;
}

export class HashedPick implements Balancer {
  private readonly pool: PoolView;
  private readonly options: HashedPickOptions;
  private readonly random: QuickRandom;
  /** Places looked at before all endpoints are gone through one by one. */
  private readonly turns: number;
  private isMeasured = false;
  private inFlight = 0;
  private share = 0;

  constructor(pool: PoolView, options: HashedPickOptions) {
    this.pool = pool;
    this.options = options;
    this.random = new QuickRandom(options.random);
    this.turns = 4 * pool.size + 16;
  }

  pick(choice: Choice): number {
    this.pool.refresh();
    let index = this.among(choice, isOpen);
    if (index === -1) index = this.among(choice, isLive);
    return index === -1 ? this.among(choice, isLeft) : index;
  }

  private among(choice: Choice, eligible: Eligible): number {
    const { pool, options } = this;
    // hot: as signed 32 bits it is a small integer everywhere; above 2^31 every call would make a number on the heap.
    const key = choice.key === -1 ? this.random.next() << 1 : choice.key | 0;
    this.isMeasured = false;
    for (let turn = 0; turn < this.turns; turn++) {
      const index = options.place(key, turn);
      if (eligible(pool, choice, index) && this.hasRoom(choice, eligible, index)) return index;
    }
    let any = -1;
    for (let step = 0; step < pool.size; step++) {
      const index = ((key & 0xffff) + step) % pool.size;
      if (!eligible(pool, choice, index)) continue;
      if (this.hasRoom(choice, eligible, index)) return index;
      if (any === -1) any = index;
    }
    return any;
  }

  /** Some eligible endpoint always has room: the bounds add up to more than the load. Slow start lowers the bound. */
  private hasRoom(choice: Choice, eligible: Eligible, index: number): boolean {
    const { boundedLoad } = this.options;
    if (boundedLoad === 0) return true;
    const inFlight = this.pool.inFlight(index);
    // hot: one request more is always allowed, so an idle endpoint needs no sum over the pool.
    if (inFlight === 0) return true;
    if (!this.isMeasured) this.measure(choice, eligible);
    const part = this.pool.share(index) / this.share;
    return inFlight + 1 <= Math.ceil(boundedLoad * (this.inFlight + 1) * part);
  }

  private measure(choice: Choice, eligible: Eligible): void {
    this.isMeasured = true;
    this.inFlight = 0;
    this.share = 0;
    for (let index = 0; index < this.pool.size; index++) {
      if (!eligible(this.pool, choice, index)) continue;
      this.inFlight += this.pool.inFlight(index);
      this.share += this.pool.share(index);
    }
  }
}
