// What AI exchanges of the thread cost: counts estimated where nobody told them, prices looked up, costs summed over all tries. Called
// by finish.ts once at the end, and for the field in the head of an answer that was held until its counts are known.
import { dollarsText } from '../base/pico-dollars.ts';
import type { CatalogData, ModelLimits } from '../llm/catalog/catalog-data.ts';
import { PriceBook, type PriceLookup } from '../llm/catalog/price-book.ts';
import { addCosts, type Cost, costOf } from '../llm/catalog/rates.ts';
import type { TokenCounter } from '../llm/token-counter.ts';
import { createUsage, type Usage } from '../llm/usage.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';
import type { CounterSeries } from '../telemetry/metric-series.ts';
import { RecentCosts } from './recent-costs.ts';
import { recordUsage, usageOf } from './record-usage.ts';
import { type EstimateMethod, type EstimateParts, estimate, estimateParts, needsEstimate } from './usage-estimate.ts';

export const COST_FIELD = 'x-switchyard-cost';

export interface CostSettings {
  /** Undefined = no AI backend has a price. */
  readonly catalog: CatalogData | undefined;
  readonly estimate: boolean;
}

export interface CostMetrics {
  lookup(status: string): CounterSeries;
  estimate(method: EstimateMethod): CounterSeries;
}

type LookupOutcome = PriceLookup['status'] | 'out-of-range';

interface Waiting {
  readonly exchange: Exchange;
  readonly record: GenAiRecord;
  readonly parts: EstimateParts;
  readonly done: () => void;
}

/** Answers whose tokens are being counted; more are estimated by size. */
const MAX_WAITING = 256;

export class CostMeter {
  readonly recent = new RecentCosts();
  private readonly metrics: CostMetrics;
  private readonly counter: TokenCounter | undefined;
  private readonly waiting = new Set<Waiting>();
  private book: PriceBook | undefined;
  private estimates = false;
  /** hot: whose price is in its record already, for the field of its head: told in the same turn in which it ends. */
  private priced: GenAiRecord | undefined;
  private pricedStatus: LookupOutcome | undefined;
  private pricedTokens = 0;
  private pricedSpent: GenAiRecord['spent'];
  private lastStatus = '';
  private lastLookups: CounterSeries | undefined;

  constructor(metrics: CostMetrics, counter: TokenCounter | undefined) {
    this.metrics = metrics;
    this.counter = counter;
  }

  /** Another configuration is in force. */
  use({ catalog, estimate: estimates }: CostSettings): void {
    this.priced = undefined;
    this.book = catalog === undefined ? undefined : new PriceBook(catalog);
    this.estimates = estimates;
  }

  /** Who counts tokens for the gateway; undefined where that is switched off or cannot be had. */
  get tokenCounter(): TokenCounter | undefined {
    return this.estimates ? this.counter : undefined;
  }

  /** What nobody told is estimated. */
  get isEstimating(): boolean {
    return this.estimates;
  }

  /** What is known of a model's size; undefined without a catalog. */
  limitsOf(backend: string, model: string): ModelLimits | undefined {
    return this.book?.limitsOf(backend, model);
  }

  /** What the catalog knows of a model now; undefined without one. */
  lookup(backend: string, model: string, wallMs: number): PriceLookup | undefined {
    return this.book?.find(backend, { sent: model, answered: '' }, wallMs);
  }

  /** Answers without a stream are held until their counts are known, so that their head can say what they cost. */
  get isShown(): boolean {
    return this.book !== undefined;
  }

  /** A line of the head, or trailer, of an answer whose counts are known by now; '' without them or without a price. */
  line(exchange: Exchange): string {
    const text = this.dollars(exchange);
    return text === undefined ? '' : `${COST_FIELD}: ${text}\r\n`;
  }

  dollars({ genAi, upstream, timestampMs }: Exchange): string | undefined {
    if (genAi === undefined || this.book === undefined || genAi.totalTokens < 0) return undefined;
    this.pricedStatus = this.price(genAi, upstream ?? '', timestampMs);
    this.priced = genAi;
    this.pricedTokens = genAi.totalTokens;
    this.pricedSpent = genAi.spent;
    return genAi.cost === undefined ? undefined : dollarsText(genAi.cost.total);
  }

