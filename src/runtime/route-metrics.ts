// The counters of one route in one thread, found once and kept over configurations, so that finishing an exchange is a handful
// of additions.
// hot: what the last exchange counted in stands in fields, and maps are made for the second kind of it only. With 10,000 routes
// taken in turn every map is several lines fetched from memory: 0.5 of 3.5 us that they cost more than ten routes did.
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';
import type { CounterSeries, HistogramSeries } from '../telemetry/metric-series.ts';
import type { MetricFamilies } from './metric-families.ts';

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

/** Series of one combination of operation, provider and models. */
class GenAiSeries {
  readonly record: Pick<GenAiRecord, 'operation' | 'provider' | 'sentModel' | 'responseModel'>;
  readonly requests: CounterSeries;
  readonly input: HistogramSeries;
  readonly output: HistogramSeries;
  readonly firstToken: HistogramSeries;
  readonly duration: HistogramSeries;

  constructor(families: MetricFamilies, route: string, record: GenAiRecord) {
    const { operation, provider, sentModel, responseModel } = record;
    this.record = { operation, provider, sentModel, responseModel };
    const labels = [operation, provider, sentModel, responseModel, route] as const;
    this.requests = families.agentgatewayRequests.series(route, sentModel);
    this.input = families.genAiTokenUsage.series('input', ...labels);
    this.output = families.genAiTokenUsage.series('output', ...labels);
    this.firstToken = families.genAiFirstToken.series(...labels);
    this.duration = families.genAiDuration.series(...labels);
  }

  fits(record: GenAiRecord): boolean {
    const mine = this.record;
    return (
      mine.sentModel === record.sentModel &&
      mine.responseModel === record.responseModel &&
      mine.operation === record.operation &&
      mine.provider === record.provider
    );
  }
}

export class RouteMetrics {
  private readonly families: MetricFamilies;
  private readonly route: string;
  private readonly requestBytes: CounterSeries;
  private readonly responseBytes: CounterSeries;
  private readonly inputTokens: CounterSeries;
  private readonly outputTokens: CounterSeries;
  private lastUpstream: UpstreamSeries | undefined;
  private lastEnd: string | undefined;
  private lastEndSeries: CounterSeries | undefined;
  private lastGenAi: GenAiSeries | undefined;
  private upstreams: Map<string, UpstreamSeries> | undefined;

  constructor(families: MetricFamilies, route: string) {
    this.families = families;
    this.route = route;
    this.requestBytes = families.requestBytes.series(route);
    this.responseBytes = families.responseBytes.series(route);
    this.inputTokens = families.agentgatewayTokens.series(route, 'input');
    this.outputTokens = families.agentgatewayTokens.series(route, 'output');
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
    if (exchange.genAi !== undefined) this.recordGenAi(exchange.genAi, exchange.durationMs);
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

  private recordGenAi(record: GenAiRecord, durationMs: number): void {
    if (record.provider === '') return;
    let series = this.lastGenAi;
    if (series === undefined || !series.fits(record)) {
      series = new GenAiSeries(this.families, this.route, record);
      this.lastGenAi = series;
    }
    series.requests.increment();
    series.duration.observe(durationMs / 1000);
    if (record.firstTokenMs >= 0) series.firstToken.observe(record.firstTokenMs / 1000);
    if (record.totalTokens < 0) return;
    series.input.observe(record.inputTokens);
    series.output.observe(record.outputTokens);
    this.inputTokens.add(record.inputTokens);
    this.outputTokens.add(record.outputTokens);
  }
}
