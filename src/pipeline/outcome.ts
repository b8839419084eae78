// What became of an exchange: written once by runtime/finish.ts, read by onEnd hooks, log and metrics.

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
  /** Counts are ours, not the provider's. */
  estimated: boolean;
  /** Milliseconds to the first useful delta, -1 when none. */
  firstTokenMs: number;
}
