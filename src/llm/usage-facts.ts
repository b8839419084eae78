// Token counts read in place from the bytes of a `usage` object, whichever of OpenAI's two spellings it has.
import {
  BACKSLASH,
  CLOSE_BRACE,
  COLON,
  COMMA,
  OPEN_BRACE,
  QUOTE,
  skipPlain,
  skipSpace,
  skipString,
  skipValue,
  standsAt,
} from './json-scan.ts';
import { latin1Of } from './json-text.ts';
import type { Usage } from './usage.ts';

const PROMPT_TOKENS = Buffer.from('prompt_tokens');
const INPUT_TOKENS = Buffer.from('input_tokens');
const COMPLETION_TOKENS = Buffer.from('completion_tokens');
const OUTPUT_TOKENS = Buffer.from('output_tokens');
const TOTAL_TOKENS = Buffer.from('total_tokens');
const CACHED_TOKENS = Buffer.from('cached_tokens');
const REASONING_TOKENS = Buffer.from('reasoning_tokens');
/** DeepSeek's spelling, beside the usual counts. */
const CACHE_HIT_TOKENS = Buffer.from('prompt_cache_hit_tokens');

const ZERO = 48;
const NINE = 57;

/** The counts of one answer; reusable. All zero until `isFound`. */
export class UsageFacts implements Usage {
  isFound = false;
  input = 0;
  output = 0;
  total = 0;
  cachedInput = 0;
  reasoning = 0;
  cacheWrite = 0;
  cacheWrite1h = 0;
  audioInput = 0;
  audioOutput = 0;

  reset(): void {
    this.isFound = false;
    this.input = 0;
    this.output = 0;
    this.total = 0;
    this.cachedInput = 0;
    this.reasoning = 0;
    this.cacheWrite = 0;
    this.cacheWrite1h = 0;
    this.audioInput = 0;
    this.audioOutput = 0;
  }

  take(other: UsageFacts): void {
    this.isFound = other.isFound;
    this.input = other.input;
    this.output = other.output;
    this.total = other.total;
    this.cachedInput = other.cachedInput;
    this.reasoning = other.reasoning;
    this.cacheWrite = other.cacheWrite;
    this.cacheWrite1h = other.cacheWrite1h;
    this.audioInput = other.audioInput;
    this.audioOutput = other.audioOutput;
  }
}

/** The count read last, and those of the object being read, -1 = not seen. One of the thread: a read never yields. */
const seen = { count: 0, input: -1, output: -1, total: -1, cached: -1, reasoning: -1 };

/** A count that is not plain digits: `12.0` and `1e3` are counts, too; null, text and negative numbers are none. */
function readOddNumber(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] > NINE) return 0;
  const value = Number(latin1Of(bytes, start, end));
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Takes a count at the top of the usage object. The names are told apart by length first: they share few. */
function takeCount(bytes: Uint8Array, at: number, length: number): void {
  if (length === 13) {
    if (standsAt(bytes, at, PROMPT_TOKENS)) seen.input = seen.count;
    else if (standsAt(bytes, at, OUTPUT_TOKENS)) seen.output = seen.count;
  } else if (length === 17) {
    if (standsAt(bytes, at, COMPLETION_TOKENS)) seen.output = seen.count;
  } else if (length === 12) {
    if (standsAt(bytes, at, TOTAL_TOKENS)) seen.total = seen.count;
    else if (standsAt(bytes, at, INPUT_TOKENS)) seen.input = seen.count;
  } else if (length === 23 && standsAt(bytes, at, CACHE_HIT_TOKENS) && seen.cached < 0) seen.cached = seen.count;
}

/** Takes a count one level down, in `prompt_tokens_details` and the like: these two names mean one thing wherever they stand. */
function takeDetail(bytes: Uint8Array, at: number, length: number): void {
  if (length === 13) {
    if (standsAt(bytes, at, CACHED_TOKENS)) seen.cached = seen.count;
  } else if (length === 16 && standsAt(bytes, at, REASONING_TOKENS)) seen.reasoning = seen.count;
}

/** Reads the members of the object whose `{` is at `at`; the offset behind its `}`, or -1. `level` 0 is usage, 1 its details. */
function readMembers(bytes: Uint8Array, at: number, end: number, level: number): number {
  let i = skipSpace(bytes, at + 1, end);
  if (i < end && bytes[i] === CLOSE_BRACE) return i + 1;
  while (i < end && bytes[i] === QUOTE) {
    const nameStart = i + 1;
    i = skipPlain(bytes, nameStart, end);
    const nameBytes = i - nameStart;
    if (i < end && bytes[i] === BACKSLASH) i = skipString(bytes, i, end) - 1; // no name of ours is written so
    if (i < nameStart || i + 1 >= end) return -1;
    i = skipSpace(bytes, i + 1, end);
    if (i >= end || bytes[i] !== COLON) return -1;
    i = skipSpace(bytes, i + 1, end);
    if (level === 0 && i < end && bytes[i] === OPEN_BRACE) {
      i = readMembers(bytes, i, end, 1);
      seen.count = 0;
    } else i = readValue(bytes, i, end);
    if (i < 0) return -1;
    if (level === 0) takeCount(bytes, nameStart, nameBytes);
    else takeDetail(bytes, nameStart, nameBytes);
    i = skipSpace(bytes, i, end);
    if (i >= end) return -1;
    if (bytes[i] === CLOSE_BRACE) return i + 1;
    if (bytes[i] !== COMMA) return -1;
    i = skipSpace(bytes, i + 1, end);
  }
  return -1;
}

/** Leaves the count at `at` in `seen.count`, 0 for any other value; the offset behind the value, or -1. */
function readValue(bytes: Uint8Array, at: number, end: number): number {
  let count = 0;
  let i = at;
  while (i < end && bytes[i] >= ZERO && bytes[i] <= NINE) count = count * 10 + bytes[i++] - ZERO;
  if (i > at && i < end && (bytes[i] === COMMA || bytes[i] === CLOSE_BRACE) && count <= Number.MAX_SAFE_INTEGER) {
    seen.count = count;
    return i;
  }
  i = skipValue(bytes, at, end, 2);
  if (i > 0) seen.count = readOddNumber(bytes, at, i);
  return i;
}

/**
 * Reads the usage object whose `{` is at `at` into `usage` and returns the offset behind it; -1, with `usage` untouched, when it
 * is not an object with at least one count: `null` and `{}` are no usage. A missing total is the sum.
 */
export function readUsage(bytes: Uint8Array, at: number, end: number, usage: UsageFacts): number {
  if (at >= end || bytes[at] !== OPEN_BRACE) return -1;
  seen.input = -1;
  seen.output = -1;
  seen.total = -1;
  seen.cached = -1;
  seen.reasoning = -1;
  const behind = readMembers(bytes, at, end, 0);
  if (behind < 0 || (seen.input < 0 && seen.output < 0 && seen.total < 0)) return -1;
  usage.isFound = true;
  usage.input = Math.max(0, seen.input);
  usage.output = Math.max(0, seen.output);
  usage.total = seen.total >= 0 ? seen.total : usage.input + usage.output;
  usage.cachedInput = Math.max(0, seen.cached);
  usage.reasoning = Math.max(0, seen.reasoning);
  return behind;
}
