// Reads Anthropic's request: what was said, what it counts, up to where it is marked for the cache.
import { readMaxTokens, readStop } from '../../compose-text.ts';
import { type Conversation, mediaOf, type ToolWish } from '../../conversation.ts';
import type { Faults } from '../../faults.ts';
import { isObject, type JsonObject, textOf } from '../../json.ts';
import { blocksOf } from './check-messages.ts';

export function readConversation(body: JsonObject, faults: Faults): Conversation {
  const messages = messagesOf(body);
  const at = messages.findLastIndex((message) => message.role === 'user' && hasOwnWords(message));
  const blocks = at === -1 ? [] : blocksOf(messages[at].content);
  const choice = isObject(body.tool_choice) ? body.tool_choice : {};
  const format = isObject(body.output_config) ? body.output_config.format : undefined;
  const { type: thinking } = isObject(body.thinking) ? body.thinking : {};
  return {
    heard: textOf(blocks),
    media: blocks.flatMap(mediaIn),
    toolResults: messages.slice(Math.max(at, 0)).flatMap(({ content }) => resultsIn(content)),
    tools: toolsOf(body),
    toolWish: toolWishOf(choice),
    allowsParallel: choice.disable_parallel_tool_use !== true,
    format: isObject(format) ? { type: String(format.type), schema: format.schema } : undefined,
    thinks: thinking === 'enabled' || thinking === 'adaptive',
    limits: { maxTokens: readMaxTokens(body.max_tokens), stop: readStop(body.stop_sequences), bytes: faults.bytes },
  };
}

function messagesOf({ messages }: JsonObject): readonly JsonObject[] {
  return Array.isArray(messages) ? (messages as readonly unknown[]).filter(isObject) : [];
}

/** A message of nothing but tool results asks nothing new. */
function hasOwnWords({ content }: JsonObject): boolean {
  return blocksOf(content).some(({ type }) => type !== 'tool_result');
}

function resultsIn(content: unknown): readonly string[] {
  return blocksOf(content)
    .filter(({ type }) => type === 'tool_result')
    .map((block) => textOf(block.content) + (block.is_error === true ? ' (an error)' : ''));
}

function toolsOf({ tools }: JsonObject): Conversation['tools'] {
  const offered = Array.isArray(tools) ? (tools as readonly unknown[]).filter(isObject) : [];
  return offered
    .filter(({ name, input_schema }) => typeof name === 'string' && isObject(input_schema))
    .map(({ name, input_schema }) => ({ name: name as string, parameters: input_schema }));
}

function toolWishOf({ type, name }: JsonObject): ToolWish {
  if (type === 'any' || type === 'none') return type;
  return type === 'tool' && typeof name === 'string' ? { name } : 'auto';
}

function mediaIn(block: JsonObject): readonly string[] {
  if (block.type !== 'image' && block.type !== 'document') return [];
  const { type, media_type, data, url, file_id } = isObject(block.source) ? block.source : {};
  if (type === 'base64') return [mediaOf(String(media_type), String(data))];
  if (type === 'text') return [`${String(media_type)} of ${Buffer.byteLength(String(data))} bytes`];
  return [String(url ?? file_id)];
}

export interface PromptTexts {
  /** Every text, each counted for itself. */
  readonly all: readonly string[];
  /** Those up to the last mark. */
  readonly marked: readonly string[];
}

/** In the order in which a prompt is cached: tools, system, messages. */
export function promptTexts(body: JsonObject): PromptTexts {
  const tools = Array.isArray(body.tools) ? (body.tools as readonly unknown[]).filter(isObject) : [];
  const blocks = [
    ...tools.map((tool) => ({ text: JSON.stringify([tool.name, tool.input_schema]), isMarked: hasMark(tool) })),
    ...blocksOf(body.system).map(toText),
    ...messagesOf(body).flatMap(({ content }) => blocksOf(content).map(toText)),
  ];
  const lastMark = body.cache_control === undefined ? blocks.findLastIndex(({ isMarked }) => isMarked) : blocks.length;
  const textsOf = (of: typeof blocks): readonly string[] => of.map(({ text }) => text).filter((text) => text !== '');
  return { all: textsOf(blocks), marked: textsOf(blocks.slice(0, lastMark + 1)) };
}

function hasMark(block: JsonObject): boolean {
  return isObject(block.cache_control);
}

function toText(block: JsonObject): { readonly text: string; readonly isMarked: boolean } {
  const { type, text, input, content } = block;
  const counted = type === 'tool_use' ? JSON.stringify(input) : type === 'tool_result' ? textOf(content) : text;
  return { text: typeof counted === 'string' ? counted : '', isMarked: hasMark(block) };
}
