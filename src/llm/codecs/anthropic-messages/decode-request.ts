// The body of `/v1/messages` to the canonical request.
import { BodyReader } from '../../body-reader.ts';
import type { Decoded } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { Message } from '../../message.ts';
import type { ChatRequest } from '../../request.ts';
import { type ContentContext, decodeAssistant, decodeSystem, decodeUser } from './decode-content.ts';
import { decodeParameters, KNOWN_MEMBERS } from './decode-parameters.ts';

function messageOf(raw: JsonObject, at: string, context: ContentContext): Message | undefined {
  const place = `${at}.content`;
  switch (raw.role) {
    case 'user':
      return { role: 'user', content: decodeUser(raw.content, place, context) };
    case 'assistant':
      return { role: 'assistant', content: decodeAssistant(raw.content, place, context) };
    case 'system':
      return { role: 'system', content: decodeSystem(raw.content, place, context) };
    default:
      return context.reader.refuse(`${at}.role`, `"${at}.role" must be user, assistant or system`);
  }
}

function messagesOf(body: JsonObject, context: ContentContext): readonly Message[] {
  const messages: Message[] = [];
  if (body.system !== undefined && body.system !== null)
    messages.push({ role: 'system', content: decodeSystem(body.system, 'system', context) });
  const listed = context.reader.objects(body, 'messages');
  if (listed === undefined || listed.length === 0)
    context.reader.refuse('messages', '"messages" must hold at least one message');
  for (const [i, raw] of (listed ?? []).entries()) {
    const message = messageOf(raw, `messages[${i}]`, context);
    if (message !== undefined) messages.push(message);
  }
  return messages;
}

/** Members that no field stands for, with those further down that were not placed. */
function restOf(body: JsonObject, unplaced: ReadonlyMap<string, JsonValue>): JsonObject {
  const rest: Record<string, JsonValue | undefined> = Object.fromEntries(unplaced);
  for (const [key, value] of Object.entries(body)) if (!KNOWN_MEMBERS.has(key) && value !== null) rest[key] = value;
  return rest;
}

/** The request without what an operation demands of it. */
export function decodeConversation(body: JsonObject, operation: ChatRequest['operation']): Decoded<ChatRequest> {
  const context: ContentContext = { reader: new BodyReader(), toolNames: new Map(), unplaced: new Map() };
  const { reader } = context;
  const model = reader.requiredText(body, 'model');
  const stream = reader.flag(body, 'stream') ?? false;
  const messages = messagesOf(body, context);
  const parameters = decodeParameters(body, context);
  if (operation === 'chat' && parameters.maxOutputTokens === undefined)
    reader.refuse('max_tokens', '"max_tokens" is required');
  if (reader.problem !== undefined) return reader.problem;
  const rest = restOf(body, context.unplaced);
  const value: ChatRequest = {
    operation,
    wire: 'anthropic-messages',
    model,
    stream,
    messages,
    parameters,
    wantsStreamUsage: true,
    rest,
  };
  return { ok: true, value };
}

export function decodeRequest(body: JsonObject): Decoded<ChatRequest> {
  return decodeConversation(body, 'chat');
}
