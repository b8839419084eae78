// `stop_reason` and the reasons of the canonical shape, both ways.
import { isJsonObject, type JsonValue } from '../../json-value.ts';
import type { Finish, FinishReason } from '../../response.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-window',
};

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  'context-window': 'model_context_window_exceeded',
  // The API has no word for it; this one says at least that the answer is not whole.
  error: 'max_tokens',
  other: 'end_turn',
};

/** `from` holds `stop_reason` and `stop_sequence`: a message, or the delta of a stream. Undefined = it has not finished. */
export function decodeFinish(from: JsonValue | undefined): Finish | undefined {
  if (!isJsonObject(from) || typeof from.stop_reason !== 'string') return undefined;
  const { stop_reason: raw, stop_sequence: stopSequence } = from;
  const reason = Object.hasOwn(REASONS, raw) ? REASONS[raw] : 'other';
  return typeof stopSequence === 'string' ? { reason, raw, stopSequence } : { reason, raw };
}

export interface StopMembers {
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
}

/**
 * A sequence that other wires do not name is not invented: they say only that one was met, and there it is `end_turn`. Agents go on
 * only at `tool_use`: an answer that calls tools and is complete says so, whatever the other wire called it.
 */
export function encodeFinish({ reason, stopSequence }: Finish, callsTools: boolean): StopMembers {
  const isPlainStop =
    reason === 'stop' || reason === 'other' || (reason === 'stop-sequence' && stopSequence === undefined);
  if (isPlainStop) return { stop_reason: callsTools ? 'tool_use' : 'end_turn', stop_sequence: null };
  if (reason === 'tool-calls' && !callsTools) return { stop_reason: 'end_turn', stop_sequence: null };
  return {
    stop_reason: STOP_REASONS[reason],
    stop_sequence: reason === 'stop-sequence' ? (stopSequence ?? null) : null,
  };
}
