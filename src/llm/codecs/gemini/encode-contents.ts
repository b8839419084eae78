// Messages → `contents` and `systemInstruction`: the system's words hoisted, roles user and model, neighbours of one role joined.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type {
  AssistantPart,
  MediaSource,
  Message,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../message.ts';
import { encodeMedia, readArguments } from './encode-parts.ts';
import { exceedsDepth } from './reading.ts';
import { NO_SIGNATURE, ownSignature } from './signatures.ts';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/md',
  html: 'text/html',
  csv: 'text/csv',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  mp4: 'video/mp4',
};

/** By the ending of the path; undefined = Google is left to find out. */
function typeOfAddress(url: string): string | undefined {
  const ending = /\.([a-z0-9]{1,5})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase();
  return ending !== undefined && Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined;
}

function mediaPart(source: MediaSource): JsonObject {
  if (source.kind !== 'url') return encodeMedia(source, '');
  const mimeType = source.mediaType ?? typeOfAddress(source.url);
  return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri: source.url } };
}

function structured(text: string): JsonValue | undefined {
  if (!text.startsWith('{')) return undefined;
  const value = readArguments(text);
  return value !== undefined && !exceedsDepth(value) && JSON.stringify(value) === text ? value : undefined;
}

/** JSON goes as JSON where its text would come back the same, so that numbers keep their digits. */
function encodeResult({ callId, name, content, isError }: ToolResultPart): JsonObject {
  const text = content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const media = content.flatMap((part) => (part.type === 'text' ? [] : [mediaPart(part.source)]));
  const response = { [isError ? 'error' : 'output']: structured(text) ?? text };
  const parts = media.length === 0 ? {} : { parts: media };
  return { functionResponse: { id: callId, name: name ?? callId, response, ...parts } };
}

function encodeUserPart(part: UserPart): JsonObject {
  if (part.type === 'text') return { text: part.text };
  return part.type === 'tool-result' ? encodeResult(part) : mediaPart(part.source);
}

/** Arguments that are no object were written so by another model: they go as the text they are. */
function encodeCall({ id, name, arguments: text, signature }: ToolCallPart): JsonObject {
  const own = ownSignature(signature);
  const args = readArguments(text) ?? { arguments: text };
  const call = { functionCall: { id, name, args } };
  return own === undefined ? call : { ...call, thoughtSignature: own };
}

function encodeThought({ text, signature }: ReasoningPart): readonly JsonObject[] {
  const own = ownSignature(signature);
  if (text === '' && own === undefined) return [];
  const part = text === '' ? { text } : { text, thought: true };
  return [own === undefined ? part : { ...part, thoughtSignature: own }];
}

function encodeAssistantPart(part: AssistantPart): readonly JsonObject[] {
  switch (part.type) {
    case 'reasoning':
      return encodeThought(part);
    case 'tool-call':
      return [encodeCall(part)];
    case 'text':
    case 'refusal':
      return [{ text: part.text }];
    default:
      return [mediaPart(part.source)];
  }
}

/** Models from Gemini 3 on refuse a step of calls whose first carries no signature. */
function needsSignatures(model: string): boolean {
  return !/gemini-(?:1|2)\b|gemini-pro\b/.test(model);
}

function withSignature(parts: readonly JsonObject[]): readonly JsonObject[] {
  const calls = parts.filter((part) => part.functionCall !== undefined);
  if (calls.length === 0 || calls.some((part) => part.thoughtSignature !== undefined)) return parts;
  return parts.map((part) => (part === calls[0] ? { ...part, thoughtSignature: NO_SIGNATURE } : part));
}

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: readonly JsonObject[];
}

function encodeMessage(message: Message, model: string): Content | undefined {
  if (message.role === 'system') return undefined;
  if (message.role === 'user') return { role: 'user', parts: message.content.map(encodeUserPart) };
  const parts = message.content.flatMap(encodeAssistantPart);
  return { role: 'model', parts: needsSignatures(model) ? withSignature(parts) : parts };
}

export function encodeContents(messages: readonly Message[], model: string): readonly JsonObject[] {
  const contents: Content[] = [];
  for (const message of messages) {
    const content = encodeMessage(message, model);
    const before = contents.at(-1);
    if (content === undefined || content.parts.length === 0) continue;
    if (before?.role === content.role)
      contents[contents.length - 1] = { role: content.role, parts: [...before.parts, ...content.parts] };
    else contents.push(content);
  }
  return contents.map(({ role, parts }) => ({ role, parts }));
}

/** All system messages, wherever they stand. */
export function encodeSystem(messages: readonly Message[]): JsonObject | undefined {
  const parts = messages.flatMap((message) =>
    message.role === 'system' ? message.content.map(({ text }): JsonObject => ({ text })) : [],
  );
  return parts.length === 0 ? undefined : { parts };
}
