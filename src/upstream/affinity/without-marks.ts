// A message without its cache marks. Clients move their marks to the newest message with every turn, so that the same message has one
// today and none tomorrow; the prompt before the model is the same.
import { CLOSE_BRACE, COMMA, skipColon, skipSpace, skipValue } from '../../llm/json-scan.ts';
import type { TwoHashes } from './two-hashes.ts';

/** hot: a text is found in less than half the time that its bytes are. */
const MARK = '"cache_control"';
const BACKSLASH = 92;
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** Of the thread: a message is hashed without a pause. */
let scratch = Buffer.alloc(4096);

/** As JSON has it. */
function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === LF || byte === CR;
}

/** What to cut so that the member whose name begins at `at` is gone; undefined where it is no member but text. */
function cutOf(bytes: Buffer, at: number, end: number): { readonly from: number; readonly to: number } | undefined {
  if (bytes[at - 1] === BACKSLASH) return undefined;
  const colon = skipColon(bytes, at + MARK.length, end);
  if (colon < 0) return undefined;
  const to = skipValue(bytes, skipSpace(bytes, colon, end), end, 0);
  if (to < 0) return undefined;
  let before = at - 1;
  while (isSpace(bytes[before])) before--;
  if (bytes[before] === COMMA) return { from: before, to };
  // the first member goes with the comma behind it
  const next = skipSpace(bytes, to, end);
  if (bytes[next] === COMMA) return { from: at, to: skipSpace(bytes, next + 1, end) };
  return bytes[next] === CLOSE_BRACE ? { from: at, to } : undefined;
}

/** Adds `bytes[start, end)`, a JSON value; `hasMarks` = there are some in the body. */
export function addUnmarked(
  hashes: TwoHashes,
  bytes: Buffer,
  { start, end, hasMarks }: { readonly start: number; readonly end: number; readonly hasMarks: boolean },
): void {
  let at = hasMarks ? bytes.indexOf(MARK, start, 'latin1') : -1;
  if (at === -1 || at >= end) {
    hashes.addBytes(bytes, start, end);
    return;
  }
  if (scratch.length < end - start) scratch = Buffer.alloc(2 * (end - start));
  let length = 0;
  let from = start;
  while (at !== -1 && at < end) {
    const cut = cutOf(bytes, at, end);
    if (cut !== undefined) {
      length += bytes.copy(scratch, length, from, cut.from);
      from = cut.to;
    }
    at = bytes.indexOf(MARK, cut?.to ?? at + MARK.length, 'latin1');
  }
  length += bytes.copy(scratch, length, from, end);
  hashes.addBytes(scratch, 0, length);
}

export function hasCacheMarks(bytes: Buffer, start: number, end: number): boolean {
  const at = bytes.indexOf(MARK, start, 'latin1');
  return at !== -1 && at < end;
}
