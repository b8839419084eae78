// The last AI requests of the thread with what they cost, so that a cost in the log can be explained (`switchyard cost explain`).
// Bounded: the newest push out the oldest.
import { dollarsText } from '../base/pico-dollars.ts';
import type { ModelPrice } from '../llm/catalog/price-book.ts';
import { billOf, type Cost, type CostLine, costOf } from '../llm/catalog/rates.ts';
import type { Usage } from '../llm/usage.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, SpentTry } from '../pipeline/outcome.ts';
import { type GenAiCounts, takeCounts, usageOf } from './record-usage.ts';

/** Of each thread. */
const KEPT = 1024;
/** Names longer than this keep their request out: what clients write must not fill the memory. */
const MAX_NAME = 512;

export interface BilledLine extends CostLine {
  /** In pico-dollars, like `rate`. */
  readonly amount: number;
}

export interface BilledTry {
  readonly backend: string;
  readonly provider: string;
  readonly model: string;
  readonly answeredModel: string;
  /** The client got its answer. */
  readonly isAnswer: boolean;
  readonly usage: Usage;
  readonly price: Pick<ModelPrice, 'source' | 'entry'> | undefined;
  readonly lines: readonly BilledLine[];
  /** Undefined without a price. */
  readonly total: number | undefined;
  readonly dollars: string | undefined;
}

export interface CostExplanation {
  readonly requestId: string;
  readonly timestampMs: number;
  readonly route: string;
  readonly estimated: boolean;
  readonly aborted: boolean;
  readonly priceVersion: string;
  /** In the order they were counted; the answer last. */
  readonly tries: readonly BilledTry[];
  readonly total: number | undefined;
  readonly dollars: string | undefined;
}

/**
 * hot: a place of its own for each, written anew for every request. Records that were held here outlived the request, and the collector
 * copied each of them: 1.4 µs a request (bench/micro/exchange.ts).
 */
class KeptRequest implements GenAiCounts {
  requestId = '';
  timestampMs = 0;
  route = '';
  backend = '';
  provider = '';
  sentModel = '';
  responseModel = '';
  estimated = false;
  aborted = false;
  priceVersion = '';
  price: ModelPrice | undefined = undefined;
  spent: readonly SpentTry[] | undefined = undefined;
  /** -1 = without a price. */
  total = -1;
  inputTokens = -1;
  outputTokens = -1;
  totalTokens = -1;
  cachedTokens = -1;
  reasoningTokens = -1;
  cacheWriteTokens = -1;
  cacheWrite1hTokens = -1;
  audioInputTokens = -1;
  audioOutputTokens = -1;

  take(exchange: Exchange, record: GenAiRecord): void {
    this.requestId = exchange.requestId;
    this.timestampMs = exchange.timestampMs;
    this.route = exchange.routeName ?? '';
    this.backend = exchange.upstream ?? '';
    this.provider = record.provider;
    this.sentModel = record.sentModel;
    this.responseModel = record.responseModel;
    this.estimated = record.estimated;
    this.aborted = record.aborted;
    this.priceVersion = record.priceVersion;
    this.price = record.price;
    this.spent = record.spent;
    this.total = record.cost?.total ?? -1;
    takeCounts(this, record);
  }
}

export class RecentCosts {
  private readonly kept: KeptRequest[] = [];
  private next = 0;

  keep(exchange: Exchange, record: GenAiRecord): void {
    let named = record.requestModel.length + record.responseModel.length + exchange.requestId.length;
    // Members of a body that were not told to the provider are the client's words, too.
    for (const name of record.dropped) named += name.length;
    if (named > MAX_NAME) return;
    let place = this.kept[this.next];
    if (place === undefined) {
      place = new KeptRequest();
      this.kept.push(place);
    }
    place.take(exchange, record);
    this.next = (this.next + 1) % KEPT;
  }

  /** Clients may write ids themselves, and the same one twice: the last is meant. */
  private newest(requestId: string): KeptRequest | undefined {
    const { kept, next } = this;
    for (let back = 1; back <= kept.length; back++) {
      const each = kept[(next - back + kept.length) % kept.length];
      if (each.requestId === requestId) return each;
    }
    return undefined;
  }

  explain(requestId: string): CostExplanation | undefined {
    const kept = this.newest(requestId);
    if (kept === undefined) return undefined;
    const { timestampMs, route, estimated, aborted, priceVersion } = kept;
    const facts = { requestId, timestampMs, route, estimated, aborted, priceVersion };
    const total = kept.total < 0 ? undefined : kept.total;
    return { ...facts, tries: triesOf(kept), total, dollars: total === undefined ? undefined : dollarsText(total) };
  }
}

function triesOf(kept: KeptRequest): readonly BilledTry[] {
  const spent = (kept.spent ?? []).map((each) => {
    const names = { backend: each.backend, provider: each.provider, model: each.sentModel };
    return billed({ ...names, answeredModel: each.responseModel, isAnswer: false }, each);
  });
  const usage = usageOf(kept);
  if (usage === undefined) return spent;
  const { backend, provider, price } = kept;
  const names = { backend, provider, model: kept.sentModel, answeredModel: kept.responseModel };
  const cost = price && costOf(price.rates, usage);
  return [...spent, billed({ ...names, isAnswer: true }, { usage, price, cost })];
}

type TryNames = Pick<BilledTry, 'backend' | 'provider' | 'model' | 'answeredModel' | 'isAnswer'>;

interface TryBill {
  readonly usage: Usage;
  readonly price: ModelPrice | undefined;
  readonly cost: Cost | undefined;
}

function billed(names: TryNames, { usage, price, cost }: TryBill): BilledTry {
  const lines = price === undefined ? [] : billOf(price.rates, usage);
  return {
    ...names,
    usage,
    price: price && { source: price.source, entry: price.entry },
    lines: lines.map((line) => ({ ...line, amount: line.tokens * line.rate })),
    total: cost?.total,
    dollars: cost && dollarsText(cost.total),
  };
}
