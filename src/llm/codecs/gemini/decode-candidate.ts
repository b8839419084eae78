// One candidate of Google's answer, whole or a piece of a stream → canonical parts.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import { memberOf } from './reading.ts';
import { markSignature } from './signatures.ts';

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Where a call stands: for its id where Google gives none. */
export interface CallPlace {
  readonly responseId: string | undefined;
  readonly choice: number;
  /** Calls of the choice before this part. */
  readonly calls: number;
}

function madeId({ responseId, choice, calls }: CallPlace): string {
  return `call_${responseId ?? 'answer'}_${choice}_${calls}`;
}

function callOf(call: JsonObject, signature: string | undefined, place: CallPlace): AssistantPart {
  const args = memberOf(call, 'args');
  return {
    type: 'tool-call',
    id: textOf(memberOf(call, 'id')) || madeId(place),
    name: textOf(memberOf(call, 'name')),
    arguments: JSON.stringify(isJsonObject(args) ? args : {}),
    ...(signature === undefined ? {} : { signature }),
  };
}

function mediaOf(data: JsonObject): AssistantPart {
  const mediaType = textOf(memberOf(data, 'mimeType'));
  const source = { kind: 'base64', mediaType, data: textOf(memberOf(data, 'data')) } as const;
  return mediaType.startsWith('audio/') ? { type: 'audio', source } : { type: 'image', source };
}

/** Code that Google ran, as text: no other wire has words for it. */
function codeOf(part: JsonObject): string {
  const code = memberOf(part, 'executableCode');
  if (isJsonObject(code))
    return `\`\`\`${textOf(memberOf(code, 'language')).toLowerCase()}\n${textOf(code.code)}\n\`\`\`\n`;
  const result = memberOf(part, 'codeExecutionResult');
  return isJsonObject(result) ? `\`\`\`\n${textOf(result.output)}\n\`\`\`\n` : '';
}

/** A file Google made and stores: shown as a link. */
function fileOf(part: JsonObject): string {
  const file = memberOf(part, 'fileData');
  return isJsonObject(file) ? textOf(memberOf(file, 'fileUri')) : '';
}

/** A signature on what is neither call nor thought stands behind it as a thought without words. */
function decodePart(part: JsonObject, place: CallPlace): readonly AssistantPart[] {
  const given = memberOf(part, 'thoughtSignature');
  const signature = typeof given === 'string' && given !== '' ? markSignature(given) : undefined;
  const proof: readonly AssistantPart[] = signature === undefined ? [] : [{ type: 'reasoning', text: '', signature }];
  const call = memberOf(part, 'functionCall');
  if (isJsonObject(call)) return [callOf(call, signature, place)];
  const data = memberOf(part, 'inlineData');
  if (isJsonObject(data)) return [mediaOf(data), ...proof];
  const text = textOf(memberOf(part, 'text')) || codeOf(part) || fileOf(part);
  if (memberOf(part, 'thought') === true && text !== '')
    return [{ type: 'reasoning', text, ...(signature === undefined ? {} : { signature }) }];
  return text === '' ? proof : [{ type: 'text', text }, ...proof];
}

export function decodeCandidateParts(candidate: JsonObject, place: CallPlace): readonly AssistantPart[] {
  const content = memberOf(candidate, 'content');
  const parts = isJsonObject(content) ? memberOf(content, 'parts') : undefined;
  if (!Array.isArray(parts)) return [];
  const decoded: AssistantPart[] = [];
  let { calls } = place;
  for (const part of (parts as readonly JsonValue[]).filter(isJsonObject)) {
    for (const each of decodePart(part, { ...place, calls })) {
      if (each.type === 'tool-call') calls++;
      decoded.push(each);
    }
  }
  return decoded;
}

export function indexOf(candidate: JsonObject): number {
  const index = memberOf(candidate, 'index');
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : 0;
}

const EXTRAS = ['safetyRatings', 'citationMetadata', 'groundingMetadata', 'urlContextMetadata', 'finishMessage'];

/** What only clients of Google's API are shown. */
export function extrasOf(candidate: JsonObject): JsonObject | undefined {
  const entries = EXTRAS.map((name) => [name, memberOf(candidate, name)] as const).filter(
    ([, value]) => value !== undefined,
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
