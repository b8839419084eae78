// Walks the members of one JSON object in place: names and values as offsets, nothing decoded that nobody asked for.

import {
  BACKSLASH,
  CLOSE_BRACE,
  COMMA,
  OPEN_BRACE,
  QUOTE,
  skipColon,
  skipPlain,
  skipSpace,
  skipString,
  skipValue,
  standsAt,
} from './json-scan.ts';
import { decodeText } from './json-text.ts';

/** Longest raw name that can still spell a name we know: `stream_options` with every letter as a six-byte escape. */
const MAX_ESCAPED_NAME_BYTES = 200;

/**
 * Reusable cursor: `open`, then `next` until it gives false; then `closedAt` tells a closed object from broken text.
 * It keeps no reference to the bytes (they may be a shared read buffer), so every call is given them.
 */
export class JsonMembers {
  /** Members seen so far. */
  count = 0;
  /** Raw text of the name, without its quotes. */
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Behind the comma before the member, or behind the `{` for the first. */
  memberStart = 0;
  /** Offset of the final `}` once the walk is over; -1 before that and when the text is not a JSON object. */
  closedAt = -1;
  private hasEscapedName = false;
  private isLast = false;
  private at = 0;
  private end = 0;
  private depth = 0;

  /** Begins at the `{` at `at`, which lies inside `depth` containers. False when there is no `{`. */
  open(bytes: Uint8Array, at: number, end: number, depth = 0): boolean {
    this.count = 0;
    this.closedAt = -1;
    this.isLast = false;
    this.at = at + 1;
    this.end = end;
    this.depth = depth + 1;
    return at < end && bytes[at] === OPEN_BRACE;
  }

  /** Moves to the next member; false at the end of the object and at the first thing that is not JSON. */
  next(bytes: Uint8Array): boolean {
    const { at, end } = this;
    if (this.isLast) {
      this.closedAt = at;
      return false;
    }
    this.memberStart = at;
    let i = skipSpace(bytes, at, end);
    if (i >= end) return false;
    if (bytes[i] !== QUOTE) {
      if (bytes[i] === CLOSE_BRACE && this.count === 0) this.closedAt = i;
      return false;
    }
    this.nameStart = i + 1;
    i = skipPlain(bytes, i + 1, end);
    this.hasEscapedName = i < end && bytes[i] === BACKSLASH;
    i = this.hasEscapedName ? skipString(bytes, i, end) : i < end && bytes[i] === QUOTE ? i + 1 : -1;
    if (i < 0) return false;
    this.nameEnd = i - 1;
    i = skipColon(bytes, i, end);
    if (i < 0) return false;
    this.valueStart = skipSpace(bytes, i, end);
    i = skipValue(bytes, this.valueStart, end, this.depth);
    if (i < 0) return false;
    this.valueEnd = i;
    i = skipSpace(bytes, i, end);
    if (i >= end) return false;
    this.isLast = bytes[i] === CLOSE_BRACE;
    if (!this.isLast && bytes[i] !== COMMA) return false;
    this.at = this.isLast ? i : i + 1;
    this.count++;
    return true;
  }

  /** Whether the current member has this name (ASCII), written plainly or with escapes (`m\u006fdel`). */
  isNamed(bytes: Uint8Array, name: Uint8Array): boolean {
    const length = this.nameEnd - this.nameStart;
    if (!this.hasEscapedName) return length === name.length && standsAt(bytes, this.nameStart, name);
    if (length > MAX_ESCAPED_NAME_BYTES) return false;
    return decodeText(bytes, this.nameStart - 1, this.nameEnd + 1) === Buffer.from(name).toString('latin1');
  }

  /** First byte of the name as written; the quote behind it when the name is empty. */
  nameByte(bytes: Uint8Array): number {
    return bytes[this.nameStart];
  }

  /** First byte of the current value: what kind of value it is. */
  valueByte(bytes: Uint8Array): number {
    return bytes[this.valueStart];
  }

  /** What to cut so that the current member is gone and the object stays JSON: its range with the comma before it, or behind it for the first. */
  get cutStart(): number {
    return this.count === 1 ? this.memberStart : this.memberStart - 1;
  }

  get cutEnd(): number {
    return this.count === 1 && !this.isLast ? this.at : this.valueEnd;
  }
}
