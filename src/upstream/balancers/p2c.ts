// Power of two choices over peak-EWMA, as in Finagle and Linkerd: two endpoints drawn at random, the one with less expected wait.
import { s } from '../../schema/builder.ts';
import type { Balancer, BalancerDefinition, BalancerDeps, Choice, PoolView } from '../balancer.ts';
import { type Eligible, isLeft, isLive, isOpen } from '../eligible.ts';
import { SharedDraw } from '../shared-draw.ts';

/** Cost of an endpoint that has not answered yet but has a request: no second one before it did, while another is known. */
const UNKNOWN_MICROSECONDS = 1_000_000_000;
/** Below this a faded error rate is none. */
const NO_ERRORS_PER_THOUSAND = 10;
const MAX_ERROR_RATE = 0.98;

class PeakEwmaChoice implements Balancer {
  private readonly pool: PoolView;
  private readonly drawing: SharedDraw;
  private revision = -1;
  private meanShare = 1;
  /** An array: a fraction that is returned may go to the heap. */
  private readonly loads = new Float64Array(2);

  constructor(pool: PoolView, { random }: BalancerDeps) {
    this.pool = pool;
    this.drawing = new SharedDraw(pool, random);
  }

  pick(choice: Choice): number {
    const revision = this.pool.refresh();
    if (revision !== this.revision) this.measureShares(revision);
    this.drawing.follow(revision);
    let index = this.among(choice, isOpen);
    if (index === -1) index = this.among(choice, isLive);
    return index === -1 ? this.among(choice, isLeft) : index;
  }

  private measureShares(revision: number): void {
    this.revision = revision;
    let sum = 0;
    for (let index = 0; index < this.pool.size; index++) sum += this.pool.share(index);
    this.meanShare = sum / this.pool.size;
  }

  private among(choice: Choice, eligible: Eligible): number {
    const first = this.drawing.draw(choice, eligible, -1);
    if (first === -1) return -1;
    const second = this.drawing.draw(choice, eligible, first);
    if (second === -1) return first;
    this.measure(first, 0);
    this.measure(second, 1);
    return this.loads[1] < this.loads[0] ? second : first;
  }

  costs(): readonly number[] {
    const revision = this.pool.refresh();
    if (revision !== this.revision) this.measureShares(revision);
    return Array.from({ length: this.pool.size }, (_, index) => {
      this.measure(index, 0);
      return this.loads[0];
    });
  }

  /** Expected wait: latency times the requests before this one, dearer by the third power of the share that succeeds. */
  private measure(index: number, at: 0 | 1): void {
    const { pool } = this;
    const errors = pool.errorsPerThousand(index);
    const inFlight = pool.inFlight(index);
    let cost = pool.peakLatencyMicroseconds(index);
    // Errors are not measured as latency: an endpoint that only fails must not look like a new one.
    if (cost === 0 && (inFlight > 0 || errors > NO_ERRORS_PER_THOUSAND)) cost = UNKNOWN_MICROSECONDS;
    const queue = 1 + (inFlight * this.meanShare) / pool.share(index);
    this.loads[at] = (cost * queue) / (1 - Math.min(errors / 1000, MAX_ERROR_RATE)) ** 3;
  }
}

export const p2c: BalancerDefinition<object> = {
  name: 'p2c',
  summary:
    'Draws two endpoints at random and takes the one with less expected wait: peak latency, which rises at once and falls slowly, times the requests under way.',
  schema: s.object({}),
  examples: [{ title: 'Two choices', config: {} }],
  compile: (_config, pool, deps) => new PeakEwmaChoice(pool, deps),
};
