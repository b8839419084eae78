// The simulator's token rule, the same for JSON and streams: one token per four UTF-16 units, rounded up, at least one.

const UNITS_PER_TOKEN = 4;

export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / UNITS_PER_TOKEN));
}

/** The longest beginning of `text` that counts at most `maxTokens`, never ending inside a surrogate pair. */
export function takeTokens(text: string, maxTokens: number): string {
  const end = maxTokens * UNITS_PER_TOKEN;
  if (text.length <= end) return text;
  const last = text.charCodeAt(end - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end);
}

export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  /** Part of the output. */
  readonly reasoning?: number;
}

/** `usage` as chat and completions report it. */
export function chatUsage({ input, output, reasoning = 0 }: TokenCounts): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** `usage` as the Responses API reports it. */
export function responseUsage({ input, output, reasoning = 0 }: TokenCounts): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
