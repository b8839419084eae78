// `gateway_region_state` and `gateway_cross_zone_breaches_total`: read from shared memory when metrics are asked for.
import type { GatewayModel } from '../model/gateway-model.ts';
import { placeRowId } from '../model/row-ids.ts';
import type { LocalityTable } from '../state/locality-table.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';
import type { RegionState } from './region-state.ts';

const STATES = ['active', 'standby', 'out'] as const;

export class LocalityGauges {
  private readonly registry: MetricRegistry;
  private readonly regions: RegionState;
  private readonly table: LocalityTable;
  /** Every series ever shown, so that what a configuration no longer has reads NaN. */
  private readonly known = new Set<GaugeSeries>();
  private breached: readonly { readonly name: string; readonly row: number }[] = [];

  constructor(registry: MetricRegistry, regions: RegionState, table: LocalityTable) {
    this.registry = registry;
    this.regions = regions;
    this.table = table;
  }

  /** A new configuration is in effect. */
  follow({ backends }: GatewayModel, rows: Readonly<Record<string, number>>): void {
    const capped = backends.filter(({ locality }) => locality?.zones?.ownZone !== undefined);
    this.breached = capped.map(({ name }) => ({ name, row: rows[placeRowId(name, 'zone', '')] }));
  }

  refresh(nowMs: number): void {
    for (const series of this.known) series.set(Number.NaN);
    for (const [region, state] of this.regions.states(nowMs))
      for (const each of STATES)
        this.keep(this.registry.gauge(METRIC_DEFINITIONS.regionState).series(region, each)).set(each === state ? 1 : 0);
    for (const { name, row } of this.breached)
      this.keep(this.registry.gauge(METRIC_DEFINITIONS.crossZoneBreaches).series(name)).set(this.table.breaches(row));
  }

  private keep(series: GaugeSeries): GaugeSeries {
    this.known.add(series);
    return series;
  }
}
