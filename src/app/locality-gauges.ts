// `gateway_region_state`: read from shared memory when metrics are asked for.
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';
import type { RegionState } from './region-state.ts';

const STATES = ['active', 'standby', 'out'] as const;

export class LocalityGauges {
  private readonly registry: MetricRegistry;
  private readonly regions: RegionState;
  /** Every series ever shown, so that what a configuration no longer has reads NaN. */
  private readonly known = new Set<GaugeSeries>();

  constructor(registry: MetricRegistry, regions: RegionState) {
    this.registry = registry;
    this.regions = regions;
  }

  refresh(nowMs: number): void {
    for (const series of this.known) series.set(Number.NaN);
    for (const [region, state] of this.regions.states(nowMs))
      for (const each of STATES)
        this.keep(this.registry.gauge(METRIC_DEFINITIONS.regionState).series(region, each)).set(each === state ? 1 : 0);
  }

  private keep(series: GaugeSeries): GaugeSeries {
    this.known.add(series);
    return series;
  }
}
