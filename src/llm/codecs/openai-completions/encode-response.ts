// The canonical answer → a completion of old: its text, and nothing of what that wire has no words for.
import type { ReplyFrame } from '../../codec.ts';
import type { JsonObject } from '../../json-value.ts';
import { encodeOpenaiUsage } from '../../openai-usage.ts';
import type { ChatResponse, Choice, FinishReason } from '../../response.ts';
import { toLegacyLogprobs } from './logprobs.ts';

export function encodeResponse(response: ChatResponse, frame: ReplyFrame): JsonObject {
  return {
    id: response.id ?? `cmpl-${frame.id}`,
    object: 'text_completion',
    created: response.createdSeconds ?? frame.createdSeconds,
    model: response.model ?? frame.model,
    choices: response.choices.map(encodeChoice),
    ...(response.usage !== undefined && { usage: encodeOpenaiUsage(response.usage) }),
  };
}

/** A refusal is what the model said, and this wire has no other place for it. */
function encodeChoice({ index, content, finish, logprobs }: Choice): JsonObject {
  const text = content.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
  return { text, index, logprobs: toLegacyLogprobs(logprobs, 0), finish_reason: FINISH_WORDS[finish.reason] };
}

export const FINISH_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'stop',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'length',
  'context-window': 'length',
  error: 'error',
  other: 'stop',
};
