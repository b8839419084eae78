// The share of each backend's endpoints that is up, per region and zone: read from shared memory when metrics are asked for.
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';
import type { UpstreamState } from './upstream-state.ts';

interface Place {
  readonly series: GaugeSeries;
  /** Whether each endpoint there is in use. */
  readonly usable: ((nowMs: number) => boolean)[];
}

export class EndpointHealth {
  private readonly registry: MetricRegistry;
  private readonly known = new Map<string, GaugeSeries>();
  private places = new Map<string, Place>();

  constructor(registry: MetricRegistry) {
    this.registry = registry;
  }

  /** A new configuration is in effect. What it no longer has shows as NaN: neither up nor down. */
  follow(state: UpstreamState): void {
    for (const { series } of this.places.values()) series.set(Number.NaN);
    this.places = new Map();
    for (const backend of state.backends) {
      // A name without an address is a backend without an endpoint.
      if (backend.endpoints.length === 0) this.place(backend.name, '', '');
      for (const { id, region = '', zone = '' } of backend.endpoints)
        this.place(backend.name, region, zone).push((nowMs) => state.reasons(backend, id, nowMs).length === 0);
    }
  }

  private place(upstream: string, region: string, zone: string): Place['usable'] {
    const key = JSON.stringify([upstream, region, zone]);
    let place = this.places.get(key);
    if (place === undefined) {
      const series =
        this.known.get(key) ?? this.registry.gauge(METRIC_DEFINITIONS.upstreamHealth).series(upstream, region, zone);
      this.known.set(key, series);
      place = { series, usable: [] };
      this.places.set(key, place);
    }
    return place.usable;
  }

  refresh(nowMs: number): void {
    for (const { series, usable } of this.places.values()) {
      series.set(usable.filter((isUsable) => isUsable(nowMs)).length / Math.max(1, usable.length));
    }
  }
}
