// Counts the retries after tries at one backend: by reason, and those its budget refused. Series are made when first needed.
import type { CounterSeries } from '../telemetry/metric-series.ts';

/** `lost`: another try of the exchange was of use first. */
export type HedgeResult = 'won' | 'lost' | 'failed';

export interface RetrySeries {
  retries(reason: string): CounterSeries;
  exhausted(): CounterSeries;
  hedges(result: HedgeResult): CounterSeries;
}

export class RetryMetrics {
  private readonly seriesOf: (reason: string) => CounterSeries;
  private readonly exhaustedSeries: () => CounterSeries;
  private readonly byReason = new Map<string, CounterSeries>();
  private exhausted: CounterSeries | undefined;
  private readonly hedgeSeriesOf: (result: HedgeResult) => CounterSeries;
  private readonly byHedge = new Map<HedgeResult, CounterSeries>();

  constructor(series: RetrySeries) {
    this.seriesOf = series.retries;
    this.exhaustedSeries = series.exhausted;
    this.hedgeSeriesOf = series.hedges;
  }

  /** `reason`: a status code or a condition. */
  retried(reason: string): void {
    let series = this.byReason.get(reason);
    if (series === undefined) {
      series = this.seriesOf(reason);
      this.byReason.set(reason, series);
    }
    series.increment();
  }

  /** What a try at this backend beside another one came to. */
  hedged(result: HedgeResult): void {
    const series = this.byHedge.get(result) ?? this.hedgeSeriesOf(result);
    this.byHedge.set(result, series);
    series.increment();
  }

  budgetExhausted(): void {
    this.exhausted ??= this.exhaustedSeries();
    this.exhausted.increment();
  }
}
