// Which ways of speaking a conversation uses, and the conversation without some of them. Under apply-parameter-table.ts.
import type { AssistantPart, MediaSource, Message, SystemPart, ToolResultContent, UserPart } from './message.ts';
import type { ContentField } from './parameter-table.ts';
import type { ChatRequest, Tool, WireName } from './request.ts';

type Part = SystemPart | UserPart | AssistantPart;

const IMAGE_FIELDS: Readonly<Record<MediaSource['kind'], ContentField>> = {
  base64: 'imageBase64',
  url: 'imageUrl',
  stored: 'storedFile',
  text: 'imageBase64',
};
const FILE_FIELDS: Readonly<Record<MediaSource['kind'], ContentField>> = {
  base64: 'fileBase64',
  url: 'fileUrl',
  stored: 'storedFile',
  text: 'fileText',
};

/** The field that the part itself is: without it the part goes. */
function essenceOf(part: Part): ContentField | undefined {
  switch (part.type) {
    case 'image':
      return IMAGE_FIELDS[part.source.kind];
    case 'file':
      return FILE_FIELDS[part.source.kind];
    case 'audio':
      return 'audioInput';
    case 'refusal':
      return 'refusalText';
    case 'reasoning':
      return part.redacted === undefined ? 'reasoningText' : 'redactedReasoning';
    default:
      return undefined;
  }
}

function essenceInResult(part: ToolResultContent): ContentField | undefined {
  if (part.type === 'text') return undefined;
  return part.type === 'image' ? 'toolResultImage' : 'toolResultFile';
}

function addPart(part: Part, found: Set<ContentField>): void {
  const essence = essenceOf(part);
  if (essence !== undefined) found.add(essence);
  if ('cache' in part && part.cache !== undefined) found.add('cacheMark');
  if (part.type === 'image' && part.detail !== undefined) found.add('imageDetail');
  if (part.type === 'text' && part.citations !== undefined) found.add('citations');
  if (part.type === 'reasoning' && part.signature !== undefined) found.add('reasoningSignature');
  if (part.type !== 'tool-result') return;
  if (part.isError) found.add('toolError');
  for (const inner of part.content) {
    const field = essenceInResult(inner);
    if (field !== undefined) found.add(field);
    if (inner.cache !== undefined) found.add('cacheMark');
  }
}

function isForeign(tool: Tool, wire: WireName): boolean {
  return tool.kind === 'provider' && tool.wire !== wire;
}

function addTool(tool: Tool, wire: WireName, found: Set<ContentField>): void {
  if (isForeign(tool, wire)) found.add('providerTool');
  if (tool.kind === 'function' && tool.cache !== undefined) found.add('cacheMark');
}

/** Those used by the request, as a target of `wire` sees it. */
export function contentFieldsOf({ messages, parameters }: ChatRequest, wire: WireName): ReadonlySet<ContentField> {
  const found = new Set<ContentField>();
  let isLater = false;
  for (const message of messages) {
    if (message.role === 'system') found.add(isLater ? 'laterSystemMessage' : 'systemMessage');
    else isLater = true;
    if (message.name !== undefined) found.add('messageName');
    for (const part of message.content) addPart(part, found);
  }
  for (const tool of parameters.tools ?? []) addTool(tool, wire, found);
  if (messages.at(-1)?.role === 'assistant') found.add('assistantPrefill');
  return found;
}

function withoutKey<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}

/** The part without attributes that are dropped; undefined when it goes itself. */
function strippedPart<P extends Part>(part: P, dropped: ReadonlySet<ContentField>): P | undefined {
  const essence = essenceOf(part);
  if (essence !== undefined && dropped.has(essence)) return undefined;
  let kept: Part = part;
  if (dropped.has('cacheMark') && 'cache' in kept) kept = withoutKey(kept, 'cache') as Part;
  if (dropped.has('imageDetail') && kept.type === 'image') kept = withoutKey(kept, 'detail');
  if (dropped.has('citations') && kept.type === 'text') kept = withoutKey(kept, 'citations');
  if (dropped.has('reasoningSignature') && kept.type === 'reasoning') kept = withoutKey(kept, 'signature');
  if (kept.type === 'tool-result') {
    const content = kept.content
      .filter((inner) => !dropped.has(essenceInResult(inner) as ContentField))
      .map((inner) => (dropped.has('cacheMark') ? (withoutKey(inner, 'cache') as ToolResultContent) : inner));
    kept = { ...kept, content, isError: kept.isError && !dropped.has('toolError') };
  }
  return kept as P;
}

function strippedMessage(message: Message, dropped: ReadonlySet<ContentField>): Message | undefined {
  const content = message.content.map((part) => strippedPart<Part>(part, dropped)).filter((part) => part !== undefined);
  if (content.length === 0 && message.content.length > 0) return undefined;
  const named = dropped.has('messageName') ? (withoutKey(message, 'name') as Message) : message;
  return { ...named, content } as Message;
}

function strippedTool(tool: Tool, wire: WireName, dropped: ReadonlySet<ContentField>): Tool | undefined {
  if (dropped.has('providerTool') && isForeign(tool, wire)) return undefined;
  return dropped.has('cacheMark') && tool.kind === 'function' ? (withoutKey(tool, 'cache') as Tool) : tool;
}

/** The request without these. A message of which nothing is left goes too. */
export function withoutContent(request: ChatRequest, wire: WireName, dropped: ReadonlySet<ContentField>): ChatRequest {
  if (dropped.size === 0) return request;
  let { messages } = request;
  if (dropped.has('assistantPrefill') && messages.at(-1)?.role === 'assistant') messages = messages.slice(0, -1);
  const kept = messages.map((message) => strippedMessage(message, dropped)).filter((message) => message !== undefined);
  const tools = request.parameters.tools
    ?.map((tool) => strippedTool(tool, wire, dropped))
    .filter((tool) => tool !== undefined);
  const parameters = tools === undefined ? request.parameters : { ...request.parameters, tools };
  return { ...request, messages: kept, parameters };
}
