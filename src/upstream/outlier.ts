// Outliers of a backend: what an attempt counts as, and the comparison of endpoints with each other that the main thread makes once
// per interval. The counters are in state/outlier-table.ts.
import { FAILED_5XX, FAILED_GATEWAY, FAILED_LOCAL, type OutlierPool } from '../state/outlier-table.ts';
import { type AttemptResult, isGatewayFailure, isLocalFailure, outcomeOf } from './attempt-result.ts';

export interface SuccessRateRules {
  readonly minHosts: number;
  readonly minRequests: number;
  readonly deviations: number;
}

export interface Sample {
  readonly total: number;
  readonly failed: number;
}

/** The kinds of failure in it, added up; 0 = none. */
export function failuresIn(result: AttemptResult): number {
  if (outcomeOf(result) !== 'failure') return 0;
  return FAILED_5XX + (isGatewayFailure(result) ? FAILED_GATEWAY : 0) + (isLocalFailure(result) ? FAILED_LOCAL : 0);
}

/** Indexes of the endpoints whose success lies below the mean less so many standard deviations, the worst first. */
export function findLaggards(samples: readonly Sample[], rules: SuccessRateRules): readonly number[] {
  const judged = samples
    .map(({ total, failed }, index) => ({ index, total, rate: (total - failed) / total }))
    .filter(({ total }) => total >= rules.minRequests);
  if (judged.length < rules.minHosts) return [];
  const mean = judged.reduce((sum, { rate }) => sum + rate, 0) / judged.length;
  const variance = judged.reduce((sum, { rate }) => sum + (rate - mean) ** 2, 0) / judged.length;
  const least = mean - rules.deviations * Math.sqrt(variance);
  return judged
    .filter(({ rate }) => rate < least)
    .sort((a, b) => a.rate - b.rate)
    .map(({ index }) => index);
}

/** One interval is over. Undefined rules: endpoints are not compared. */
export function sweepOutliers(pool: OutlierPool, rules: SuccessRateRules | undefined, nowMs: number): void {
  pool.takeBackExpired(nowMs);
  const samples: Sample[] = [];
  for (let index = 0; index < pool.size; index++) {
    pool.decay(index);
    const total = pool.takeTotal(index);
    // A failure counted between the two reads belongs to the next interval's total.
    samples.push({ total, failed: Math.min(total, pool.takeFailed(index)) });
  }
  if (rules === undefined) return;
  for (const index of findLaggards(samples, rules)) pool.ejectLaggard(index, nowMs);
}
