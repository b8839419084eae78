// Counts the retries after tries at one backend: by reason, and those its budget refused. Series are made when first needed.
import type { CounterSeries } from '../telemetry/metric-series.ts';

export class RetryMetrics {
  private readonly seriesOf: (reason: string) => CounterSeries;
  private readonly exhaustedSeries: () => CounterSeries;
  private readonly byReason = new Map<string, CounterSeries>();
  private exhausted: CounterSeries | undefined;

  constructor(seriesOf: (reason: string) => CounterSeries, exhaustedSeries: () => CounterSeries) {
    this.seriesOf = seriesOf;
    this.exhaustedSeries = exhaustedSeries;
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

  budgetExhausted(): void {
    this.exhausted ??= this.exhaustedSeries();
    this.exhausted.increment();
  }
}
