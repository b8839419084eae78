// `gateway_circuit_breaker_state` of every backend with a breaker, and why endpoints are out: read when metrics are asked for.
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';
import { OUT_REASONS, type UpstreamState } from './upstream-state.ts';

const STATES = ['closed', 'open', 'half_open'] as const;

export class BreakerGauges {
  private readonly registry: MetricRegistry;
  /** Every series ever shown, so that what a configuration no longer has reads NaN. */
  private readonly known = new Set<GaugeSeries>();

  constructor(registry: MetricRegistry) {
    this.registry = registry;
  }

  refresh(state: UpstreamState, nowMs: number): void {
    for (const series of this.known) series.set(Number.NaN);
    for (const backend of state.backends) {
      const breaker = state.breakerOf(backend, nowMs);
      const shown = breaker?.force === 'auto' ? breaker.state : breaker?.force;
      if (breaker !== undefined) for (const each of STATES) this.state(backend.name, each).set(each === shown ? 1 : 0);
      const reasons = backend.endpoints.map(({ id }) => state.reasons(backend, id, nowMs));
      for (const reason of OUT_REASONS)
        this.out(backend.name, reason).set(reasons.filter((each) => each.includes(reason)).length);
    }
  }

  private keep(series: GaugeSeries): GaugeSeries {
    this.known.add(series);
    return series;
  }

  private state(service: string, state: string): GaugeSeries {
    return this.keep(this.registry.gauge(METRIC_DEFINITIONS.breakerState).series(service, state));
  }

  private out(upstream: string, reason: string): GaugeSeries {
    return this.keep(this.registry.gauge(METRIC_DEFINITIONS.endpointsOut).series(upstream, reason));
  }
}
