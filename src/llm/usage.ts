// Tokens as the provider counted them; the one shape that logs, metrics and prices read.

/**
 * Counts are totals of one answer, in the sense of one whole and its parts: `cachedInput`, `cacheWrite` (both lifetimes),
 * `audioInput` are parts of `input`; `reasoning` and `audioOutput` are parts of `output`. Providers that count the parts beside
 * the whole (Anthropic's `input_tokens` is without cache reads and writes, Gemini's `candidatesTokenCount` without thoughts) are
 * brought to this by whoever reads them. 0 = none, or not told.
 */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly total: number;
  readonly cachedInput: number;
  readonly reasoning: number;
  /** Input written to the provider's cache, all lifetimes. */
  readonly cacheWrite: number;
  /** The part of `cacheWrite` kept for an hour. */
  readonly cacheWrite1h: number;
  readonly audioInput: number;
  readonly audioOutput: number;
}

export const NO_USAGE: Usage = {
  input: 0,
  output: 0,
  total: 0,
  cachedInput: 0,
  reasoning: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  audioInput: 0,
  audioOutput: 0,
};

/** The given counts; `total` is the sum of input and output unless told. */
export function createUsage(counts: Partial<Usage>): Usage {
  const usage = { ...NO_USAGE, ...counts };
  return counts.total === undefined ? { ...usage, total: usage.input + usage.output } : usage;
}
