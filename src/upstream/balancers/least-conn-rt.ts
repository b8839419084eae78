// Response time and requests under way blended into one score, each against the pool's median.
import { sortToMedian } from '../../base/median.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { BalancerDefinition, PoolView } from '../balancer.ts';
import { LowestScore, type Scoring } from '../lowest-score.ts';

const CONFIG = s.where(
  s.object({
    response_time_weight: s.withDefault(
      s.number('Part of the response time in the score; default 0.7.', { min: 0 }),
      0.7,
    ),
    connection_count_weight: s.withDefault(
      s.number('Part of the requests under way in the score; default 0.3.', { min: 0 }),
      0.3,
    ),
  }),
  (config) => config.response_time_weight + config.connection_count_weight > 0,
  'one of the two weights above 0',
);

type Config = Infer<typeof CONFIG>;

/** From this error rate on an endpoint gets no credit for being quicker or emptier than the median: it may be because it fails. */
const NO_CREDIT_ERROR_RATE = 0.1;
/** An endpoint that only fails still has a finite score: it is tried when nothing better is left. */
const MAX_ERROR_RATE = 0.98;

/**
 * The median and not the largest value is the measure: one very slow endpoint would make all others look alike. Scores within a
 * tenth of each other share by weight, or the quickest by a hair would get everything at low load.
 */
class Blend implements Scoring {
  readonly band = 1.1;
  readonly needsAnswers = true;
  private readonly pool: PoolView;
  private readonly timePart: number;
  private readonly loadPart: number;
  private readonly values: Float64Array;
  private revision = -1;
  private meanShare = 1;
  private medianTime = 0;
  private medianLoad = 0;
  private picksToMedian = 0;

  constructor(pool: PoolView, config: Config) {
    const sum = config.response_time_weight + config.connection_count_weight;
    this.pool = pool;
    this.timePart = config.response_time_weight / sum;
    this.loadPart = config.connection_count_weight / sum;
    this.values = new Float64Array(pool.size);
  }

  prepare(revision: number): void {
    if (revision !== this.revision) this.measureShares(revision);
    if (this.picksToMedian-- > 0) return;
    // hot: once in as many picks as there are endpoints, so that a median costs a pick no more than one endpoint.
    this.picksToMedian = this.pool.size;
    this.measureMedians();
  }

  private measureShares(revision: number): void {
    this.revision = revision;
    let sum = 0;
    for (let index = 0; index < this.pool.size; index++) sum += this.pool.share(index);
    this.meanShare = sum / this.pool.size;
  }

  private measureMedians(): void {
    const { pool, values } = this;
    let count = 0;
    for (let index = 0; index < pool.size; index++) {
      const time = pool.latencyMicroseconds(index);
      if (time > 0 && pool.usable(index)) values[count++] = time;
    }
    const middle = sortToMedian(values, count);
    this.medianTime = middle === -1 ? 0 : values[middle];
    count = 0;
    for (let index = 0; index < pool.size; index++)
      if (pool.weight(index) > 0 && pool.usable(index)) values[count++] = pool.inFlight(index) / pool.share(index);
    // Requests under way as they would be on an endpoint of mean weight.
    const loadMiddle = sortToMedian(values, count);
    this.medianLoad = loadMiddle === -1 ? 0 : values[loadMiddle] * this.meanShare;
  }

  /** 1 for an endpoint that is like the median in both and makes no errors. One that was never measured counts as such. */
  score(index: number, scores: Float64Array): void {
    const { pool } = this;
    const errorRate = Math.min(pool.errorsPerThousand(index) / 1000, MAX_ERROR_RATE);
    const floor = Math.min(1, errorRate / NO_CREDIT_ERROR_RATE);
    const latency = pool.latencyMicroseconds(index);
    const time = latency > 0 && this.medianTime > 0 ? latency / this.medianTime : 1;
    const load = ((pool.inFlight(index) * this.meanShare) / pool.share(index) + 1) / (this.medianLoad + 1);
    const blend = this.timePart * Math.max(time, floor) + this.loadPart * Math.max(load, floor);
    scores[index] = blend / (1 - errorRate) ** 2;
  }
}

export const leastConnRt: BalancerDefinition<Config> = {
  name: 'least_conn_rt',
  summary:
    'Takes the endpoint with the best blend of response time and requests under way, each against the median of the pool; errors make it worse, however quick they are.',
  schema: CONFIG,
  examples: [
    { title: 'Response time counts most', config: { response_time_weight: 0.7, connection_count_weight: 0.3 } },
  ],
  compile: (config, pool, deps) => new LowestScore(pool, new Blend(pool, config), deps),
};
