// The counters of one route in one thread, found once and kept over configurations, so that finishing an exchange is a handful
// of additions.
// hot: what the last exchange counted in stands in fields, and maps are made for the second kind of it only. With 10,000 routes
// taken in turn every map is several lines fetched from memory: by a profile, half a microsecond of an exchange.
import type { Exchange } from '../pipeline/exchange.ts';
import type { CounterSeries, HistogramSeries } from '../telemetry/metric-series.ts';
import { GenAiMetrics } from './gen-ai-metrics.ts';
import type { MetricFamilies } from './metric-families.ts';

/** Pico-dollars of a dollar. */
const PICO = 1e12;

/** Methods that are labels of their own; a client may send any token. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'];

/** Series of the pair of this route and one backend. */
class UpstreamSeries {
  readonly upstream: string;
  readonly duration: HistogramSeries;
  readonly firstByte: HistogramSeries;
  private readonly families: MetricFamilies;
  private readonly route: string;
  private lastKey = -1;
  private lastRequests: CounterSeries | undefined;
  /** By status × method. */
  private requests: Map<number, CounterSeries> | undefined;

  constructor(families: MetricFamilies, route: string, upstream: string) {
    this.families = families;
    this.route = route;
    this.upstream = upstream;
    this.duration = families.routeDuration.series(route, upstream);
    this.firstByte = families.routeFirstByte.series(route, upstream);
  }

  count(method: string, status: number): void {
    const index = METHODS.indexOf(method) + 1;
    const key = status * 16 + index;
    if (key !== this.lastKey || this.lastRequests === undefined) {
      this.lastRequests = this.seriesOf(key, index === 0 ? '_other' : method, status);
      this.lastKey = key;
    }
    this.lastRequests.increment();
  }

  private seriesOf(key: number, method: string, status: number): CounterSeries {
    if (this.lastRequests === undefined) return this.beginSeries(method, status);
    this.requests ??= new Map([[this.lastKey, this.lastRequests]]);
    let series = this.requests.get(key);
    if (series === undefined) {
      series = this.beginSeries(method, status);
      this.requests.set(key, series);
    }
    return series;
  }

  private beginSeries(method: string, status: number): CounterSeries {
    return this.families.routeRequests.series(this.route, method, String(status), this.upstream);
  }
}

export class RouteMetrics {
  private readonly families: MetricFamilies;
  private readonly route: string;
  private readonly requestBytes: CounterSeries;
  private readonly responseBytes: CounterSeries;
  private lastUpstream: UpstreamSeries | undefined;
  private lastEnd: string | undefined;
  private lastEndSeries: CounterSeries | undefined;
  private genAi: GenAiMetrics | undefined;
  private upstreams: Map<string, UpstreamSeries> | undefined;

  constructor(families: MetricFamilies, route: string) {
    this.families = families;
    this.route = route;
    this.requestBytes = families.requestBytes.series(route);
    this.responseBytes = families.responseBytes.series(route);
  }

  /** Counts a finished exchange. */
  record(exchange: Exchange): void {
    const series = this.upstream(exchange.upstream ?? 'none');
    series.count(exchange.method, exchange.status);
    series.duration.observe(exchange.durationMs / 1000);
    if (exchange.firstByteMs >= 0) series.firstByte.observe(exchange.firstByteMs / 1000);
    this.requestBytes.add(exchange.requestBytes);
    this.responseBytes.add(exchange.responseBytes);
    if (exchange.streamEnd !== undefined) this.end(exchange.streamEnd).increment();
    if (exchange.tenant !== undefined) this.recordTenant(exchange, exchange.tenant);
    if (exchange.genAi !== undefined) this.recordGenAi(exchange);
  }

  private recordGenAi(exchange: Exchange): void {
    this.genAi ??= new GenAiMetrics(this.families, this.route);
    this.genAi.record(exchange);
  }

  /** Names of tenants come from the configuration: they are few. */
  private recordTenant({ status, genAi }: Exchange, tenant: string): void {
    const { tenantRequests, tenantTokens, tenantCost } = this.families;
    tenantRequests.series(tenant, String(status)).increment();
    if (genAi?.cost !== undefined) tenantCost.series(tenant).add(genAi.cost.total / PICO);
    if (genAi === undefined || genAi.totalTokens < 0) return;
    tenantTokens.series(tenant, 'input').add(Math.max(0, genAi.inputTokens));
    tenantTokens.series(tenant, 'output').add(Math.max(0, genAi.outputTokens));
  }

  private upstream(name: string): UpstreamSeries {
    const last = this.lastUpstream;
    if (last !== undefined && last.upstream === name) return last;
    if (last !== undefined) this.upstreams ??= new Map([[last.upstream, last]]);
    const series = this.upstreams?.get(name) ?? new UpstreamSeries(this.families, this.route, name);
    this.upstreams?.set(name, series);
    this.lastUpstream = series;
    return series;
  }

  private end(cause: string): CounterSeries {
    if (this.lastEndSeries === undefined || this.lastEnd !== cause) {
      this.lastEndSeries = this.families.streamEnd.series(this.route, cause);
      this.lastEnd = cause;
    }
    return this.lastEndSeries;
  }
}
