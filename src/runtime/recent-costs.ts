// The last AI requests of the thread with what they cost, so that a cost in the log can be explained (`switchyard cost explain`).
// Bounded: the newest push out the oldest.
import { dollarsText } from '../base/pico-dollars.ts';
import type { ModelPrice } from '../llm/catalog/price-book.ts';
import { billOf, type Cost, type CostLine } from '../llm/catalog/rates.ts';
import type { Usage } from '../llm/usage.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';
import { usageOf } from './record-usage.ts';

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

interface Kept {
  readonly requestId: string;
  readonly timestampMs: number;
  readonly route: string;
  readonly backend: string;
  readonly record: GenAiRecord;
}

export class RecentCosts {
  private readonly kept: Kept[] = [];
  private next = 0;

  keep({ requestId, timestampMs, routeName, upstream }: Exchange, record: GenAiRecord): void {
    const named = record.requestModel.length + record.responseModel.length + requestId.length;
    // Members of a body that were not told to the provider are the client's words, too.
    if (record.dropped.reduce((sum, name) => sum + name.length, named) > MAX_NAME) return;
    this.kept[this.next] = { requestId, timestampMs, route: routeName ?? '', backend: upstream ?? '', record };
    this.next = (this.next + 1) % KEPT;
  }

  /** Clients may write ids themselves, and the same one twice: the last is meant. */
  private newest(requestId: string): Kept | undefined {
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
    const { timestampMs, route, record } = kept;
    const { estimated, aborted, priceVersion, cost } = record;
    const facts = { requestId, timestampMs, route, estimated, aborted, priceVersion };
    return { ...facts, tries: triesOf(kept), total: cost?.total, dollars: cost && dollarsText(cost.total) };
  }
}

function triesOf({ record, backend }: Kept): readonly BilledTry[] {
  const spent = (record.spent ?? []).map((each) => {
    const names = { backend: each.backend, provider: each.provider, model: each.sentModel };
    return billed({ ...names, answeredModel: each.responseModel, isAnswer: false }, each);
  });
  const usage = usageOf(record);
  if (usage === undefined) return spent;
  const names = { backend, provider: record.provider, model: record.sentModel, answeredModel: record.responseModel };
  return [...spent, billed({ ...names, isAnswer: true }, { usage, price: record.price, cost: record.ownCost })];
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
