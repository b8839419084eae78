// A whole chat completion of a provider → the canonical answer.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { AssistantPart, TextPart, ToolCallPart } from '../../message.ts';
import { decodeOpenaiUsage } from '../../openai-usage.ts';
import type { ChatResponse, Choice, ProviderError } from '../../response.ts';
import { annotationsOf, argumentsOf, imagesOf, madeCallId, spokenPartsOf } from './decode-content-parts.ts';
import { signatureOf } from './decode-messages.ts';
import { reasoningPartsOf } from './decode-reasoning.ts';
import { decodeFinish } from './finish-reason.ts';
import { inBandError } from './in-band-error.ts';

/** Members of the answer that fields of the canonical answer stand for. */
const KNOWN: ReadonlySet<string> = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'service_tier']);

export function decodeResponse(body: JsonValue): ChatResponse | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  const error = inBandError(body);
  if (error !== undefined) return error;
  const { choices } = body;
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(isJsonObject)) return undefined;
  const id = textOf(body.id);
  const rest = Object.entries(body).filter(([key, value]) => !KNOWN.has(key) && value !== null);
  const serviceTier = textOf(body.service_tier);
  return {
    id,
    model: textOf(body.model),
    createdSeconds: typeof body.created === 'number' ? body.created : undefined,
    choices: choices.map((choice: JsonObject, index) => decodeChoice(choice, index, id)),
    usage: decodeOpenaiUsage(body.usage) ?? decodeOpenaiUsage(firstChoiceUsage(choices)),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(rest.length > 0 && { rest: Object.fromEntries(rest) }),
  };
}

/** Moonshot's place of it. */
function firstChoiceUsage([first]: readonly JsonValue[]): JsonValue | undefined {
  return isJsonObject(first) ? first.usage : undefined;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function decodeChoice(choice: JsonObject, place: number, responseId: string | undefined): Choice {
  const message = isJsonObject(choice.message) ? choice.message : {};
  const index = typeof choice.index === 'number' ? choice.index : place;
  const calls = toolCallsOf(message, index, responseId);
  return {
    index,
    content: [...spoken(message), ...calls],
    finish: decodeFinish({
      raw: textOf(choice.finish_reason) ?? '',
      hasCalls: calls.length > 0,
      stopSequence: textOf(choice.stop_reason),
    }),
    ...(isJsonObject(choice.logprobs) && { logprobs: choice.logprobs }),
  };
}

function spoken(message: JsonObject): readonly AssistantPart[] {
  const parts: AssistantPart[] = [...reasoningPartsOf(message), ...spokenPartsOf(message.content)];
  const citations = annotationsOf(message);
  const at = parts.findLastIndex((part) => part.type === 'text');
  if (citations.length > 0 && at !== -1) parts[at] = { ...(parts[at] as TextPart), citations };
  const refusal = textOf(message.refusal);
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal });
  for (const source of imagesOf(message)) parts.push({ type: 'image', source });
  const sound = isJsonObject(message.audio) ? message.audio : {};
  const data = textOf(sound.data);
  if (data !== undefined) parts.push({ type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data } });
  const transcript = textOf(sound.transcript);
  if (transcript !== undefined && at === -1) parts.push({ type: 'text', text: transcript });
  return parts;
}

function toolCallsOf(message: JsonObject, choice: number, responseId: string | undefined): readonly ToolCallPart[] {
  const written = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isJsonObject) : [];
  const legacy = isJsonObject(message.function_call) ? [{ function: message.function_call }] : [];
  return [...written, ...(written.length > 0 ? [] : legacy)].map((call: JsonObject, index) => {
    const named = isJsonObject(call.function) ? call.function : isJsonObject(call.custom) ? call.custom : {};
    const signature = signatureOf(call);
    return {
      type: 'tool-call',
      id: textOf(call.id) ?? madeCallId(responseId, choice, index),
      name: textOf(named.name) ?? '',
      arguments: argumentsOf(named.arguments ?? named.input),
      ...(signature !== undefined && { signature }),
    };
  });
}
