// Now and then a try of an endpoint that scores pass over: what is not asked gives no answers, and so could never show that it is
// quick again. Its estimate alone would take half a minute to fade after one slow moment (test/scenario/hiccup.test.ts).
import type { Choice, PoolView } from './balancer.ts';
import { type Eligible, isOpen } from './eligible.ts';

/** Of so many picks at most one is a second chance: below the hundredth that the 99th percentile looks at, however many are slow. */
const PICKS_PER_CHANCE = 128;
/** Passed over so many times as long as its share lets expect. */
const TURNS_MISSED = 4;
/** A client's request is no way to find out whether an endpoint still fails. */
const MAX_ERRORS_PER_THOUSAND = 10;

export class SecondChances {
  private readonly pool: PoolView;
  /** Number of the pick that last took each endpoint. */
  private readonly takenAt: Int32Array;
  private picks = 0;
  private picksToChance = PICKS_PER_CHANCE;

  constructor(pool: PoolView) {
    this.pool = pool;
    this.takenAt = new Int32Array(pool.size);
  }

  /** Called once for each pick: an endpoint that is due for a try, the one passed over longest, or -1. */
  due(choice: Choice): number {
    this.picks = (this.picks + 1) | 0;
    if (--this.picksToChance > 0) return -1;
    this.picksToChance = PICKS_PER_CHANCE;
    return this.longestPassedOver(choice, isOpen);
  }

  /** The pick took this endpoint. */
  taken(index: number): void {
    if (index !== -1) this.takenAt[index] = this.picks;
  }

  private longestPassedOver(choice: Choice, eligible: Eligible): number {
    const { pool } = this;
    let total = 0;
    for (let index = 0; index < pool.size; index++) total += pool.share(index);
    let longest = -1;
    let longestPicks = PICKS_PER_CHANCE;
    for (let index = 0; index < pool.size; index++) {
      const passedOver = (this.picks - this.takenAt[index]) | 0;
      if (passedOver < longestPicks || passedOver * pool.share(index) < TURNS_MISSED * total) continue;
      if (!eligible(pool, choice, index) || pool.inFlight(index) > 0) continue;
      if (pool.errorsPerThousand(index) > MAX_ERRORS_PER_THOUSAND) continue;
      longest = index;
      longestPicks = passedOver;
    }
    return longest;
  }
}
