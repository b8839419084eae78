// Limit, requests in flight and requests waiting of every backend with a concurrency limit: read when metrics are asked for.
import { ADMISSION_CLASSES } from '../base/admission-class.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';
import type { UpstreamState } from './upstream-state.ts';

export class ConcurrencyGauges {
  private readonly registry: MetricRegistry;
  /** Every series ever shown, so that what a configuration no longer has reads NaN. */
  private readonly known = new Set<GaugeSeries>();

  constructor(registry: MetricRegistry) {
    this.registry = registry;
  }

  refresh(state: UpstreamState): void {
    for (const series of this.known) series.set(Number.NaN);
    for (const backend of state.backends) {
      const shown = state.concurrencyOf(backend);
      if (shown === undefined) continue;
      const { name } = backend;
      this.set(this.registry.gauge(METRIC_DEFINITIONS.concurrencyLimit).series(name), shown.limit);
      this.set(this.registry.gauge(METRIC_DEFINITIONS.concurrencyInFlight).series(name), shown.inFlight);
      for (const [index, each] of ADMISSION_CLASSES.entries())
        this.set(this.registry.gauge(METRIC_DEFINITIONS.admissionQueued).series(name, each), shown.waiting[index]);
    }
  }

  private set(series: GaugeSeries, value: number): void {
    this.known.add(series);
    series.set(value);
  }
}
