// Content blocks of a client's message to parts of the canonical shape.
import type { BodyReader } from '../../body-reader.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type {
  AssistantPart,
  CacheMark,
  FilePart,
  ImagePart,
  MediaSource,
  SystemPart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from '../../message.ts';

/** What the blocks of one request share. */
export interface ContentContext {
  readonly reader: BodyReader;
  /** Names of the tools called so far, by the id of the call. */
  readonly toolNames: Map<string, string>;
  /** Members of blocks that the canonical shape has no place for, by their path without numbers: named as dropped. */
  readonly unplaced: Map<string, JsonValue>;
}

interface Cached {
  cache?: CacheMark;
}

type Block = JsonObject;

/** `cache_control`; a lifetime that is not known is the usual one. */
export function cacheOf(block: Block, at: string, { reader }: ContentContext): Cached {
  const control = reader.object(block, 'cache_control', at);
  if (control === undefined) return {};
  const ttl = reader.text(control, 'ttl', `${at}.cache_control`);
  if (ttl === undefined || ttl === '5m' || ttl === '1h') return { cache: { ttl } };
  reader.refuse(`${at}.cache_control.ttl`, `"${at}.cache_control.ttl" must be "5m" or "1h"`);
  return {};
}

/** Remembers members that other wires have no word for: all but those named. */
export function noteOthers(block: Block, known: readonly string[], path: string, { unplaced }: ContentContext): void {
  for (const [key, value] of Object.entries(block))
    if (value !== undefined && value !== null && !known.includes(key)) unplaced.set(`${path}.${key}`, value);
}

const BLOCK_PATH = 'messages[].content[]';

/** `caller` says that the model itself called, not a program of a server tool: nothing else comes from elsewhere. */
const KNOWN_OF: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text', 'cache_control', 'citations'],
  image: ['type', 'source', 'cache_control'],
  document: ['type', 'source', 'cache_control', 'title', 'citations'],
  search_result: ['type', 'source', 'cache_control', 'title', 'citations', 'content'],
  tool_use: ['type', 'id', 'name', 'input', 'cache_control', 'caller'],
  tool_result: ['type', 'tool_use_id', 'content', 'is_error', 'cache_control'],
  thinking: ['type', 'thinking', 'signature'],
  redacted_thinking: ['type', 'data'],
};

function noteOthersOf(block: Block, context: ContentContext): void {
  const known =
    typeof block.type === 'string' && Object.hasOwn(KNOWN_OF, block.type) ? KNOWN_OF[block.type] : undefined;
  if (known !== undefined) noteOthers(block, known, BLOCK_PATH, context);
}

function textOf(block: Block, at: string, context: ContentContext): TextPart {
  const text = context.reader.text(block, 'text', at);
  if (text === undefined) context.reader.refuse(`${at}.text`, `"${at}.text" is required`);
  const citations = context.reader.objects(block, 'citations', at);
  return {
    type: 'text',
    text: text ?? '',
    ...cacheOf(block, at, context),
    ...(citations === undefined || citations.length === 0 ? {} : { citations }),
  };
}

/** A `source` of an image or document; its kinds are base64, url, file, text and, for documents, content. */
function sourceOf(block: Block, at: string, { reader }: ContentContext): MediaSource {
  const none: MediaSource = { kind: 'text', text: '' };
  const source = reader.object(block, 'source', at);
  const place = `${at}.source`;
  if (source === undefined) return reader.refuse(place, `"${place}" is required`) ?? none;
  switch (source.type) {
    case 'base64':
      return {
        kind: 'base64',
        mediaType: reader.requiredText(source, 'media_type', place),
        data: reader.requiredText(source, 'data', place),
      };
    case 'url':
      return { kind: 'url', url: reader.requiredText(source, 'url', place) };
    case 'file':
      return { kind: 'stored', id: reader.requiredText(source, 'file_id', place) };
    case 'text':
      return { kind: 'text', text: reader.text(source, 'data', place) ?? '' };
    case 'content':
      return { kind: 'text', text: plainText(source.content, `${place}.content`, reader) };
    default:
      return reader.refuse(`${place}.type`, `"${place}.type" is no source that is known`) ?? none;
  }
}

/** The texts of a content list, for sources that are made of blocks; anything but text cannot be told elsewhere. */
function plainText(content: JsonValue | undefined, at: string, reader: BodyReader): string {
  if (typeof content === 'string') return content;
  const texts: string[] = [];
  for (const [i, block] of (Array.isArray(content) ? content : []).entries()) {
    if (isJsonObject(block) && block.type === 'text' && typeof block.text === 'string') texts.push(block.text);
    else reader.refuse(`${at}[${i}]`, `"${at}[${i}]" is no text, which is all that can stand there for this model`);
  }
  return texts.join('\n\n');
}

function imageOf(block: Block, at: string, context: ContentContext): ImagePart {
  return { type: 'image', source: sourceOf(block, at, context), ...cacheOf(block, at, context) };
}

