// Pieces of a JSON line as text: pure ASCII, so that text becomes bytes by a plain copy.

/** Control characters, quote, backslash, and everything outside ASCII. DEL is allowed in JSON, yet unkind to terminals. */
const NEEDS_ESCAPES = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const NOT_PLAIN_ASCII = /[\x7f-\uffff]/g;

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** At most this many characters of JSON come of one of text: `\u0000`. */
export const MAX_ESCAPED = 6;

/** `text` as a JSON string. Most strings only get their quotes. */
export function quoted(text: string): string {
  if (!NEEDS_ESCAPES.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(NOT_PLAIN_ASCII, escapeUnit);
}

/** `,"name":"value"`, or nothing for what is not there. */
export function optionalField(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

/** Milliseconds with three decimals, `null` for what is no duration. */
export function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  if (!(micros >= 0 && micros <= Number.MAX_SAFE_INTEGER)) return 'null';
  const whole = Math.floor(micros / 1000);
  return `${whole}.${String(micros - whole * 1000).padStart(3, '0')}`;
}

/** A count; `null` for what is not known (-1) and what is no number. */
export function count(value: number): string {
  return value >= 0 && value < Number.POSITIVE_INFINITY ? `${value}` : 'null';
}
