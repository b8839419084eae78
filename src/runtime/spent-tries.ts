// Tries whose answers the client did not get, and that were counted by their provider all the same: kept in the record, so that the
// cost of a request is that of all its tries. Called by ai-exchange.ts when an answer is forgotten.
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, SpentTry } from '../pipeline/outcome.ts';
import type { AnswerTap } from './answer-tap.ts';
import { forgetUsage, usageOf } from './record-usage.ts';

/** Where a try went. */
export interface TryPlace {
  readonly backend: string;
  readonly provider: string;
  readonly sentModel: string;
}

function spentOf(record: GenAiRecord, { backend, provider, sentModel }: TryPlace): readonly SpentTry[] | undefined {
  const usage = usageOf(record);
  if (usage === undefined) return record.spent;
  const { responseModel, spent = [] } = record;
  return [...spent, { backend, provider, sentModel, responseModel, usage, price: undefined, cost: undefined }];
}

/** Before another candidate is asked. */
export function keepSpent(record: GenAiRecord, exchange: Exchange): void {
  const { provider, sentModel } = record;
  record.spent = spentOf(record, { backend: exchange.upstream ?? '', provider, sentModel });
  forgetUsage(record);
}

/** An answer lost against another: of it only what it cost stays. */
export function abandonSpent(record: GenAiRecord, tap: AnswerTap, place: TryPlace): void {
  const kept = { ...record };
  forgetUsage(record);
  record.responseModel = '';
  tap.abandon();
  const spent = spentOf(record, place);
  Object.assign(record, kept, { spent });
}
