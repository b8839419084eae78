// The counters of tries at one backend, found once: by status class, or by error code where no answer came.
import type { CounterSeries } from '../telemetry/metric-series.ts';

export class AttemptMetrics {
  private readonly seriesOf: (result: string) => CounterSeries;
  private readonly byClass: (CounterSeries | undefined)[] = new Array(10).fill(undefined);
  private readonly byError = new Map<string, CounterSeries>();

  constructor(seriesOf: (result: string) => CounterSeries) {
    this.seriesOf = seriesOf;
  }

  /** `status` is 0 when no answer came. */
  count(status: number, error: string | undefined): void {
    if (error !== undefined || status < 100) this.countError(error ?? 'none');
    else {
      const statusClass = (status / 100) | 0;
      let series = this.byClass[statusClass];
      if (series === undefined) {
        series = this.seriesOf(`${statusClass}xx`);
        this.byClass[statusClass] = series;
      }
      series.increment();
    }
  }

  private countError(error: string): void {
    let series = this.byError.get(error);
    if (series === undefined) {
      series = this.seriesOf(error);
      this.byError.set(error, series);
    }
    series.increment();
  }
}
