// Fewest requests under way for its weight. Over all threads of the process: the counts are shared.
import { s } from '../../schema/builder.ts';
import type { BalancerDefinition, PoolView } from '../balancer.ts';
import { LowestScore, type Scoring } from '../lowest-score.ts';

/** At rest every score is 0, a tie, so the weights decide (as in nginx); `(n + 1) / weight` would give the heaviest everything. */
class ConnectionCount implements Scoring {
  readonly band = 1;
  readonly needsAnswers = false;
  private readonly pool: PoolView;

  constructor(pool: PoolView) {
    this.pool = pool;
  }

  prepare(): void {}

  score(index: number, scores: Float64Array): void {
    scores[index] = this.pool.inFlight(index) / this.pool.share(index);
  }
}

export const leastConn: BalancerDefinition<object> = {
  name: 'least_conn',
  summary:
    'Takes the endpoint with the fewest requests under way for its weight: of all in a pool of up to eight, of two drawn at random in a larger one.',
  schema: s.object({}),
  examples: [{ title: 'Fewest requests under way', config: {} }],
  compile: (_config, pool, deps) => new LowestScore(pool, new ConnectionCount(pool), deps),
};
