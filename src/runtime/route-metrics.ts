// The counters of one route in one thread, found once and kept over configurations, so that finishing an exchange is a handful
// of additions.
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
  /** By status × method. */
  private readonly requests: (CounterSeries | undefined)[] = [];

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
    let series = this.requests[key];
    if (series === undefined) {
      series = this.families.routeRequests.series(
        this.route,
        index === 0 ? '_other' : method,
        String(status),
        this.upstream,
      );
      this.requests[key] = series;
    }
    series.increment();
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
  private readonly upstreams = new Map<string, UpstreamSeries>();
  private lastUpstream: UpstreamSeries | undefined;
  private lastGenAi: GenAiSeries | undefined;
  private readonly ends = new Map<string, CounterSeries>();

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
    if (this.lastUpstream?.upstream === name) return this.lastUpstream;
    let series = this.upstreams.get(name);
    if (series === undefined) {
      series = new UpstreamSeries(this.families, this.route, name);
      this.upstreams.set(name, series);
    }
    this.lastUpstream = series;
    return series;
  }

  private end(cause: string): CounterSeries {
    let series = this.ends.get(cause);
    if (series === undefined) {
      series = this.families.streamEnd.series(this.route, cause);
      this.ends.set(cause, series);
    }
    return series;
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
