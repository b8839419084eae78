// Why an answer ended, in OpenAI's words and those of its imitators, both ways.
import type { Finish, FinishReason } from '../../response.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
  /** Mistral's: the context window is full. */
  model_length: 'context-window',
  /** Together's. */
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  /** DeepSeek's: it ran out of machines. */
  insufficient_system_resource: 'error',
};

export interface FinishFacts {
  readonly raw: string;
  /** Several servers say `stop` under calls, as OpenAI does when a function was named. */
  readonly hasCalls: boolean;
  /** vLLM's `stop_reason`: the text that was matched. */
  readonly stopSequence: string | undefined;
}

export function decodeFinish({ raw, hasCalls, stopSequence }: FinishFacts): Finish {
  const known = Object.hasOwn(REASONS, raw) ? REASONS[raw] : 'other';
  if (known === 'stop' && hasCalls) return { reason: 'tool-calls', raw };
  if (known === 'stop' && stopSequence !== undefined) return { reason: 'stop-sequence', raw, stopSequence };
  return { reason: known, raw };
}

/** Nothing that was cut short is called a proper `stop`. */
const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'length',
  'context-window': 'length',
  error: 'error',
  other: 'stop',
};

export function encodeFinish({ reason }: Finish, usesLegacyFunctions: boolean): string {
  return reason === 'tool-calls' && usesLegacyFunctions ? 'function_call' : WORDS[reason];
}
