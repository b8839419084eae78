// A client's contents as turns. Google's own libraries keep every chunk of a streamed answer as a content of its own: pieces of one
// text or thought are brought together again, so that providers that check them find them whole.
import type { AssistantPart, Message, ReasoningPart, UserPart } from '../../message.ts';

/** A proof closes its thought; thought that is redacted stands alone. */
function isOpen(part: AssistantPart | undefined): part is ReasoningPart {
  return part?.type === 'reasoning' && part.signature === undefined && part.redacted === undefined;
}

function joinPart(parts: AssistantPart[], part: AssistantPart): void {
  const before = parts.at(-1);
  if (part.type === 'text' && part.text === '') return; // the last chunk of a stream
  if (part.type === 'text' && before?.type === 'text')
    parts[parts.length - 1] = { ...before, text: before.text + part.text };
  else if (part.type === 'reasoning' && part.redacted === undefined && isOpen(before))
    parts[parts.length - 1] = { ...part, text: before.text + part.text };
  else parts.push(part);
}

function joinAssistant(content: readonly AssistantPart[]): readonly AssistantPart[] {
  const parts: AssistantPart[] = [];
  for (const part of content) joinPart(parts, part);
  return parts;
}

/** Results stand first, as in every canonical user message. */
function resultsFirst(content: readonly UserPart[]): readonly UserPart[] {
  const results = content.filter((part) => part.type === 'tool-result');
  return results.length === 0 ? content : [...results, ...content.filter((part) => part.type !== 'tool-result')];
}

export function joinTurns(messages: readonly Message[]): readonly Message[] {
  const turns: Message[] = [];
  for (const message of messages) {
    const before = turns.at(-1);
    if (message.role === 'assistant' && before?.role === 'assistant')
      turns[turns.length - 1] = { role: 'assistant', content: [...before.content, ...message.content] };
    else if (message.role === 'user' && before?.role === 'user')
      turns[turns.length - 1] = { role: 'user', content: [...before.content, ...message.content] };
    else turns.push(message);
  }
  return turns.map((turn): Message => {
    if (turn.role === 'assistant') return { role: 'assistant', content: joinAssistant(turn.content) };
    return turn.role === 'user' ? { role: 'user', content: resultsFirst(turn.content) } : turn;
  });
}
