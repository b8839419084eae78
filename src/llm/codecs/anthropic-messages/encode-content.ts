// Parts of the canonical shape to content blocks of a request.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type {
  AssistantPart,
  CacheMark,
  FilePart,
  ImagePart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from '../../message.ts';
import { toolUseId } from './tool-ids.ts';

export type Block = Record<string, JsonValue | undefined>;

export function cacheMembers(cache: CacheMark | undefined): Block {
  if (cache === undefined) return {};
  return { cache_control: cache.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: cache.ttl } };
}

/** Undefined for an empty text, which the API refuses and which says nothing. */
export function textBlock({ text, cache, citations }: TextPart): Block | undefined {
  if (text === '') return undefined;
  return { type: 'text', text, ...(citations === undefined ? {} : { citations }), ...cacheMembers(cache) };
}

function imageBlock({ source, cache }: ImagePart): Block | undefined {
  switch (source.kind) {
    case 'base64': {
      // A spelling that is seen often and that the API does not know.
      const media = source.mediaType === 'image/jpg' ? 'image/jpeg' : source.mediaType;
      return {
        type: 'image',
        source: { type: 'base64', media_type: media, data: source.data },
        ...cacheMembers(cache),
      };
    }
    case 'url':
      return { type: 'image', source: { type: 'url', url: source.url }, ...cacheMembers(cache) };
    case 'stored':
      return { type: 'image', source: { type: 'file', file_id: source.id }, ...cacheMembers(cache) };
    case 'text':
      return textBlock({ type: 'text', text: source.text, ...(cache === undefined ? {} : { cache }) });
  }
}

/** Files of text travel as text: in base64 the API takes PDF alone. */
export function isTextMedia(mediaType: string): boolean {
  const [plain] = mediaType.toLowerCase().split(';');
  return plain.startsWith('text/') || plain === 'application/json' || plain === 'application/xml';
}

function documentSource({ source }: FilePart): Block {
  switch (source.kind) {
    case 'base64':
      return isTextMedia(source.mediaType)
        ? { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString('utf8') }
        : { type: 'base64', media_type: source.mediaType, data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'stored':
      return { type: 'file', file_id: source.id };
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text };
  }
}

function documentBlock(part: FilePart): Block {
  const title = part.name === undefined ? {} : { title: part.name };
  return { type: 'document', source: documentSource(part), ...title, ...cacheMembers(part.cache) };
}

function resultContent(part: ToolResultContent): Block | undefined {
  if (part.type === 'text') return textBlock(part);
  return part.type === 'image' ? imageBlock(part) : documentBlock(part);
}

function toolResultBlock({ callId, content, isError, cache }: ToolResultPart): Block {
  const blocks = content.map(resultContent).filter((block) => block !== undefined);
  return {
    type: 'tool_result',
    tool_use_id: toolUseId(callId),
    ...(blocks.length === 0 ? {} : { content: blocks }),
    ...(isError ? { is_error: true } : {}),
    ...cacheMembers(cache),
  };
}

/** What a model wrote as arguments need not be JSON; the API takes an object only, so that the text is kept inside one. */
export function toolInput(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as JsonValue;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // kept as text below
  }
  return { arguments: text };
}

function toolUseBlock({ id, name, arguments: text, cache }: ToolCallPart): Block {
  return { type: 'tool_use', id: toolUseId(id), name, input: toolInput(text), ...cacheMembers(cache) };
}

export function userBlock(part: UserPart): Block | undefined {
  switch (part.type) {
    case 'text':
      return textBlock(part);
    case 'image':
      return imageBlock(part);
    case 'file':
      return documentBlock(part);
    case 'tool-result':
      return toolResultBlock(part);
    case 'audio':
      return undefined; // refused by the table
  }
}

/** A thought without a proof is not accepted and was dropped before; what is left of it here is nothing. */
export function assistantBlock(part: AssistantPart): Block | undefined {
  switch (part.type) {
    case 'text':
      return textBlock(part);
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text };
    case 'tool-call':
      return toolUseBlock(part);
    case 'reasoning':
      if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted };
      return part.signature === undefined
        ? undefined
        : { type: 'thinking', thinking: part.text, signature: part.signature };
    case 'image':
    case 'audio':
      return undefined; // refused by settle.ts
  }
}
