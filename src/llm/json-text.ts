// JSON strings between bytes and text: decoding one that was found by offset, and writing one that can stand in latin1 text.

interface Sliceable {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

const slices = Buffer.prototype as unknown as Sliceable;

/** `bytes[start, end)` as text of one character per byte, for any Uint8Array. */
export function latin1Of(bytes: Uint8Array, start: number, end: number): string {
  return slices.latin1Slice.call(bytes, start, end);
}

/** `bytes[start, end)` as UTF-8 text; what is not UTF-8 becomes U+FFFD, as in every decoder a provider is likely to use. */
export function utf8Of(bytes: Uint8Array, start: number, end: number): string {
  return slices.utf8Slice.call(bytes, start, end);
}

/** The text of a valid JSON string, given with its quotes. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  let isPlain = true;
  for (let i = start + 1; i < end - 1 && isPlain; i++) isPlain = bytes[i] < 128 && bytes[i] !== 92;
  if (isPlain) return latin1Of(bytes, start + 1, end - 1);
  return JSON.parse(utf8Of(bytes, start, end)) as string;
}

/** A JSON string in pure ASCII, so that it means the same as latin1 and as UTF-8: everything above is escaped. */
export function encodeText(text: string): string {
  const json = JSON.stringify(text);
  let ascii = '';
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    ascii += unit < 128 ? json[i] : `\\u${unit.toString(16).padStart(4, '0')}`;
  }
  return ascii;
}

const NAME_SLOTS = 64;
const MAX_NAME_BYTES = 64;

/**
 * Decodes the same few strings again and again (model names) without making them anew: a hit costs a comparison of some
 * bytes, a fresh string 0.15 µs and work for the collector. Bounded: 64 names of at most 64 bytes.
 */
export class NameCache {
  private readonly names: string[] = new Array<string>(NAME_SLOTS).fill('');

  /** The text of a valid JSON string, given with its quotes. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start - 2;
    if (length <= 0 || length > MAX_NAME_BYTES) return decodeText(bytes, start, end);
    const slot = (length * 31 + bytes[end - 2] * 7 + bytes[start + 1 + (length >> 1)]) & (NAME_SLOTS - 1);
    const known = this.names[slot];
    if (known.length === length && isSame(bytes, start + 1, known)) return known;
    const text = decodeText(bytes, start, end);
    // A string whose raw form differs from its text (escapes, UTF-8) has another length or a byte above 127: never taken for a hit.
    if (text.length === length) this.names[slot] = text;
    return text;
  }
}

function isSame(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i];
    if (byte !== text.charCodeAt(i) || byte > 127 || byte === 92) return false;
  }
  return true;
}

/** Names of models, the same few in every request, answer and event of the thread. */
export const modelNames: NameCache = new NameCache();
