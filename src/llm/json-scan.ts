// RFC 8259 read byte by byte, without building a value: what request facts, usage and stream events are found with.
// Functions take the offset where something begins and return the offset behind it, or -1 when it is not JSON.
import { HEX_VALUE } from '../wire/characters.ts';

/** Containers inside containers accepted, the outermost included. JSON.parse has no bound; nothing real comes near this one. */
export const MAX_DEPTH = 512;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
export const QUOTE = 34;
const PLUS = 43;
export const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
export const COLON = 58;
export const OPEN_BRACKET = 91;
export const BACKSLASH = 92;
export const CLOSE_BRACKET = 93;
const UPPER_E = 69;
const LOWER_E = 101;
const LOWER_U = 117;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;

const LITERALS = { t: Buffer.from('true'), f: Buffer.from('false'), n: Buffer.from('null') };
const IS_SIMPLE_ESCAPE = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) IS_SIMPLE_ESCAPE[byte] = 1;

/** Which closing byte each open container waits for. Shared by all scans of the thread: a scan never yields. */
const openContainers = new Uint8Array(MAX_DEPTH);

/** Offset of the first byte at or behind `at` that is not JSON white space; `end` when there is none. */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i];
    if (byte > SPACE || (byte !== SPACE && byte !== LF && byte !== CR && byte !== TAB)) return i;
    i++;
  }
  return i;
}

/** Whether `text` (ASCII) stands at `at`; the caller knows that it fits. */
export function standsAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

function skipEscape(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  if (bytes[at] !== LOWER_U) return IS_SIMPLE_ESCAPE[bytes[at]] === 1 ? at + 1 : -1;
  if (at + 5 > end) return -1;
  for (let i = at + 1; i < at + 5; i++) if (HEX_VALUE[bytes[i]] === 255) return -1;
  return at + 5;
}

/** Which bytes end a run of plain text: quote, backslash, control bytes. */
const ENDS_TEXT = new Uint8Array(256).fill(1, 0, SPACE);
ENDS_TEXT[QUOTE] = 1;
ENDS_TEXT[BACKSLASH] = 1;

/** Texts longer than this go on four bytes at a time; for shorter ones the view would cost more than it saves. */
const LONG_TEXT_BYTES = 256;

/** Offset of the quote, backslash or control byte that ends a run of plain text; `end` when there is none. */
export function skipPlain(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  // hot: by table. Three comparisons take half as long again where this is inlined into the walk, on texts not met before.
  while (i < end && ENDS_TEXT[bytes[i]] === 0) i++;
  return i;
}

/** Behind the closing quote of the string whose text begins at `at`. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  const near = end - at > LONG_TEXT_BYTES ? at + LONG_TEXT_BYTES : end;
  let i = at;
  for (;;) {
    i = skipPlain(bytes, i, near);
    if (i >= near) return near < end ? skipLongString(bytes, i, end) : -1;
    if (bytes[i] === QUOTE) return i + 1;
    i = bytes[i] === BACKSLASH ? skipEscape(bytes, i + 1, end) : -1;
    if (i < 0) return -1;
  }
}

/** hot: the same, four bytes at a time: two thirds of the time for a text of 9 kB. */
function skipLongString(bytes: Uint8Array, at: number, end: number): number {
  // May lie before the bytes: a view must begin at a multiple of four.
  const first = at - ((bytes.byteOffset + at) & 3);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + first, (end - first) >> 2);
  let i = at;
  for (;;) {
    while (i < end && ((i - first) & 3) !== 0 && ENDS_TEXT[bytes[i]] === 0) i++;
    if (((i - first) & 3) === 0) {
      let word = (i - first) >> 2;
      while (word < words.length && !endsText(words[word])) word++;
      i = skipPlain(bytes, first + word * 4, end);
    }
    if (i >= end) return -1;
    if (bytes[i] === QUOTE) return i + 1;
    i = bytes[i] === BACKSLASH ? skipEscape(bytes, i + 1, end) : -1;
    if (i < 0) return -1;
  }
}

