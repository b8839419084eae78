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

/** Offset of the quote, backslash or control byte that ends a run of plain text; `end` when there is none. */
export function skipPlain(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  // hot: compared, not looked up in a table (twice as fast); most letters are settled by the first test
  while (i < end) {
    const byte = bytes[i];
    if (byte <= BACKSLASH && (byte === QUOTE || byte === BACKSLASH || byte < SPACE)) return i;
    i++;
  }
  return i;
}

/** Behind the closing quote of the string whose text begins at `at`. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  let i = skipPlain(bytes, at, end);
  while (i < end) {
    if (bytes[i] === QUOTE) return i + 1;
    if (bytes[i] !== BACKSLASH) return -1;
    i = skipEscape(bytes, i + 1, end);
    if (i < 0) return -1;
    i = skipPlain(bytes, i, end);
  }
  return -1;
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

function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at];
  if (byte === QUOTE) return skipString(bytes, at + 1, end);
  if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return skipNumber(bytes, at, end);
  const literal = byte === 116 ? LITERALS.t : byte === 102 ? LITERALS.f : byte === 110 ? LITERALS.n : undefined;
  if (literal === undefined || at + literal.length > end || !standsAt(bytes, at, literal)) return -1;
  return at + literal.length;
}

/** From before a member's name to its value, over the name, the colon and the space around them. */
function skipName(bytes: Uint8Array, at: number, end: number): number {
  let i = skipSpace(bytes, at, end);
  if (i >= end || bytes[i] !== QUOTE) return -1;
  i = skipString(bytes, i + 1, end);
  if (i < 0) return -1;
  i = skipSpace(bytes, i, end);
  return i < end && bytes[i] === COLON ? i + 1 : -1;
}

/** Behind the value that begins at `at` (no space before it). Containers may nest `MAX_DEPTH - depthBefore` deep. */
export function skipValue(bytes: Uint8Array, at: number, end: number, depthBefore: number): number {
  let depth = 0;
  let i = at;
  for (;;) {
    if (i >= end) return -1;
    const byte = bytes[i];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const close = byte + 2; // `{` 123 `}` 125, `[` 91 `]` 93
      if (depth + depthBefore >= MAX_DEPTH) return -1;
      i = skipSpace(bytes, i + 1, end);
      if (i < end && bytes[i] === close) i++;
      else {
        openContainers[depth++] = close;
        if (byte === OPEN_BRACE) i = skipName(bytes, i, end);
        if (i < 0) return -1;
        i = skipSpace(bytes, i, end);
        continue;
      }
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
        if (close === CLOSE_BRACE) i = skipName(bytes, i, end);
        if (i < 0) return -1;
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
    i = skipName(bytes, i + 1, end);
    if (i < 0) return false;
    i = skipValue(bytes, skipSpace(bytes, i, end), end, 1);
    if (i < 0) return false;
    i = skipSpace(bytes, i, end);
  }
  return i < end && bytes[i] === CLOSE_BRACE && skipSpace(bytes, i + 1, end) === end;
}
