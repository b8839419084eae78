// The conversation as the API takes it: system texts in front, turns that alternate, tool results first in theirs.
import type { JsonValue } from '../../json-value.ts';
import type { Message, TextPart } from '../../message.ts';
import { assistantBlock, type Block, textBlock, userBlock } from './encode-content.ts';

export interface EncodedConversation {
  /** Undefined = there is none. */
  readonly system: JsonValue | undefined;
  readonly messages: readonly JsonValue[];
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

function blocksOf(message: Message): readonly Block[] {
  const blocks =
    message.role === 'assistant'
      ? message.content.map(assistantBlock)
      : message.content.map((part) => userBlock(part as Parameters<typeof userBlock>[0]));
  return blocks.filter((block) => block !== undefined);
}

/** Adjacent messages of one role become one; a message that says nothing is left out, as the API demands. */
function turnsOf(messages: readonly Message[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = blocksOf(message);
    if (blocks.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  }
  return turns;
}

function withResultsFirst(content: readonly Block[]): readonly Block[] {
  const results = content.filter(({ type }) => type === 'tool_result');
  if (results.length === 0 || results.length === content.length) return content;
  return [...results, ...content.filter(({ type }) => type !== 'tool_result')];
}

/** The API refuses space at the end of an answer that is to be gone on with. */
function withoutTrailingSpace(turn: Turn): Turn {
  const last = turn.content.at(-1);
  if (turn.role !== 'assistant' || last?.type !== 'text' || typeof last.text !== 'string') return turn;
  const text = last.text.trimEnd();
  const content = turn.content.slice(0, -1);
  if (text !== '') content.push({ ...last, text });
  return { ...turn, content };
}

function isPlain(block: Block): boolean {
  return block.type === 'text' && block.cache_control === undefined && block.citations === undefined;
}

/** One plain text is written as a string, the way people write it. */
function contentOf(content: readonly Block[]): JsonValue {
  const [first] = content;
  return content.length === 1 && isPlain(first) ? (first.text as string) : (content as JsonValue);
}

export function encodeConversation(messages: readonly Message[]): EncodedConversation {
  const systemParts = messages.filter(({ role }) => role === 'system').flatMap(({ content }) => content as TextPart[]);
  const turns = [...turnsOf(messages.filter(({ role }) => role !== 'system'))];
  let system = systemParts.map(textBlock).filter((block) => block !== undefined);
  // A conversation of system texts alone is none to this API: the last of them is what is asked.
  const asked = turns.length === 0 ? system.at(-1) : undefined;
  if (asked !== undefined) {
    system = system.slice(0, -1);
    turns.push({ role: 'user', content: [asked] });
  }
  const last = turns.pop();
  if (last !== undefined) turns.push(withoutTrailingSpace(last));
  return {
    system: system.length === 0 ? undefined : contentOf(system),
    messages: turns
      .filter(({ content }) => content.length > 0)
      .map(({ role, content }) => ({ role, content: contentOf(withResultsFirst(content)) })),
  };
}
