// Why an answer ended, in Bedrock's words and ours.
import { isJsonObject, type JsonValue } from '../../json-value.ts';
import type { Finish, FinishReason } from '../../response.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  content_filtered: 'content-filter',
  guardrail_intervened: 'content-filter',
  model_context_window_exceeded: 'context-window',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
  refusal: 'refusal',
  pause_turn: 'pause',
};

/** `additional` are the fields asked for beyond the answer. */
export function decodeStopReason(value: JsonValue | undefined, additional: JsonValue | undefined): Finish {
  if (typeof value !== 'string') return { reason: 'other' };
  const reason = Object.hasOwn(REASONS, value) ? REASONS[value] : 'other';
  const sequence = isJsonObject(additional) ? additional.stop_sequence : undefined;
  return { reason, raw: value, ...(typeof sequence === 'string' && { stopSequence: sequence }) };
}
