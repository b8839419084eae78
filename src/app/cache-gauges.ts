// How much of the input of each route its providers' prompt caches had: from the counters of all threads, before metrics are shown.
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';

/** Calls `take` with the labels and sum of every series of `gateway_input_tokens_total`. */
export type ReadInputTokens = (take: (labels: readonly string[], tokens: number) => void) => void;

const ROUTE_LABEL = METRIC_DEFINITIONS.inputTokens.labels.indexOf('route');
const CACHE_LABEL = METRIC_DEFINITIONS.inputTokens.labels.indexOf('cache');
const DECIMALS = 6;

export class CacheGauges {
  private readonly registry: MetricRegistry;
  private readonly readTokens: ReadInputTokens;
  private readonly known = new Map<string, GaugeSeries>();

  constructor(registry: MetricRegistry, readTokens: ReadInputTokens) {
    this.registry = registry;
    this.readTokens = readTokens;
  }

  /** Routes without input tokens have no ratio. */
  refresh(): void {
    const sums = new Map<string, { all: number; read: number }>();
    this.readTokens((labels, tokens) => {
      const route = labels[ROUTE_LABEL];
      const sum = sums.get(route) ?? { all: 0, read: 0 };
      sum.all += tokens;
      if (labels[CACHE_LABEL] === 'read') sum.read += tokens;
      sums.set(route, sum);
    });
    for (const [route, { all, read }] of sums)
      if (all > 0) this.seriesOf(route).set(Number((read / all).toFixed(DECIMALS)));
  }

  private seriesOf(route: string): GaugeSeries {
    const series = this.known.get(route) ?? this.registry.gauge(METRIC_DEFINITIONS.cachedInputRatio).series(route);
    this.known.set(route, series);
    return series;
  }
}
