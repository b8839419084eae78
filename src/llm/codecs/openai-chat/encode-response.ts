// The canonical answer → a whole chat completion for a client.
import type { ReplyFrame } from '../../codec.ts';
import { toDataUrl } from '../../data-url.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { AssistantPart, ImagePart, ReasoningPart, ToolCallPart } from '../../message.ts';
import { encodeOpenaiUsage } from '../../openai-usage.ts';
import type { ChatResponse, Choice } from '../../response.ts';
import { encodeFinish } from './finish-reason.ts';

/** Facts of a provider that a client of this wire may look for. */
const SHOWN_REST = ['system_fingerprint', 'moderation', 'citations', 'search_results', 'provider'] as const;

export function encodeResponse(response: ChatResponse, frame: ReplyFrame): JsonObject {
  const rest: Record<string, JsonValue | undefined> = {};
  for (const key of SHOWN_REST) if (response.rest?.[key] !== undefined) rest[key] = response.rest[key];
  return {
    id: response.id ?? `chatcmpl-${frame.id}`,
    object: 'chat.completion',
    created: response.createdSeconds ?? frame.createdSeconds,
    model: response.model ?? frame.model,
    choices: response.choices.map((choice) => encodeChoice(choice, frame)),
    ...(response.usage !== undefined && { usage: encodeOpenaiUsage(response.usage) }),
    ...(response.serviceTier !== undefined && { service_tier: response.serviceTier }),
    ...rest,
  };
}

function encodeChoice({ index, content, finish, logprobs }: Choice, { request }: ReplyFrame): JsonObject {
  const isLegacy = request.usesLegacyFunctions === true;
  return {
    index,
    message: encodeMessage(content, isLegacy),
    logprobs: logprobs ?? null,
    finish_reason: encodeFinish(finish, isLegacy),
  };
}

function encodeMessage(parts: readonly AssistantPart[], isLegacy: boolean): JsonObject {
  const text = joined(parts, 'text');
  const refusal = joined(parts, 'refusal');
  const calls = parts.filter((part) => part.type === 'tool-call');
  const annotations = parts
    .flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []))
    .filter(isAnnotation);
  const images = parts.filter((part) => part.type === 'image');
  const saysNothing = text === '' && (calls.length > 0 || refusal !== '');
  return {
    role: 'assistant',
    content: saysNothing ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...encodeThoughts(parts.filter((part) => part.type === 'reasoning')),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images: images.map(encodeImage) }),
    ...encodeSound(parts),
    ...encodeCalls(calls, isLegacy),
  };
}

function joined(parts: readonly AssistantPart[], type: 'text' | 'refusal'): string {
  return parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
}

/** Sources in the shape of this wire; other wires' have no meaning here. */
export function isAnnotation(citation: JsonObject): boolean {
  return isJsonObject(citation.url_citation) || isJsonObject(citation.file_citation);
}

/** As DeepSeek and vLLM say it, and as OpenRouter where a signature must come back. */
function encodeThoughts(parts: readonly ReasoningPart[]): JsonObject {
  const text = parts.map((part) => part.text).join('');
  const isSigned = parts.some(({ signature, redacted }) => signature !== undefined || redacted !== undefined);
  return {
    ...(text !== '' && { reasoning_content: text }),
    ...(isSigned && { reasoning_details: parts.map(encodeDetail) }),
  };
}

/** OpenRouter's piece of a thought. */
export function encodeDetail({ text, signature, redacted }: ReasoningPart): JsonObject {
  if (redacted !== undefined) return encryptedDetail(redacted);
  return { type: 'reasoning.text', text, ...(signature !== undefined && { signature }) };
}

export function encryptedDetail(data: string): JsonObject {
  return { type: 'reasoning.encrypted', data };
}

function encodeImage({ source }: ImagePart): JsonObject {
  const url =
    source.kind === 'base64' ? toDataUrl(source.mediaType, source.data) : source.kind === 'url' ? source.url : '';
  return { type: 'image_url', image_url: { url } };
}

function encodeSound(parts: readonly AssistantPart[]): JsonObject {
  const sound = parts.find((part) => part.type === 'audio');
  if (sound?.type !== 'audio' || sound.source.kind !== 'base64') return {};
  return { audio: { id: 'audio_0', data: sound.source.data, expires_at: 0, transcript: joined(parts, 'text') } };
}

/** One call for clients of old; a second one stands where it can be seen at least. */
function encodeCalls(calls: readonly ToolCallPart[], isLegacy: boolean): JsonObject {
  if (calls.length === 0) return {};
  const [{ name, arguments: text }] = calls;
  const legacy = isLegacy ? { function_call: { name, arguments: text } } : {};
  return isLegacy && calls.length === 1 ? legacy : { ...legacy, tool_calls: calls.map(encodeCall) };
}

function encodeCall({ id, name, arguments: text, signature }: ToolCallPart): JsonObject {
  return { id, type: 'function', function: { name, arguments: text }, ...signatureMember(signature) };
}

/** Where Google's own server of this wire puts it. */
export function signatureMember(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
}
