// A whole answer of Converse.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { ChatResponse, ProviderError } from '../../response.ts';
import { decodeUsage } from './decode-usage.ts';
import { decodeStopReason } from './stop-reason.ts';

export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((item) => isJsonObject(item)) : [];
}

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

function reasoningPart(content: JsonObject): AssistantPart | undefined {
  if (typeof content.redactedContent === 'string')
    return { type: 'reasoning', text: '', redacted: content.redactedContent };
  const text = member(content.reasoningText, 'text');
  const signature = member(content.reasoningText, 'signature');
  if (typeof text !== 'string' && typeof signature !== 'string') return undefined;
  return {
    type: 'reasoning',
    text: typeof text === 'string' ? text : '',
    ...(typeof signature === 'string' && { signature }),
  };
}

/** Text with the sources it names. */
function citedPart(block: JsonObject): AssistantPart | undefined {
  const texts = objectsOf(block.content).map(({ text }) => (typeof text === 'string' ? text : ''));
  const citations = objectsOf(block.citations);
  if (texts.join('') === '') return undefined;
  return { type: 'text', text: texts.join(''), ...(citations.length > 0 && { citations }) };
}

function mediaPart(type: 'image' | 'audio', block: JsonObject): AssistantPart | undefined {
  const data = member(block.source, 'bytes');
  if (typeof data !== 'string') return undefined;
  return {
    type,
    source: { kind: 'base64', mediaType: `${type}/${typeof block.format === 'string' ? block.format : 'png'}`, data },
  };
}

/** Undefined = a kind of block that came after this was written. */
function partOf(block: JsonObject): AssistantPart | undefined {
  if (typeof block.text === 'string') return { type: 'text', text: block.text };
  const { toolUse, reasoningContent, citationsContent, image, audio } = block;
  if (isJsonObject(toolUse)) {
    const { toolUseId, name, input } = toolUse;
    if (typeof toolUseId !== 'string' || typeof name !== 'string') return undefined;
    return { type: 'tool-call', id: toolUseId, name, arguments: JSON.stringify(input ?? {}) };
  }
  if (isJsonObject(reasoningContent)) return reasoningPart(reasoningContent);
  if (isJsonObject(citationsContent)) return citedPart(citationsContent);
  if (isJsonObject(image)) return mediaPart('image', image);
  return isJsonObject(audio) ? mediaPart('audio', audio) : undefined;
}

function isBrokenCall({ toolUse }: JsonObject): boolean {
  if (toolUse === undefined || toolUse === null) return false;
  return typeof member(toolUse, 'toolUseId') !== 'string' || typeof member(toolUse, 'name') !== 'string';
}

/** The tier that served, and what only Bedrock tells. */
export function decodeFacts(document: JsonObject): Pick<ChatResponse, 'serviceTier' | 'rest'> {
  const { trace, performanceConfig, metrics } = document;
  const tier = member(document.serviceTier, 'type');
  const rest = { trace, performanceConfig, metrics };
  const told = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  return {
    ...(typeof tier === 'string' && { serviceTier: tier }),
    ...(told.length > 0 && { rest: Object.fromEntries(told) }),
  };
}

export function decodeResponse(body: JsonValue): ChatResponse | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  const message = member(body.output, 'message');
  if (!isJsonObject(message) || !Array.isArray(message.content)) return undefined;
  const blocks = objectsOf(message.content);
  // A call without its name would be an answer without its point: better none than that.
  if (blocks.length < message.content.length || blocks.some(isBrokenCall)) return undefined;
  const content = blocks.map(partOf).filter((part) => part !== undefined);
  return {
    id: undefined,
    model: undefined,
    createdSeconds: undefined,
    choices: [{ index: 0, content, finish: decodeStopReason(body.stopReason, body.additionalModelResponseFields) }],
    usage: decodeUsage(body.usage),
    ...decodeFacts(body),
  };
}
