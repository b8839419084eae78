// A conversation as Converse takes it: system apart, roles in turn, blocks without blank text, tool calls with their arguments parsed.
import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { AssistantPart, Message, ToolCallPart, ToolResultPart, UserPart } from '../../message.ts';
import { type CachePoints, markOf } from './cache-points.ts';
import { audioBlock, type DocumentNames, documentBlock, imageBlock } from './media-blocks.ts';

export interface MessageEncoding {
  readonly points: CachePoints;
  readonly names: DocumentNames;
  /** Tools may be called; otherwise earlier calls are told as text, since Bedrock refuses their blocks without tools. */
  readonly hasTools: boolean;
  /** Thoughts without a signature are left out (Claude). */
  readonly needsSignature: boolean;
}

function textBlock(text: string): readonly JsonObject[] {
  // "The text field in the ContentBlock object … is blank" is a refusal of the whole request.
  return text.trim() === '' ? [] : [{ text }];
}

/** Ids of other providers may be longer than Bedrock's 64 characters, or of others: the same id always gives the same one. */
export function toolUseId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 40)}`;
}

/** Models write arguments that are no object, and clients send them back: wrapped, since Bedrock takes nothing else. */
function parsedArguments(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : { arguments: value };
  } catch {
    return { arguments: text }; // what the model wrote, as it wrote it
  }
}

function toolCallBlock({ id, name, arguments: text }: ToolCallPart, { hasTools }: MessageEncoding): JsonObject {
  if (!hasTools) return { text: `Called the tool ${name} (${id}) with: ${text}` };
  return { toolUse: { toolUseId: toolUseId(id), name, input: parsedArguments(text) } };
}

function toolResultBlocks(part: ToolResultPart, encoding: MessageEncoding): readonly JsonObject[] {
  const content = part.content.flatMap((item) => {
    if (item.type === 'text') return textBlock(item.text);
    return item.type === 'image' ? optional(imageBlock(item)) : optional(documentBlock(item, encoding.names));
  });
  if (!encoding.hasTools) {
    const title = `${part.isError ? 'Failure' : 'Result'} of the tool ${part.name ?? ''} (${part.callId}):`;
    return [{ text: title }, ...content];
  }
  return [{ toolResult: { toolUseId: toolUseId(part.callId), content, ...(part.isError && { status: 'error' }) } }];
}

function optional(block: JsonObject | undefined): readonly JsonObject[] {
  return block === undefined ? [] : [block];
}

function blocksOf(part: UserPart | AssistantPart, encoding: MessageEncoding): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return textBlock(part.text);
    case 'image':
      return optional(imageBlock(part));
    case 'file':
      return optional(documentBlock(part, encoding.names));
    case 'audio':
      return optional(audioBlock(part));
    case 'tool-call':
      return [toolCallBlock(part, encoding)];
    case 'tool-result':
      return toolResultBlocks(part, encoding);
    case 'reasoning': {
      if (part.redacted !== undefined) return [{ reasoningContent: { redactedContent: part.redacted } }];
      if (part.signature === undefined && encoding.needsSignature) return [];
      const { text, signature } = part;
      return [{ reasoningContent: { reasoningText: { text, ...(signature !== undefined && { signature }) } } }];
    }
  }
}

export function encodeSystem(messages: readonly Message[], points: CachePoints): readonly JsonObject[] {
  return messages
    .filter((message) => message.role === 'system')
    .flatMap(({ content }) => content.flatMap((part) => [...textBlock(part.text), ...points.of(part.cache)]));
}

/** Messages of one role that follow each other are one: Converse wants the roles in turn. */
export function encodeMessages(messages: readonly Message[], encoding: MessageEncoding): readonly JsonObject[] {
  const turns: { readonly role: 'user' | 'assistant'; readonly content: JsonObject[] }[] = [];
  for (const { role, content } of messages) {
    if (role === 'system') continue;
    const blocks = content.flatMap((part) => {
      const encoded = blocksOf(part, encoding);
      return [...encoded, ...encoding.points.of(markOf(part))];
    });
    if (blocks.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  }
  return turns;
}
