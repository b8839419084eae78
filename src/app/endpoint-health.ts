// The share of each backend's endpoints that is up, per region and zone: read from the shared table when metrics are asked for.
import type { GatewayModel } from '../model/gateway-model.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';

interface Place {
  readonly series: GaugeSeries;
  readonly rows: number[];
}

export class EndpointHealth {
  private readonly registry: MetricRegistry;
  private readonly known = new Map<string, GaugeSeries>();
  private places = new Map<string, Place>();
  private table: EndpointTable | undefined;

  constructor(registry: MetricRegistry) {
    this.registry = registry;
  }

  /** A new configuration is in effect. What it no longer has shows as NaN: neither up nor down. */
  follow(model: GatewayModel, rows: Readonly<Record<string, number>>, table: EndpointTable): void {
    this.table = table;
    for (const { series } of this.places.values()) series.set(Number.NaN);
    this.places = new Map();
    for (const backend of model.backends) {
      for (const { id, region = '', zone = '' } of backend.endpoints)
        this.place(backend.name, region, zone).push(rows[id]);
    }
  }

  private place(upstream: string, region: string, zone: string): number[] {
    const key = JSON.stringify([upstream, region, zone]);
    let place = this.places.get(key);
    if (place === undefined) {
      const series =
        this.known.get(key) ?? this.registry.gauge(METRIC_DEFINITIONS.upstreamHealth).series(upstream, region, zone);
      this.known.set(key, series);
      place = { series, rows: [] };
      this.places.set(key, place);
    }
    return place.rows;
  }

  refresh(nowMs: number): void {
    for (const { series, rows } of this.places.values()) {
      const usable = rows.filter((row) => this.table?.isUsable(row, nowMs)).length;
      series.set(usable / rows.length);
    }
  }
}