/** Whether one of the four bytes of a word ends a text. Subtraction borrows, so a byte above one that does may seem to, too. */
function endsText(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  const marked =
    ((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
  return (marked & 0x80808080) !== 0;
}

/** Behind a run of at least one digit. */
function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] >= ZERO && bytes[i] <= NINE) i++;
  return i > at ? i : -1;
}

function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  let i = bytes[at] === MINUS ? at + 1 : at;
  if (i < end && bytes[i] === ZERO) i++;
  else i = skipDigits(bytes, i, end);
  if (i > 0 && i < end && bytes[i] === DOT) i = skipDigits(bytes, i + 1, end);
  if (i > 0 && i < end && (bytes[i] === LOWER_E || bytes[i] === UPPER_E)) {
    i++;
    if (i < end && (bytes[i] === PLUS || bytes[i] === MINUS)) i++;
    i = skipDigits(bytes, i, end);
  }
  return i;
}

/** Numbers and the three words. */
function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at];
  if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return skipNumber(bytes, at, end);
  const literal = byte === 116 ? LITERALS.t : byte === 102 ? LITERALS.f : byte === 110 ? LITERALS.n : undefined;
  if (literal === undefined || at + literal.length > end || !standsAt(bytes, at, literal)) return -1;
  return at + literal.length;
}

/** From behind a member's name to behind its colon. */
export function skipColon(bytes: Uint8Array, at: number, end: number): number {
  const i = skipSpace(bytes, at, end);
  return i < end && bytes[i] === COLON ? i + 1 : -1;
}

/** Behind the value that begins at `at` (no space before it). Containers may nest `MAX_DEPTH - depthBefore` deep. */
export function skipValue(bytes: Uint8Array, at: number, end: number, depthBefore: number): number {
  let depth = 0;
  let expectsName = false;
  let i = at;
  for (;;) {
    if (i >= end) return -1;
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = skipString(bytes, i + 1, end);
      if (expectsName && i > 0) {
        i = skipColon(bytes, i, end);
        if (i < 0) return -1;
        expectsName = false;
        i = skipSpace(bytes, i, end);
        continue;
      }
    } else if (expectsName) return -1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const close = byte + 2; // `{` 123 `}` 125, `[` 91 `]` 93
      if (depth + depthBefore >= MAX_DEPTH) return -1;
      i = skipSpace(bytes, i + 1, end);
      if (i >= end || bytes[i] !== close) {
        openContainers[depth++] = close;
        expectsName = byte === OPEN_BRACE;
        continue;
      }
      i++;
    } else i = skipScalar(bytes, i, end);
    if (i < 0) return -1;
    // hot: the way out of a value and on to the next one, without a call per level
    for (;;) {
      if (depth === 0) return i;
      i = skipSpace(bytes, i, end);
      if (i >= end) return -1;
      const next = bytes[i++];
      const close = openContainers[depth - 1];
      if (next === COMMA) {
        expectsName = close === CLOSE_BRACE;
        i = skipSpace(bytes, i, end);
        break;
      }
      if (next !== close) return -1;
      depth--;
    }
  }
}

/**
 * Whether the members of an object that follow `at` (behind a value) lead to its `}` and that `}` ends the text. Then the value
 * belongs to the outermost object, whatever stands before it: one look at a short tail instead of a walk from the start.
 */
export function closesText(bytes: Uint8Array, at: number, end: number): boolean {
  let i = skipSpace(bytes, at, end);
  while (i < end && bytes[i] === COMMA) {
    i = skipSpace(bytes, i + 1, end);
    if (i >= end || bytes[i] !== QUOTE) return false;
    i = skipString(bytes, i + 1, end);
    if (i < 0) return false;
    i = skipColon(bytes, i, end);
    if (i < 0) return false;
    i = skipValue(bytes, skipSpace(bytes, i, end), end, 1);
    if (i < 0) return false;
    i = skipSpace(bytes, i, end);
  }
  return i < end && bytes[i] === CLOSE_BRACE && skipSpace(bytes, i + 1, end) === end;
}
