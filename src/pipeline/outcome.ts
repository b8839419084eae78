// What became of an exchange: written once by runtime/finish.ts, read by onEnd hooks, log and metrics.
import type { ModelPrice } from '../llm/catalog/price-book.ts';
import type { Cost } from '../llm/catalog/rates.ts';
import type { Usage } from '../llm/usage.ts';

/** One try at one endpoint. `status` is 0 when no answer came; then `error` says why. */
export interface AttemptRecord {
  readonly backend: string;
  readonly endpoint: string;
  status: number;
  ms: number;
  error: string | undefined;
}

/** How a streamed reply ended. Only `complete` is a success. */
export type StreamEnd =
  | 'complete'
  | 'client-gone'
  | 'upstream-cut'
  | 'idle-timeout'
  | 'total-timeout'
  | 'in-band-error'
  /** Slower than allowed. */
  | 'too-slow'
  /** Complete, but not an answer of the provider's own API. */
  | 'bad-answer'
  | 'shutdown';

/** An answer that the client did not get, and whose tokens the provider counted all the same: a failed try, a slower one. */
export interface SpentTry {
  readonly backend: string;
  readonly provider: string;
  readonly sentModel: string;
  readonly responseModel: string;
  readonly usage: Usage;
  /** Written at the end of the exchange; undefined = without a price. */
  price: ModelPrice | undefined;
  cost: Cost | undefined;
}

/** AI facts of an exchange, in the names of the access log. Token counts are -1 while unknown. */
export interface GenAiRecord {
  operation: string;
  /** The client's format. */
  format: string;
  /** The answer was told in another wire than the provider's. */
  translated: boolean;
  /** Wishes of the client that the provider could not be told. */
  dropped: readonly string[];
  provider: string;
  requestModel: string;
  /** What was sent upstream after alias and override. */
  sentModel: string;
  responseModel: string;
  streaming: boolean;
  inputTokens: number;
  outputTokens: number;
  totalTokens: number;
  cachedTokens: number;
  reasoningTokens: number;
  /** All lifetimes; the next is the part kept for an hour. */
  cacheWriteTokens: number;
  cacheWrite1hTokens: number;
  audioInputTokens: number;
  audioOutputTokens: number;
  /** Counts are ours, not the provider's. */
  estimated: boolean;
  /** The answer was cut; counts are those of what was produced until then. */
  aborted: boolean;
  /** Stream events that came, or -1: what an answer without counts is estimated by. */
  relayedEvents: number;
  /** Characters of the answer's text, where a stream was told in other words; -1 = not known. */
  relayedCharacters: number;
  /** A whole JSON answer that told no counts, until it is estimated. */
  answerBody: Buffer | undefined;
  spent: readonly SpentTry[] | undefined;
  /** Of the answer the client got, and what it costs alone. */
  price: ModelPrice | undefined;
  ownCost: Cost | undefined;
  /** Of all tries together; undefined where one with tokens has no price. */
  cost: Cost | undefined;
  /** Of the catalog the cost was found in. */
  priceVersion: string;
  /** Milliseconds to the first useful delta, -1 when none. */
  firstTokenMs: number;
}
