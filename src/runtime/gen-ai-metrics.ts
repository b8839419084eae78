// What one route counts of its AI exchanges: tokens, times, cost, by operation, provider and models. Made with its first one.
import type { Exchange } from '../pipeline/exchange.ts';
import type { AttemptRecord, GenAiRecord, SpentTry } from '../pipeline/outcome.ts';
import { secondsPerToken } from '../telemetry/access-ai.ts';
import type { CounterSeries, HistogramSeries } from '../telemetry/metric-series.ts';
import type { MetricFamilies } from './metric-families.ts';

const PICO = 1e12;
/** Kinds of call remembered with their series; names are what clients write. */
const MAX_REMEMBERED = 256;

type Kind = Pick<GenAiRecord, 'operation' | 'provider' | 'sentModel' | 'responseModel'>;

/** Series of one combination of operation, provider and models. */
class GenAiSeries {
  readonly kind: Kind;
  readonly requests: CounterSeries;
  readonly input: HistogramSeries;
  readonly output: HistogramSeries;
  readonly firstToken: HistogramSeries;
  readonly operation: HistogramSeries;
  readonly duration: HistogramSeries;
  private readonly families: MetricFamilies;
  private readonly route: string;
  private perTokenSeries: HistogramSeries | undefined;
  private costSeries: CounterSeries | undefined;

  constructor(families: MetricFamilies, route: string, { operation, provider, sentModel, responseModel }: Kind) {
    this.families = families;
    this.route = route;
    this.kind = { operation, provider, sentModel, responseModel };
    const labels = this.labels();
    this.requests = families.agentgatewayRequests.series(route, sentModel);
    this.input = families.genAiTokenUsage.series('input', ...labels);
    this.output = families.genAiTokenUsage.series('output', ...labels);
    this.firstToken = families.genAiFirstToken.series(...labels);
    this.operation = families.genAiOperationDuration.series(...labels);
    this.duration = families.genAiDuration.series(...labels);
  }

  private labels(): readonly [string, string, string, string, string] {
    const { operation, provider, sentModel, responseModel } = this.kind;
    return [operation, provider, sentModel, responseModel, this.route];
  }

  fits(kind: Kind): boolean {
    const mine = this.kind;
    return (
      mine.sentModel === kind.sentModel &&
      mine.responseModel === kind.responseModel &&
      mine.operation === kind.operation &&
      mine.provider === kind.provider
    );
  }

  get perToken(): HistogramSeries {
    this.perTokenSeries ??= this.families.genAiPerToken.series(...this.labels());
    return this.perTokenSeries;
  }

  get cost(): CounterSeries {
    this.costSeries ??= this.families.genAiCost.series(...this.labels());
    return this.costSeries;
  }
}

export class GenAiMetrics {
  private readonly families: MetricFamilies;
  private readonly route: string;
  private readonly inputTokens: CounterSeries;
  private readonly outputTokens: CounterSeries;
  private readonly cacheRead: CounterSeries;
  private readonly cacheWrite: CounterSeries;
  private readonly uncached: CounterSeries;
  private last: GenAiSeries | undefined;
  private readonly known = new Map<string, GenAiSeries>();

  constructor(families: MetricFamilies, route: string) {
    this.families = families;
    this.route = route;
    this.inputTokens = families.agentgatewayTokens.series(route, 'input');
    this.outputTokens = families.agentgatewayTokens.series(route, 'output');
    this.cacheRead = families.inputTokens.series(route, 'read');
    this.cacheWrite = families.inputTokens.series(route, 'write');
    this.uncached = families.inputTokens.series(route, 'none');
  }

  /** Counts a finished exchange whose cost is settled. */
  record({ genAi, durationMs, attempts }: Exchange): void {
    if (genAi === undefined || genAi.provider === '') return;
    const series = this.seriesOf(genAi);
    series.requests.increment();
    series.operation.observe(durationMs / 1000);
    series.duration.observe(answeringMs(attempts, durationMs) / 1000);
    if (genAi.firstTokenMs >= 0) this.recordStream(series, genAi, durationMs);
    if (genAi.spent !== undefined) for (const spent of genAi.spent) this.recordSpent(genAi, spent);
    if (genAi.totalTokens < 0) return;
    series.input.observe(genAi.inputTokens);
    series.output.observe(genAi.outputTokens);
    this.inputTokens.add(genAi.inputTokens);
    this.outputTokens.add(genAi.outputTokens);
    this.countCache(genAi);
    if (genAi.ownCost !== undefined) series.cost.add(genAi.ownCost.total / PICO);
  }

  private recordStream(series: GenAiSeries, genAi: GenAiRecord, durationMs: number): void {
    series.firstToken.observe(genAi.firstTokenMs / 1000);
    // The rate of a stream that was cut is not known: it may have stood still before.
    const perToken = genAi.aborted ? -1 : secondsPerToken(genAi, durationMs);
    if (perToken >= 0) series.perToken.observe(perToken);
  }

  /** Its tokens are no tokens of this request's answer; what it cost was spent all the same. */
  private recordSpent({ operation }: GenAiRecord, { provider, sentModel, responseModel, cost }: SpentTry): void {
    if (cost === undefined) return;
    const labels = [operation, provider, sentModel, responseModel, this.route] as const;
    this.families.genAiCost.series(...labels).add(cost.total / PICO);
  }

  private countCache({ inputTokens, cachedTokens, cacheWriteTokens }: GenAiRecord): void {
    const read = Math.min(Math.max(0, cachedTokens), inputTokens);
    const written = Math.min(Math.max(0, cacheWriteTokens), inputTokens - read);
    this.cacheRead.add(read);
    if (written > 0) this.cacheWrite.add(written);
    this.uncached.add(inputTokens - read - written);
  }

  private seriesOf(record: GenAiRecord): GenAiSeries {
    const { last } = this;
    if (last?.fits(record)) return last;
    const { operation, provider, sentModel, responseModel } = record;
    const key = `${operation}\n${provider}\n${sentModel}\n${responseModel}`;
    let series = this.known.get(key);
    if (series === undefined) {
      series = new GenAiSeries(this.families, this.route, record);
      if (this.known.size >= MAX_REMEMBERED) this.known.clear();
      this.known.set(key, series);
    }
    this.last = series;
    return series;
  }
}

/** Of the try that the client's answer is from: the last one without a failure. */
function answeringMs(attempts: readonly AttemptRecord[], durationMs: number): number {
  if (attempts.length === 1) return attempts[0].ms;
  return (attempts.findLast(({ error }) => error === undefined) ?? attempts.at(-1))?.ms ?? durationMs;
}
