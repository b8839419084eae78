// The messages of a chat request as clients write them → canonical messages: tool messages become results in user messages.
import { type BodyReader, placeOf } from '../../body-reader.ts';
import { isJsonObject, type JsonObject } from '../../json-value.ts';
import type {
  AssistantPart,
  Message,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from '../../message.ts';
import { type ContentPart, cacheMarkOf, decodeContent, decodePart, decodeTexts } from './decode-content.ts';
import { reasoningPartsOf } from './decode-reasoning.ts';

export function decodeMessages(body: JsonObject, reader: BodyReader): readonly Message[] {
  const written = reader.objects(body, 'messages');
  if (written === undefined) reader.refuse('messages', '"messages" is required');
  else if (written.length === 0) reader.refuse('messages', '"messages" must not be empty');
  const conversation = new Conversation(reader);
  for (const [index, message] of (written ?? []).entries()) conversation.add(message, `messages[${index}]`);
  return conversation.messages;
}

/** Remembers the calls so far, which results refer to. */
class Conversation {
  readonly messages: Message[] = [];
  private readonly reader: BodyReader;
  private readonly callNames = new Map<string, string>();
  /** Calls of old (`function_call`), which have no ids, by the name of the function; the last one counts. */
  private readonly legacyCalls = new Map<string, string>();

  constructor(reader: BodyReader) {
    this.reader = reader;
  }

  add(message: JsonObject, at: string): void {
    const { reader } = this;
    switch (message.role) {
      case 'system':
      case 'developer':
        this.messages.push({ role: 'system', content: decodeTexts(message, at, reader), ...this.nameOf(message, at) });
        break;
      case 'user':
        this.addUser(decodeContent(message, at, reader), this.nameOf(message, at));
        break;
      case 'assistant':
        this.messages.push({
          role: 'assistant',
          content: this.assistantParts(message, at),
          ...this.nameOf(message, at),
        });
        break;
      case 'tool':
        this.addResult(this.toolResult(message, at, reader.requiredText(message, 'tool_call_id', at)));
        break;
      case 'function': {
        const name = reader.requiredText(message, 'name', at);
        this.addResult(this.toolResult(message, at, this.legacyCalls.get(name) ?? legacyId(this.messages.length)));
        break;
      }
      default:
        reader.refuse(`${at}.role`, `"${at}.role" must be system, developer, user, assistant, tool or function`);
    }
  }

  private nameOf(message: JsonObject, at: string): { readonly name?: string } {
    const name = this.reader.text(message, 'name', at);
    return name === undefined || name === '' ? {} : { name };
  }

  /** What a user says behind results stands in their message. */
  private addUser(content: readonly UserPart[], named: { readonly name?: string }): void {
    const last = this.messages.at(-1);
    const isBehindResults = last?.role === 'user' && last.content.at(-1)?.type === 'tool-result';
    if (!isBehindResults) this.messages.push({ role: 'user', content, ...named });
    else this.messages[this.messages.length - 1] = { role: 'user', content: [...last.content, ...content], ...named };
  }

  private addResult(result: ToolResultPart): void {
    this.addUser([result], {});
  }

  private toolResult(message: JsonObject, at: string, callId: string): ToolResultPart {
    const parts: readonly ContentPart[] = decodeContent(message, at, this.reader);
    const content = parts.filter((part): part is ToolResultContent => part.type !== 'audio');
    if (content.length < parts.length)
      this.reader.refuse(`${at}.content`, `"${at}.content" of a tool's result holds no sound`);
    const name = this.callNames.get(callId) ?? this.reader.text(message, 'name', at);
    const cache = cacheMarkOf(message, at, this.reader);
    return { type: 'tool-result', callId, name, content, isError: false, ...(cache && { cache }) };
  }

  private assistantParts(message: JsonObject, at: string): AssistantPart[] {
    const parts: AssistantPart[] = [...reasoningPartsOf(message)];
    parts.push(...this.spokenParts(message, at));
    const refusal = this.reader.text(message, 'refusal', at);
    if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal });
    const audio = this.reader.object(message, 'audio', at);
    if (audio !== undefined)
      parts.push({
        type: 'audio',
        source: { kind: 'stored', id: this.reader.requiredText(audio, 'id', `${at}.audio`) },
      });
    for (const [index, call] of (this.reader.objects(message, 'tool_calls', at) ?? []).entries()) {
      const part = this.toolCall(call, `${at}.tool_calls[${index}]`);
      if (part !== undefined) parts.push(part);
    }
    const legacy = this.reader.object(message, 'function_call', at);
    if (legacy !== undefined) parts.push(this.legacyCall(legacy, `${at}.function_call`));
    return parts;
  }

  /** Content of an assistant; its refusals may stand among its texts. */
  private spokenParts(message: JsonObject, at: string): readonly AssistantPart[] {
    if (!Array.isArray(message.content)) return decodeTexts(message, at, this.reader);
    const parts: AssistantPart[] = [];
    for (const [index, part] of (this.reader.objects(message, 'content', at) ?? []).entries()) {
      const place = `${at}.content[${index}]`;
      if (part.type === 'refusal')
        parts.push({ type: 'refusal', text: this.reader.text(part, 'refusal', place) ?? '' });
      else {
        const decoded = decodePart(part, place, this.reader);
        if (decoded !== undefined) parts.push(this.spoken(decoded, place));
      }
    }
    return parts;
  }

  private spoken(part: ContentPart, at: string): AssistantPart {
    if (part.type !== 'file') return part;
    this.reader.refuse(at, `"${at}" of an assistant cannot be a file`);
    return { type: 'text', text: '' };
  }

  private toolCall(call: JsonObject, at: string): ToolCallPart | undefined {
    if (call.type === 'custom')
      return this.reader.refuse(`${at}.type`, `"${at}" is a call of a custom tool, which only OpenAI has`);
    const id = this.reader.requiredText(call, 'id', at);
    const named = this.reader.object(call, 'function', at) ?? {};
    const name = this.reader.requiredText(named, 'name', placeOf(at, 'function'));
    const text = this.reader.text(named, 'arguments', placeOf(at, 'function')) ?? '';
    this.callNames.set(id, name);
    const signature = signatureOf(call);
    return { type: 'tool-call', id, name, arguments: text, ...(signature !== undefined && { signature }) };
  }

  private legacyCall(call: JsonObject, at: string): ToolCallPart {
    const name = this.reader.requiredText(call, 'name', at);
    const id = legacyId(this.messages.length);
    this.legacyCalls.set(name, id);
    this.callNames.set(id, name);
    return { type: 'tool-call', id, name, arguments: this.reader.text(call, 'arguments', at) ?? '' };
  }
}

function legacyId(messageIndex: number): string {
  return `call_${messageIndex}`;
}

/** Google's thought signature, where its own server of this wire puts it. */
export function signatureOf(call: JsonObject): string | undefined {
  const google = isJsonObject(call.extra_content) ? call.extra_content.google : undefined;
  const signature = isJsonObject(google) ? google.thought_signature : undefined;
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
}
