// The conversation of a client: `contents` and `systemInstruction` → messages.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { AssistantPart, Message, ReasoningPart, SystemPart, UserPart } from '../../message.ts';
import { decodeFunctionCall, decodeFunctionResponse, OpenCalls, type PartPlace } from './decode-calls.ts';
import { decodeFileData, decodeInlineData, type MediaPart, withResolution } from './decode-media.ts';
import { joinTurns } from './join-turns.ts';
import { memberOf, otherMembers, type Reading } from './reading.ts';
import { unwrapRedacted } from './signatures.ts';

type AnyPart = UserPart | AssistantPart;

const PART_NAMES = [
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'mediaResolution',
];
/** Parts that no other wire has, and that say something on their own. */
const UNTRANSLATABLE = ['videoMetadata', 'toolCall', 'toolResponse', 'audioTranscription'];
const ASSISTANT_TYPES: ReadonlySet<string> = new Set(['text', 'reasoning', 'refusal', 'tool-call', 'image', 'audio']);
const USER_TYPES: ReadonlySet<string> = new Set(['text', 'image', 'file', 'audio', 'tool-result']);

function reasoningOf(text: string, signature: string | undefined): ReasoningPart {
  if (signature === undefined) return { type: 'reasoning', text };
  const redacted = text === '' ? unwrapRedacted(signature) : undefined;
  return redacted === undefined ? { type: 'reasoning', text, signature } : { type: 'reasoning', text, redacted };
}

/** A signature on what is no thought stands behind it as a thought without words. */
function textParts(text: string, isThought: boolean, signature: string | undefined): readonly AnyPart[] {
  if (isThought) return [reasoningOf(text, signature)];
  if (signature === undefined) return [{ type: 'text', text }];
  return [...(text === '' ? [] : [{ type: 'text' as const, text }]), reasoningOf('', signature)];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Code that Google ran is told as text: other wires have no words for it. */
function codeText(part: JsonObject): string | undefined {
  const code = memberOf(part, 'executableCode');
  if (isJsonObject(code))
    return `\`\`\`${textOf(memberOf(code, 'language')).toLowerCase()}\n${textOf(code.code)}\n\`\`\`\n`;
  const result = memberOf(part, 'codeExecutionResult');
  return isJsonObject(result) ? `\`\`\`\n${textOf(result.output)}\n\`\`\`\n` : undefined;
}

function mediaOf(part: JsonObject, { reading, param }: PartPlace): MediaPart | undefined {
  const inline = reading.object(memberOf(part, 'inlineData'), `${param}.inlineData`);
  const file = reading.object(memberOf(part, 'fileData'), `${param}.fileData`);
  const media =
    inline === undefined
      ? file && decodeFileData(file, `${param}.fileData`, reading)
      : decodeInlineData(inline, `${param}.inlineData`, reading);
  const resolution = reading.object(memberOf(part, 'mediaResolution'), `${param}.mediaResolution`);
  return media === undefined || resolution === undefined ? media : withResolution(media, resolution, reading);
}

function decodePart(part: JsonObject, place: PartPlace): readonly AnyPart[] {
  const { reading, param } = place;
  for (const name of UNTRANSLATABLE)
    if (memberOf(part, name) !== undefined)
      reading.fail(`${param}.${name}`, 'cannot be told to a provider of another format');
  reading.leave('contents[].parts[].', otherMembers(part, [...PART_NAMES, ...UNTRANSLATABLE]));
  const signature = reading.text(memberOf(part, 'thoughtSignature'), `${param}.thoughtSignature`);
  const isThought = reading.boolean(memberOf(part, 'thought'), `${param}.thought`) ?? false;
  const call = reading.object(memberOf(part, 'functionCall'), `${param}.functionCall`);
  if (call !== undefined) return listOf(decodeFunctionCall(call, signature, place));
  const result = reading.object(memberOf(part, 'functionResponse'), `${param}.functionResponse`);
  if (result !== undefined) return listOf(decodeFunctionResponse(result, place));
  const media = mediaOf(part, place);
  if (media !== undefined) return signature === undefined ? [media] : [media, reasoningOf('', signature)];
  const text = reading.text(memberOf(part, 'text'), `${param}.text`) ?? codeText(part);
  if (text !== undefined || signature !== undefined) return textParts(text ?? '', isThought, signature);
  reading.fail(param, 'holds nothing that is known');
  return [];
}

function listOf<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function isUserPart(part: AnyPart): part is UserPart {
  return USER_TYPES.has(part.type);
}

function isAssistantPart(part: AnyPart): part is AssistantPart {
  return ASSISTANT_TYPES.has(part.type);
}

function decodeContent(content: JsonObject, at: number, reading: Reading, calls: OpenCalls): Message | undefined {
  const param = `contents[${at}]`;
  const role = reading.text(memberOf(content, 'role'), `${param}.role`) ?? 'user';
  const parts = reading.objects(memberOf(content, 'parts'), `${param}.parts`);
  const decoded = parts.map((part, partAt) =>
    decodePart(part, { reading, calls, param: `${param}.parts[${partAt}]`, madeId: `call_${at}_${partAt}` }),
  );
  const isModel = role === 'model';
  if (!isModel && role !== 'user' && role !== 'function' && role !== 'tool' && role !== '')
    return reading.fail(`${param}.role`, 'must be user or model');
  const fits = isModel ? isAssistantPart : isUserPart;
  const wrong = decoded.findIndex((each) => !each.every(fits));
  if (wrong !== -1) reading.fail(`${param}.parts[${wrong}]`, `cannot be said by the ${isModel ? 'model' : 'user'}`);
  const all = decoded.flat();
  return isModel
    ? { role: 'assistant', content: all.filter(isAssistantPart) }
    : { role: 'user', content: all.filter(isUserPart) };
}

export function decodeContents(value: JsonValue | undefined, reading: Reading): readonly Message[] {
  const calls = new OpenCalls();
  const contents = reading.objects(value, 'contents');
  if (contents.length === 0) reading.fail('contents', 'must hold at least one content');
  return joinTurns(contents.flatMap((content, at) => listOf(decodeContent(content, at, reading, calls))));
}

/** A content whose parts are texts, or a text alone. */
export function decodeSystem(value: JsonValue | undefined, reading: Reading): readonly Message[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [{ role: 'system', content: [{ type: 'text', text: value }] }];
  const instruction = reading.object(value, 'systemInstruction');
  if (instruction === undefined) return [];
  const parts = reading.objects(memberOf(instruction, 'parts'), 'systemInstruction.parts');
  const content = parts.map((part, at): SystemPart => {
    const param = `systemInstruction.parts[${at}]`;
    const text = reading.text(memberOf(part, 'text'), `${param}.text`);
    if (text === undefined) reading.fail(param, 'must be a text');
    reading.leave('systemInstruction.parts[].', otherMembers(part, ['text']));
    return { type: 'text', text: text ?? '' };
  });
  return content.length === 0 ? [] : [{ role: 'system', content }];
}
