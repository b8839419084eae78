// Tokens as the provider counted them; the one shape that logs, metrics and prices read.

/** Counts are totals of one answer. `cachedInput` is a part of `input`, `reasoning` a part of `output` (OpenAI's sense). */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly total: number;
  readonly cachedInput: number;
  readonly reasoning: number;
}
