// The header section, shared by requests, responses and trailers: RFC 9112 §5 taken strictly.
import { FIELD_VALUE, TOKEN } from './characters.ts';
import type { HeaderList } from './header-list.ts';
import { knownHeaderIdOfBytes } from './known-headers.ts';

/** The section is not complete yet. */
export const NEED_MORE = 0;
/** A byte that no header section can hold there: bare CR or LF, NUL, obs-fold, blank before the colon, no colon. */
export const BAD_FIELD = -1;
export const TOO_MANY_FIELDS = -2;

const CR = 13;
const LF = 10;
const COLON = 58;

/**
 * Parses field lines from `position` up to and including the empty line. Returns the offset behind it, or one of the
 * constants above. Spans are stored relative to `base`. obs-fold is an error on both sides: RFC 9112 §5.2 lets a recipient
 * refuse it, and every proxy that unfolded it has had a smuggling bug.
 */
export function parseFields(
  bytes: Uint8Array,
  position: number,
  end: number,
  base: number,
  headers: HeaderList,
  maxFields: number,
): number {
  for (;;) {
    if (position >= end) return NEED_MORE;
    if (bytes[position] === CR) {
      if (position + 1 >= end) return NEED_MORE;
      return bytes[position + 1] === LF ? position + 2 : BAD_FIELD;
    }
    const nameStart = position;
    while (position < end && TOKEN[bytes[position]] === 1) position++;
    if (position >= end) return NEED_MORE;
    if (bytes[position] !== COLON || position === nameStart) return BAD_FIELD;
    const nameEnd = position++;
    while (position < end && (bytes[position] === 32 || bytes[position] === 9)) position++;
    const valueStart = position;
    while (position < end && FIELD_VALUE[bytes[position]] === 1) position++;
    if (position >= end) return NEED_MORE;
    if (bytes[position] !== CR) return BAD_FIELD;
    if (position + 1 >= end) return NEED_MORE;
    if (bytes[position + 1] !== LF) return BAD_FIELD;
    let valueEnd = position;
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === 32 || bytes[valueEnd - 1] === 9)) valueEnd--;
    if (headers.count >= maxFields) return TOO_MANY_FIELDS;
    const id = knownHeaderIdOfBytes(bytes, nameStart, nameEnd);
    headers.pushSpan(nameStart - base, nameEnd - base, valueStart - base, valueEnd - base, id);
    position += 2;
  }
}