function documentOf(block: Block, at: string, context: ContentContext): FilePart {
  const name = context.reader.text(block, 'title', at);
  const citations = context.reader.object(block, 'citations', at);
  if (citations?.enabled === true) context.unplaced.set(`${BLOCK_PATH}.citations`, citations);
  return {
    type: 'file',
    source: sourceOf(block, at, context),
    ...(name === undefined ? {} : { name }),
    ...cacheOf(block, at, context),
  };
}

/** Something found, with where it is from: a document of text whose first line names the source. */
function searchResultOf(block: Block, at: string, context: ContentContext): FilePart {
  const { reader } = context;
  const name = reader.text(block, 'title', at);
  const from = reader.text(block, 'source', at);
  const found = plainText(block.content, `${at}.content`, reader);
  if (isJsonObject(block.citations) && block.citations.enabled === true)
    context.unplaced.set(`${BLOCK_PATH}.citations`, block.citations);
  return {
    type: 'file',
    source: { kind: 'text', text: from === undefined ? found : `Source: ${from}\n\n${found}` },
    ...(name === undefined ? {} : { name }),
    ...cacheOf(block, at, context),
  };
}

function toolCallOf(block: Block, at: string, context: ContentContext): ToolCallPart {
  const { reader, toolNames } = context;
  const id = reader.requiredText(block, 'id', at);
  const name = reader.requiredText(block, 'name', at);
  toolNames.set(id, name);
  return { type: 'tool-call', id, name, arguments: JSON.stringify(block.input ?? {}), ...cacheOf(block, at, context) };
}

function toolResultOf(block: Block, at: string, context: ContentContext): ToolResultPart {
  const { reader, toolNames } = context;
  const callId = reader.requiredText(block, 'tool_use_id', at);
  return {
    type: 'tool-result',
    callId,
    name: toolNames.get(callId),
    content: blocksOf(block.content ?? [], `${at}.content`, reader).map((inner, i) =>
      resultContentOf(inner, `${at}.content[${i}]`, context),
    ),
    isError: reader.flag(block, 'is_error', at) ?? false,
    ...cacheOf(block, at, context),
  };
}

function resultContentOf(block: Block, at: string, context: ContentContext): ToolResultContent {
  noteOthersOf(block, context);
  if (block.type === 'image') return imageOf(block, at, context);
  if (block.type === 'document') return documentOf(block, at, context);
  if (block.type === 'search_result') return searchResultOf(block, at, context);
  if (block.type === 'text') return textOf(block, at, context);
  return unknownBlock(block, at, context);
}

/** Blocks of server tools and whatever the API learns next: an answer of another model without them would be to another question. */
function unknownBlock(block: Block, at: string, { reader }: ContentContext): TextPart {
  const type = typeof block.type === 'string' ? `a block of type "${block.type.slice(0, 60)}"` : 'no block';
  reader.refuse(`${at}.type`, `"${at}" is ${type}, which cannot be told to this model`);
  return { type: 'text', text: '' };
}

/** A string stands for one block of text. */
function blocksOf(content: JsonValue | undefined, at: string, reader: BodyReader): readonly Block[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    reader.refuseKind(at, 'a string or a list', content);
    return [];
  }
  const wrong = content.findIndex((block) => !isJsonObject(block));
  if (wrong !== -1) reader.refuseKind(`${at}[${wrong}]`, 'an object', content[wrong]);
  return content.filter(isJsonObject);
}

export function decodeSystem(
  content: JsonValue | undefined,
  at: string,
  context: ContentContext,
): readonly SystemPart[] {
  return blocksOf(content, at, context.reader).map((block, i) =>
    block.type === 'text' ? textOf(block, `${at}[${i}]`, context) : unknownBlock(block, `${at}[${i}]`, context),
  );
}

function userPartOf(block: Block, at: string, context: ContentContext): UserPart {
  if (block.type !== 'tool_result') return resultContentOf(block, at, context);
  noteOthersOf(block, context);
  return toolResultOf(block, at, context);
}

/** Tool results first, as the canonical shape has them. */
export function decodeUser(content: JsonValue | undefined, at: string, context: ContentContext): readonly UserPart[] {
  const parts = blocksOf(content, at, context.reader).map((block, i) => userPartOf(block, `${at}[${i}]`, context));
  const results = parts.filter(({ type }) => type === 'tool-result');
  return results.length === 0 ? parts : [...results, ...parts.filter(({ type }) => type !== 'tool-result')];
}

function assistantPartOf(block: Block, at: string, context: ContentContext): AssistantPart {
  const { reader } = context;
  noteOthersOf(block, context);
  switch (block.type) {
    case 'text':
      return textOf(block, at, context);
    case 'tool_use':
      return toolCallOf(block, at, context);
    case 'thinking': {
      const signature = reader.text(block, 'signature', at);
      const text = reader.text(block, 'thinking', at) ?? '';
      return { type: 'reasoning', text, ...(signature === undefined || signature === '' ? {} : { signature }) };
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', redacted: reader.requiredText(block, 'data', at) };
    default:
      return unknownBlock(block, at, context);
  }
}

export function decodeAssistant(
  content: JsonValue | undefined,
  at: string,
  context: ContentContext,
): readonly AssistantPart[] {
  return blocksOf(content, at, context.reader).map((block, i) => assistantPartOf(block, `${at}[${i}]`, context));
}
