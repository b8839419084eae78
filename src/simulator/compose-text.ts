// The deterministic text of an answer and how it is cut: by stop sequences, by a token limit, into the deltas of a stream.
import { countTokens, takeTokens } from './tokens.ts';

export interface TextWishes {
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  /** Length to reach by repeating filler (`bytes` fault). */
  readonly bytes: number | undefined;
}

export interface ComposedText {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  readonly tokens: number;
  /** The stop sequence that ended the text, if one did. */
  readonly stopSequence: string | undefined;
}

const FILLER = ' All of this text is made by the built-in simulator.';
const WORDS = /\s*\S+|\s+$/g;
/** Longer texts are streamed in pieces of this many units instead of words: a 10 MB answer is 10,000 events, not 2 million. */
const LONG_PIECE = 1024;
const LONG_TEXT = 65_536;
/** Tool arguments are JSON without spaces: they are streamed in pieces of this many units. */
export const ARGUMENT_PIECE = 8;

/** What the simulator says to a message. */
export function replyTo(message: string): string {
  const heard = message === '' ? 'You said nothing.' : `You said: ${message}`;
  return `${heard}\nThis answer comes from the built-in simulator; no AI model was asked.`;
}

export function composeText(full: string, { maxTokens, stop, bytes }: TextWishes): ComposedText {
  let text = bytes === undefined ? full : stretch(full, bytes);
  let stopSequence: string | undefined;
  for (const sequence of stop) {
    const at = sequence === '' ? -1 : text.indexOf(sequence);
    if (at === -1) continue;
    text = text.slice(0, at);
    stopSequence = sequence;
  }
  const shortened = maxTokens === undefined ? text : takeTokens(text, maxTokens);
  return {
    text: shortened,
    finish: shortened === text ? 'stop' : 'length',
    tokens: shortened === '' ? 0 : countTokens(shortened),
    stopSequence: shortened === text ? stopSequence : undefined,
  };
}

function stretch(text: string, bytes: number): string {
  const size = Buffer.byteLength(text);
  if (size >= bytes) return text;
  return text + FILLER.repeat(Math.ceil((bytes - size) / FILLER.length)).slice(0, bytes - size);
}

/** The text in deltas; joined they are the text. */
export function* toDeltas(text: string): Generator<string> {
  if (text.length > LONG_TEXT) yield* toPieces(text, LONG_PIECE);
  else for (const [word] of text.matchAll(WORDS)) yield word;
}

/** The text in pieces of `units`, none of which ends inside a surrogate pair. */
export function* toPieces(text: string, units: number): Generator<string> {
  let start = 0;
  while (start < text.length) {
    let end = Math.min(text.length, start + units);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end++;
    yield text.slice(start, end);
    start = end;
  }
}

/** `stop` of a request: a string, a list of strings, or nothing. */
export function readStop(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** A token limit as it may stand in a request; anything that is no positive whole number is no limit. */
export function readMaxTokens(...values: readonly unknown[]): number | undefined {
  return values.find((value): value is number => Number.isInteger(value) && (value as number) > 0);
}
