// `gateway_dns_age_seconds` of every name that backends are found by: read when metrics are asked for.
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';
import type { Discovery } from './discovery.ts';

export class NameAges {
  private readonly registry: MetricRegistry;
  /** Every series ever shown: NaN for a name that nobody has any more. */
  private readonly known = new Map<string, GaugeSeries>();
  private discovery: Discovery | undefined;

  constructor(registry: MetricRegistry) {
    this.registry = registry;
  }

  follow(discovery: Discovery): void {
    this.discovery = discovery;
  }

  refresh(): void {
    for (const series of this.known.values()) series.set(Number.NaN);
    for (const { name, ageSeconds } of this.discovery?.ages() ?? []) {
      const series = this.known.get(name) ?? this.registry.gauge(METRIC_DEFINITIONS.dnsAge).series(name);
      this.known.set(name, series);
      series.set(ageSeconds);
    }
  }
}
