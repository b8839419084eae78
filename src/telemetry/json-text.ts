// Pieces of a JSON line as text: pure ASCII, so that a batch of lines is turned into bytes by a plain copy.

/** Control characters, quote, backslash, and everything outside ASCII. DEL is allowed in JSON, yet unkind to terminals. */
const NEEDS_ESCAPES = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const NOT_PLAIN_ASCII = /[\x7f-\uffff]/g;

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `text` as a JSON string. hot: most strings only get their quotes. */
export function quoted(text: string): string {
  if (!NEEDS_ESCAPES.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(NOT_PLAIN_ASCII, escapeUnit);
}

/** `.000` to `.999`. */
const THOUSANDTHS: readonly string[] = Array.from(
  { length: 1000 },
  (_, number) => `.${String(number).padStart(3, '0')}`,
);

/** Milliseconds with three decimals. hot: from integers, since printing a double costs five times as much. `null` if there is no number. */
export function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  if (!(micros >= 0 && micros <= Number.MAX_SAFE_INTEGER)) return 'null';
  const whole = Math.floor(micros / 1000);
  return `${whole}${THOUSANDTHS[micros - whole * 1000]}`;
}

/** A count; `null` for what is not known (-1) and what is no number. */
export function count(value: number): string {
  return value >= 0 && value < Number.POSITIVE_INFINITY ? `${value}` : 'null';
}

/** ISO 8601 with milliseconds; the part up to the second is made once per second. */
export class TimestampText {
  private second = Number.NaN;
  private prefix = '';

  format(timestampMs: number): string {
    const second = Math.floor(timestampMs / 1000);
    if (second !== this.second) {
      this.prefix = new Date(second * 1000).toISOString().slice(0, -5);
      this.second = second;
    }
    return `${this.prefix}${THOUSANDTHS[Math.floor(timestampMs) - second * 1000]}Z`;
  }
}
