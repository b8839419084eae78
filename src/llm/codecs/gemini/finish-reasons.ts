// Why answers end, in Google's words and in ours, both ways.
import type { FinishReason } from '../../response.ts';

const FROM_GEMINI: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'other',
  OTHER: 'other',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  MISSING_THOUGHT_SIGNATURE: 'error',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  IMAGE_OTHER: 'other',
  NO_IMAGE: 'other',
  CONTINUATION: 'pause',
};

/** Google ends a turn of calls with STOP, too: that it holds calls is known from its parts. */
export function finishFromGemini(raw: string, hasCalls: boolean): FinishReason {
  const reason = Object.hasOwn(FROM_GEMINI, raw) ? FROM_GEMINI[raw] : 'other';
  return reason === 'stop' && hasCalls ? 'tool-calls' : reason;
}

const TO_GEMINI: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'CONTINUATION',
  'context-window': 'MAX_TOKENS',
  error: 'OTHER',
  other: 'OTHER',
};

export function finishToGemini(reason: FinishReason): string {
  return TO_GEMINI[reason];
}
