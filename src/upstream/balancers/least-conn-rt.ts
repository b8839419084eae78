// Response time and requests under way blended into one score, each against the pool's median.
import { sortToMedian } from '../../base/median.ts';
import { invariant } from '../../errors/bug.ts';
import { s } from '../../schema/builder.ts';
import type { BalancerDefinition, PoolView } from '../balancer.ts';
import { LowestScore, type Scoring } from '../lowest-score.ts';

const METRICS = ['active_connections', 'response_time', 'response_time_p95', 'error_rate'] as const;

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
    metrics: s.optional(
      s.array(
        s.choice(METRICS, 'response_time is smoothed; response_time_p95 estimates the 95th percentile.'),
        'What the score is made of; default active_connections, response_time and error_rate.',
      ),
    ),
    update_interval: s.optional(
      s.durationText('How old response times and error rates in the score may be; default 0, always the latest.'),
    ),
  }),
  (config) => measureOf(config) !== undefined,
  'weights that leave active_connections or a response time a part of the score',
);

interface Config {
  readonly response_time_weight: number;
  readonly connection_count_weight: number;
  readonly metrics?: readonly (typeof METRICS)[number][];
  readonly update_interval?: number;
}

/** What is measured, and the parts of it in the score, which sum to 1. */
interface Measure {
  readonly timePart: number;
  readonly loadPart: number;
  readonly latency: 'mean' | 'p95';
  readonly seesErrors: boolean;
}

/** Undefined when nothing is left to compare by. */
function measureOf(config: Config): Measure | undefined {
  const metrics = new Set<string>(config.metrics ?? ['active_connections', 'response_time', 'error_rate']);
  const seesTime = metrics.has('response_time') || metrics.has('response_time_p95');
  const time = seesTime ? config.response_time_weight : 0;
  const load = metrics.has('active_connections') ? config.connection_count_weight : 0;
  if (time + load === 0) return undefined;
  return {
    timePart: time / (time + load),
    loadPart: load / (time + load),
    latency: metrics.has('response_time_p95') ? 'p95' : 'mean',
    seesErrors: metrics.has('error_rate'),
  };
}

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
  private readonly measure: Measure;
  /** 0 = the latest estimates for every pick. */
  private readonly intervalMs: number;
  /** Estimates as of `takenAtMs`, where they may be older than the pick. Requests under way are always counted now. */
  private readonly times: Float64Array;
  private readonly errors: Float64Array;
  private takenAtMs: number | undefined;
  private readonly values: Float64Array;
  private revision = -1;
  private meanShare = 1;
  private medianTime = 0;
  private medianLoad = 0;
  private picksToMedian = 0;

  constructor(pool: PoolView, measure: Measure, intervalMs: number) {
    this.pool = pool;
    this.measure = measure;
    this.intervalMs = intervalMs;
    this.times = new Float64Array(intervalMs > 0 ? pool.size : 0);
    this.errors = new Float64Array(intervalMs > 0 ? pool.size : 0);
    this.values = new Float64Array(pool.size);
  }

  prepare(revision: number): void {
    if (revision !== this.revision) this.measureShares(revision);
    if (this.intervalMs > 0) this.keepEstimates();
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

  private keepEstimates(): void {
    const nowMs = this.pool.refreshedAtMs();
    // The clock of a pool wraps.
    if (this.takenAtMs !== undefined && ((nowMs - this.takenAtMs) | 0) < this.intervalMs) return;
    this.takenAtMs = nowMs;
    this.picksToMedian = 0;
    for (let index = 0; index < this.pool.size; index++) {
      this.times[index] = this.latestTime(index);
      this.errors[index] = this.latestErrors(index);
    }
  }

  private latestTime(index: number): number {
    const { pool, measure } = this;
    return measure.latency === 'mean' ? pool.latencyMicroseconds(index) : pool.p95LatencyMicroseconds(index);
  }

  private latestErrors(index: number): number {
    return this.measure.seesErrors ? this.pool.errorsPerThousand(index) : 0;
  }

  private measureMedians(): void {
    const { pool, values } = this;
    let count = 0;
    for (let index = 0; index < pool.size; index++) {
      const time = this.intervalMs > 0 ? this.times[index] : this.latestTime(index);
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
    const { pool, measure } = this;
    const isKept = this.intervalMs > 0;
    const errorRate = Math.min((isKept ? this.errors[index] : this.latestErrors(index)) / 1000, MAX_ERROR_RATE);
    const floor = Math.min(1, errorRate / NO_CREDIT_ERROR_RATE);
    const latency = isKept ? this.times[index] : this.latestTime(index);
    const time = latency > 0 && this.medianTime > 0 ? latency / this.medianTime : 1;
    const load = ((pool.inFlight(index) * this.meanShare) / pool.share(index) + 1) / (this.medianLoad + 1);
    const blend = measure.timePart * Math.max(time, floor) + measure.loadPart * Math.max(load, floor);
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
  compile: (config, pool, deps) => {
    const measure = measureOf(config);
    invariant(measure !== undefined, 'weights of least_conn_rt passed validation but leave no part');
    return new LowestScore(pool, new Blend(pool, measure, config.update_interval ?? 0), deps);
  },
};