  /**
   * The end of an exchange. True: its tokens must be counted first, `done` is called in a later turn, and the record is
   * complete then. False: it is complete now.
   */
  settles(exchange: Exchange, record: GenAiRecord, done: () => void): boolean {
    const { streamEnd, responseBytes } = exchange;
    record.aborted = streamEnd !== undefined && streamEnd !== 'complete' && responseBytes > 0;
    if (!this.estimates || !needsEstimate(exchange, record)) {
      this.close(exchange, record);
      return false;
    }
    return this.estimate(exchange, record, done);
  }

  private estimate(exchange: Exchange, record: GenAiRecord, done: () => void): boolean {
    const waiting = { exchange, record, parts: estimateParts(exchange, record), done };
    record.answerBody = undefined;
    let isLater = false;
    this.waiting.add(waiting);
    const counter = this.waiting.size > MAX_WAITING ? undefined : this.counter;
    estimate(waiting.parts, counter, (input, output, method) => {
      if (!this.waiting.delete(waiting)) return;
      this.take(waiting, input, output, method);
      if (isLater) done();
    });
    isLater = this.waiting.has(waiting);
    // The connection reads its next request into the same memory.
    if (isLater) exchange.headers = exchange.headers.copy();
    return isLater;
  }

  private take({ exchange, record }: Waiting, input: number, output: number, method: EstimateMethod): void {
    this.metrics.estimate(method).increment();
    this.priced = undefined;
    record.estimated = true;
    const told = usageOf(record) ?? createUsage({});
    recordUsage(record, createUsage({ ...told, input: input < 0 ? told.input : input, output, total: undefined }));
    this.close(exchange, record);
  }

  /** The thread ends: what is still being counted is estimated by size. */
  stopWaiting(): void {
    for (const waiting of this.waiting) {
      this.waiting.delete(waiting);
      estimate(waiting.parts, undefined, (input, output, method) => this.take(waiting, input, output, method));
      waiting.done();
    }
  }

  /** The record is complete. */
  private close(exchange: Exchange, record: GenAiRecord): void {
    // It was kept to be counted, and records live on in `recent`.
    record.answerBody = undefined;
    if (record.totalTokens < 0 && record.spent === undefined) return;
    if (this.book !== undefined) {
      const status = this.isPriced(record)
        ? this.pricedStatus
        : this.price(record, exchange.upstream ?? '', exchange.timestampMs);
      if (status !== undefined) this.countLookup(status);
    }
    this.priced = undefined;
    this.recent.keep(exchange, record);
  }

  /** Another try since would have left the one before among the spent. */
  private isPriced(record: GenAiRecord): boolean {
    return this.priced === record && this.pricedTokens === record.totalTokens && this.pricedSpent === record.spent;
  }

  private countLookup(status: LookupOutcome): void {
    if (this.lastLookups === undefined || this.lastStatus !== status) this.lastLookups = this.metrics.lookup(status);
    this.lastStatus = status;
    this.lastLookups.increment();
  }

  /** Writes price and cost; says how the look-up of the answer's own price went. */
  private price(record: GenAiRecord, backend: string, wallMs: number): LookupOutcome | undefined {
    const { book } = this;
    const usage = usageOf(record);
    if (book === undefined) return undefined;
    record.priceVersion = book.version;
    let sum: Cost | undefined;
    let isWhole = true;
    for (const spent of record.spent ?? []) {
      const names = { sent: spent.sentModel, answered: spent.responseModel };
      spent.price = book.find(spent.backend, names, wallMs).price;
      spent.cost = spent.price && costOf(spent.price.rates, spent.usage);
      if (spent.cost === undefined) isWhole = false;
      else sum = sum === undefined ? spent.cost : addCosts(sum, spent.cost);
    }
    const status = usage === undefined ? undefined : this.priceOwn(record, usage, { backend, wallMs });
    if (usage !== undefined && record.ownCost === undefined) isWhole = false;
    if (record.ownCost !== undefined) sum = sum === undefined ? record.ownCost : addCosts(sum, record.ownCost);
    record.cost = isWhole ? sum : undefined;
    return status;
  }

  private priceOwn(
    record: GenAiRecord,
    usage: Usage,
    { backend, wallMs }: { readonly backend: string; readonly wallMs: number },
  ): LookupOutcome {
    const names = { sent: record.sentModel, answered: record.responseModel };
    const lookup = (this.book as PriceBook).find(backend, names, wallMs);
    record.price = lookup.price;
    record.ownCost = lookup.price && costOf(lookup.price.rates, usage);
    return lookup.price !== undefined && record.ownCost === undefined ? 'out-of-range' : lookup.status;
  }
}
