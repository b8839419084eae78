// The text in a request and in an answer, of whichever wire: what is counted when the provider tells no counts. An estimate: files
// and images have no text, and every provider frames messages in tokens of its own.

/** Members whose strings a model reads or writes, of all wires. */
const TEXT_MEMBERS: ReadonlySet<string> = new Set([
  'arguments',
  'content',
  'description',
  'input',
  'instructions',
  'name',
  'output',
  'output_text',
  'partial_json',
  'prompt',
  'reasoning',
  'reasoning_content',
  'refusal',
  'system',
  'text',
  'thinking',
]);
const MAX_DEPTH = 64;

export interface TextParts {
  readonly text: string;
  /** Entries of `messages`, `contents`, or a list as `input`. */
  readonly messages: number;
}

/** Strings below `value` that are text of the conversation. Data URLs are not. */
function collect(value: unknown, isText: boolean, depth: number, into: string[]): void {
  if (typeof value === 'string') {
    if (isText && !value.startsWith('data:')) into.push(value);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, isText, depth + 1, into);
    return;
  }
  for (const [name, member] of Object.entries(value)) collect(member, TEXT_MEMBERS.has(name), depth + 1, into);
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

/** Of a JSON body; what is not JSON has no text. */
export function textParts(body: string): TextParts {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { text: '', messages: 0 };
  }
  const texts: string[] = [];
  collect(value, false, 0, texts);
  const { messages, contents, input } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { text: texts.join('\n'), messages: lengthOf(messages) + lengthOf(contents) + lengthOf(input) };
}

/** What OpenAI's own counting rule adds for the frame of a message, and for the start of the answer. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_OF_START = 3;

export function framedTokens(textTokens: number, messages: number): number {
  return messages === 0 ? textTokens : textTokens + messages * TOKENS_PER_MESSAGE + TOKENS_OF_START;
}

const BYTES_PER_TOKEN = 4;
/** Of an event of Anthropic's that holds no text yet. */
const ANTHROPIC_EVENT_BYTES = 113;

/** Where no tokenizer is at hand. */
export function tokensBySize(bytes: number): number {
  return Math.ceil(Math.max(0, bytes) / BYTES_PER_TOKEN);
}

export interface RelayedStream {
  readonly provider: string;
  /** Events with data that came. */
  readonly events: number;
  readonly bytes: number;
}

/**
 * Output of a stream by what came of it. Providers of OpenAI's wire send an event a token, after one that only names the role; an event
 * of Anthropic's holds several tokens in a frame of known size.
 */
export function tokensRelayed({ provider, events, bytes }: RelayedStream): number {
  if (provider === 'anthropic') return tokensBySize(bytes - events * ANTHROPIC_EVENT_BYTES);
  return Math.max(0, events - 1);
}
