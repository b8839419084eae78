// Token counts read in place from the bytes of a `usage` object, in the spelling of whichever wire it is: OpenAI's two,
// Anthropic's, Gemini's `usageMetadata`. What the names mean is in usage-counts.ts.
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipPlain,
  skipSpace,
  skipString,
  skipValue,
  standsAt,
} from './json-scan.ts';
import { latin1Of } from './json-text.ts';
import type { Usage } from './usage.ts';
import { UsageCounts } from './usage-counts.ts';

/** Gemini's counts by modality: lists of `{"modality":"AUDIO","tokenCount":7}`. */
const PROMPT_MODALITIES = Buffer.from('promptTokensDetails');
const CANDIDATES_MODALITIES = Buffer.from('candidatesTokensDetails');
const TOKEN_COUNT = Buffer.from('tokenCount');
const AUDIO = Buffer.from('"AUDIO"');

const ZERO = 48;
const NINE = 57;
const LOWER_C = 99;
const LOWER_N = 110;
const LOWER_O = 111;

/** What the members being read belong to: `usage` itself, an object in it, an entry of a list by modality. */
const WHOLE = 0;
const DETAIL = 1;
const MODALITY = 2;

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

/** One of the thread: a read never yields. */
const seen = new UsageCounts();
/** Of the entry of a list by modality. */
const entry = { isAudio: false, tokens: 0 };

/** A count that is not plain digits: `12.0` and `1e3` are counts, too; null, text and negative numbers are none. */
function readOddNumber(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] > NINE) return 0;
  const value = Number(latin1Of(bytes, start, end));
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Reads the members of the object whose `{` is at `at`; the offset behind its `}`, or -1. */
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
    if (level === WHOLE && i < end && (bytes[i] === OPEN_BRACE || bytes[i] === OPEN_BRACKET)) {
      i = readDetails(bytes, i, end, nameStart);
      if (i < 0) return -1;
    } else {
      const valueStart = i;
      i = readValue(bytes, i, end);
      if (i < 0) return -1;
      if (level === WHOLE) {
        if (!seen.isLater || bytes[valueStart] !== LOWER_N) seen.takeWhole(bytes, nameStart, nameBytes);
      } else if (level === DETAIL) seen.takeDetail(bytes, nameStart, nameBytes);
      else readEntry(bytes, nameStart, nameBytes, valueStart);
    }
    i = skipSpace(bytes, i, end);
    if (i >= end) return -1;
    if (bytes[i] === CLOSE_BRACE) return i + 1;
    if (bytes[i] !== COMMA) return -1;
    i = skipSpace(bytes, i + 1, end);
  }
  return -1;
}

/** The object or list at `at` of the member of `usage` whose name begins at `nameStart`; the offset behind it, or -1. */
function readDetails(bytes: Uint8Array, at: number, end: number, nameStart: number): number {
  const initial = bytes[nameStart];
  seen.isOfOutput = initial === LOWER_C || initial === LOWER_O;
  if (bytes[at] === OPEN_BRACE) return readMembers(bytes, at, end, DETAIL);
  const list = seen.isOfOutput ? CANDIDATES_MODALITIES : PROMPT_MODALITIES;
  const isKnown = standsAt(bytes, nameStart, list) && bytes[nameStart + list.length] === QUOTE;
  return isKnown ? readModalities(bytes, at, end) : skipValue(bytes, at, end, 2);
}

/** The list by modality whose `[` is at `at`; the offset behind its `]`, or -1. */
function readModalities(bytes: Uint8Array, at: number, end: number): number {
  let audio = 0;
  let i = skipSpace(bytes, at + 1, end);
  while (i < end && bytes[i] === OPEN_BRACE) {
    entry.isAudio = false;
    entry.tokens = 0;
    i = readMembers(bytes, i, end, MODALITY);
    if (i < 0) return -1;
    if (entry.isAudio) audio += entry.tokens;
    i = skipSpace(bytes, i, end);
    if (i < end && bytes[i] === COMMA) i = skipSpace(bytes, i + 1, end);
  }
  if (i >= end || bytes[i] !== CLOSE_BRACKET) return skipValue(bytes, at, end, 2);
  if (audio > 0) seen.takeAudio(audio);
  return i + 1;
}

function readEntry(bytes: Uint8Array, nameStart: number, length: number, valueStart: number): void {
  if (length === TOKEN_COUNT.length && standsAt(bytes, nameStart, TOKEN_COUNT)) entry.tokens = seen.value;
  else if (standsAt(bytes, valueStart, AUDIO)) entry.isAudio = true;
}

/** Leaves the count at `at` in `seen.value`, 0 for any other value; the offset behind the value, or -1. */
function readValue(bytes: Uint8Array, at: number, end: number): number {
  let count = 0;
  let i = at;
  while (i < end && bytes[i] >= ZERO && bytes[i] <= NINE) count = count * 10 + bytes[i++] - ZERO;
  if (i > at && i < end && (bytes[i] === COMMA || bytes[i] === CLOSE_BRACE) && count <= Number.MAX_SAFE_INTEGER) {
    seen.value = count;
    return i;
  }
  i = skipValue(bytes, at, end, 2);
  if (i > 0) seen.value = readOddNumber(bytes, at, i);
  return i;
}

/**
 * Reads the usage object whose `{` is at `at` into `usage` and returns the offset behind it; -1, with `usage` untouched, when it
 * is not an object with at least one count: `null` and `{}` are no usage. A missing total is the sum.
 */
export function readUsage(bytes: Uint8Array, at: number, end: number, usage: UsageFacts): number {
  if (at >= end || bytes[at] !== OPEN_BRACE) return -1;
  seen.reset();
  return takeSeen(bytes, at, end, usage);
}

/**
 * The same for a later part of the same answer (Anthropic's `message_delta` after `message_start`): counts are totals so far, and
 * what is not told again stays as it was.
 */
export function readLaterUsage(bytes: Uint8Array, at: number, end: number, usage: UsageFacts): number {
  if (at >= end || bytes[at] !== OPEN_BRACE) return -1;
  if (usage.isFound) seen.resume(usage);
  else seen.reset();
  return takeSeen(bytes, at, end, usage);
}

function takeSeen(bytes: Uint8Array, at: number, end: number, usage: UsageFacts): number {
  const behind = readMembers(bytes, at, end, WHOLE);
  if (behind < 0 || !seen.hasAny) return -1;
  usage.isFound = true;
  seen.normalise(usage);
  return behind;
}
