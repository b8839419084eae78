// The conversation of a Responses request: items of one list become messages. What the assistant thought, said and called stands in
// items of its own there and in one message here. Under decode-request.ts.
import type { AssistantPart, Message, ReasoningPart, ToolResultPart, UserPart } from '../../message.ts';
import { assistantParts, systemParts, toolResultParts, userParts } from './decode-content.ts';
import { nameOf, type Place, type Reading } from './reading.ts';
import { readThoughtToken } from './thought-token.ts';

const STORED_ELSEWHERE = 'a stored item is known only to the provider that made it';
const ONLY_OPENAI = 'an item of this type can be sent only to a provider that speaks this API';

class Conversation {
  readonly messages: Message[] = [];
  private readonly reading: Reading;
  private readonly toolNames = new Map<string, string>();
  /** What the assistant does until somebody else speaks. */
  private said: AssistantPart[] | undefined;
  private results: UserPart[] | undefined;
  /** Of the function call that comes next. */
  private callSignature: string | undefined;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  add(place: Place): void {
    const { object } = place;
    // `{id}` alone is a reference, and a message may leave out its type
    const type = object.type ?? (object.role === undefined && object.id !== undefined ? 'item_reference' : 'message');
    switch (type) {
      case 'message':
        this.addMessage(place);
        break;
      case 'function_call':
        this.addCall(place);
        break;
      case 'function_call_output':
        this.addResult(place);
        break;
      case 'reasoning':
        this.addReasoning(place);
        break;
      case 'item_reference':
        this.reading.refuse(nameOf(place), STORED_ELSEWHERE);
        break;
      default:
        this.reading.refuse(`${place.at}type`, ONLY_OPENAI);
        break;
    }
  }

  private addMessage(place: Place): void {
    const { reading } = this;
    const role = reading.oneOf(place, 'role', ['user', 'assistant', 'system', 'developer']);
    reading.leave(place, ['phase']);
    const content = { reading, place, member: 'content' } as const;
    if (role === 'assistant') this.say(...assistantParts(content));
    else if (role === 'user') this.push({ role, content: userParts(content) });
    else if (role !== undefined) this.push({ role: 'system', content: systemParts(content) });
    else reading.fail(`${place.at}role`, 'user, assistant, system or developer');
  }

  private push(message: Message): void {
    this.said = undefined;
    this.results = undefined;
    this.messages.push(message);
  }

  private say(...parts: readonly AssistantPart[]): void {
    if (this.said === undefined) {
      const content: AssistantPart[] = [];
      this.push({ role: 'assistant', content });
      this.said = content;
    }
    this.said.push(...parts);
  }

  private addCall(place: Place): void {
    const id = this.reading.requiredText(place, 'call_id');
    const name = this.reading.requiredText(place, 'name');
    const signature = this.callSignature === undefined ? {} : { signature: this.callSignature };
    this.callSignature = undefined;
    this.toolNames.set(id, name);
    this.reading.leave(place, ['namespace', 'async']);
    const text = this.reading.requiredText(place, 'arguments');
    this.say({ type: 'tool-call', id, name, arguments: text, ...signature });
  }

  private addResult(place: Place): void {
    const { reading } = this;
    const callId = reading.requiredText(place, 'call_id');
    const content = toolResultParts({ reading, place, member: 'output' });
    const name = this.toolNames.get(callId) ?? reading.text(place, 'name');
    const result: ToolResultPart = { type: 'tool-result', callId, name, content, isError: false };
    if (this.results === undefined) {
      const results: UserPart[] = [];
      this.push({ role: 'user', content: results });
      this.results = results;
    }
    this.results.push(result);
  }

  private addReasoning(place: Place): void {
    const { reading } = this;
    const text = thoughtText(reading, place);
    const encrypted = reading.text(place, 'encrypted_content');
    const token = encrypted === undefined ? undefined : readThoughtToken(encrypted);
    if (encrypted !== undefined && token === undefined) reading.leave(place, ['encrypted_content']);
    if (token?.kind === 'call-signature') {
      this.callSignature = token.value;
      return;
    }
    const id = reading.text(place, 'id');
    const part: ReasoningPart = {
      type: 'reasoning',
      text,
      ...(token?.kind === 'signature' ? { signature: token.value } : {}),
      ...(token?.kind === 'redacted' ? { redacted: token.value } : {}),
      ...(id === undefined ? {} : { id }),
    };
    if (text !== '' || token !== undefined) this.say(part);
  }
}

/** What was thought where the item shows it, else its summary. */
function thoughtText(reading: Reading, place: Place): string {
  const whole = reading.places(place, 'content');
  const shown = whole.length > 0 ? whole : reading.places(place, 'summary');
  return shown.map((part) => reading.requiredText(part, 'text')).join('\n\n');
}

/** `input` is a text of the user, or a list of items; `instructions` stand in front of it. */
export function decodeMessages(reading: Reading, body: Place): readonly Message[] {
  const conversation = new Conversation(reading);
  const instructions = reading.text(body, 'instructions');
  if (instructions !== undefined && instructions !== '')
    conversation.messages.push({ role: 'system', content: [{ type: 'text', text: instructions }] });
  const { input } = body.object;
  if (typeof input === 'string') conversation.messages.push({ role: 'user', content: [{ type: 'text', text: input }] });
  else if (Array.isArray(input)) for (const place of reading.places(body, 'input')) conversation.add(place);
  else reading.fail('input', 'a string or a list of items');
  return conversation.messages;
}
