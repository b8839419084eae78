// Canonical parts of an answer → parts of a candidate, for clients of Google's API.
import { isJsonObject, type JsonObject, parseJson } from '../../json-value.ts';
import type { AssistantPart, MediaSource, ReasoningPart } from '../../message.ts';
import { exceedsDepth } from './reading.ts';
import { ownSignature, wrapRedacted } from './signatures.ts';

/** Arguments as Google has them, an object; undefined = the model wrote something else. */
export function readArguments(text: string): JsonObject | undefined {
  const value = text.trim() === '' ? {} : parseJson(text);
  return isJsonObject(value) && !exceedsDepth(value) ? value : undefined;
}

export interface CallToEncode {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly signature?: string | undefined;
}

function signed(part: JsonObject, signature: string | undefined): JsonObject {
  return signature === undefined ? part : { ...part, thoughtSignature: ownSignature(signature) ?? signature };
}

/** Undefined when the arguments are no object: Google has no place for them. */
export function encodeCall({ id, name, arguments: text, signature }: CallToEncode): JsonObject | undefined {
  const args = readArguments(text);
  return args === undefined ? undefined : signed({ functionCall: { id, name, args } }, signature);
}

/** `showsThoughts` false keeps the signature, which must come back, and not the words. */
export function encodeThought(
  { text, signature, redacted }: ReasoningPart,
  showsThoughts: boolean,
): JsonObject | undefined {
  if (redacted !== undefined) return { text: '', thought: true, thoughtSignature: wrapRedacted(redacted) };
  const shown = showsThoughts ? text : '';
  if (shown === '' && signature === undefined) return undefined;
  return signed(shown === '' && text === '' ? { text: '' } : { text: shown, thought: true }, signature);
}

export function encodeMedia(source: MediaSource, fallbackType: string): JsonObject {
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  if (source.kind === 'text')
    return { inlineData: { mimeType: 'text/plain', data: Buffer.from(source.text).toString('base64') } };
  if (source.kind === 'stored') return { fileData: { fileUri: source.id } };
  return { fileData: { mimeType: source.mediaType ?? fallbackType, fileUri: source.url } };
}

export interface EncodedParts {
  readonly parts: readonly JsonObject[];
  /** Calls whose arguments are no object, as the model wrote them: told in `finishMessage`. */
  readonly malformed: readonly string[];
}

function encodePart(part: AssistantPart, showsThoughts: boolean): JsonObject | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { text: part.text };
    case 'reasoning':
      return encodeThought(part, showsThoughts);
    case 'tool-call':
      return encodeCall(part);
    case 'image':
      return encodeMedia(part.source, 'image/png');
    case 'audio':
      return encodeMedia(part.source, 'audio/wav');
  }
}

export function encodeParts(content: readonly AssistantPart[], showsThoughts: boolean): EncodedParts {
  const parts: JsonObject[] = [];
  const malformed: string[] = [];
  for (const part of content) {
    const encoded = encodePart(part, showsThoughts);
    if (encoded !== undefined) parts.push(encoded);
    else if (part.type === 'tool-call') malformed.push(malformedText(part));
  }
  return { parts, malformed };
}

export function malformedText({ name, arguments: text }: CallToEncode): string {
  return `the model called ${name} with arguments that are no JSON object: ${text}`;
}
