// A chat completions request as clients write it → the canonical request.
import { BodyReader } from '../../body-reader.ts';
import type { Decoded } from '../../codec.ts';
import { isJsonObject, type JsonObject } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeParameters } from './decode-parameters.ts';
import { usesLegacyFunctions } from './decode-tools.ts';

/** Members that fields of the canonical request stand for. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'stop',
  'seed',
  'n',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'reasoning',
  'user',
  'metadata',
  'service_tier',
  'store',
  'verbosity',
  'modalities',
  'audio',
  'prediction',
  'web_search_options',
  'prompt_cache_key',
]);

export function decodeRequest(body: JsonObject): Decoded<ChatRequest> {
  const reader = new BodyReader();
  const streamOptions = reader.object(body, 'stream_options') ?? {};
  const request: ChatRequest = {
    operation: 'chat',
    wire: 'openai-chat',
    model: reader.requiredText(body, 'model'),
    stream: reader.flag(body, 'stream') ?? false,
    messages: decodeMessages(body, reader),
    parameters: decodeParameters(body, reader),
    wantsStreamUsage: reader.flag(streamOptions, 'include_usage', 'stream_options') ?? false,
    ...(usesLegacyFunctions(body) && { usesLegacyFunctions: true }),
    rest: restOf(body, streamOptions),
  };
  return reader.problem ?? { ok: true, value: request };
}

function restOf(body: JsonObject, streamOptions: JsonObject): JsonObject {
  const rest: Record<string, JsonObject[string]> = {};
  for (const [key, value] of Object.entries(body)) {
    const isUsed = KNOWN.has(key) || (key === 'safety_identifier' && !hasText(body.user));
    if (!isUsed && value !== null) rest[key] = value;
  }
  const { include_usage: _, ...options } = streamOptions;
  if (isJsonObject(options) && Object.keys(options).length > 0) rest.stream_options = options;
  return rest;
}

function hasText(value: JsonObject[string]): boolean {
  return typeof value === 'string';
}
