// Writes the pieces of a log line into memory that is there already: a line makes no garbage and is not copied again.
import { invariant } from '../errors/bug.ts';
import { quoted } from './json-text.ts';

/**
 * Text that is the same in every line, at most 32 characters, as eight-byte words: `","span_id":"` is two stores of constants.
 * ASCII is never a NaN, which a store could change.
 */
export interface Literal {
  readonly length: number;
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
}

/** Node's own methods without the tables of encodings before them; not in its types. */
interface Latin1Writable {
  latin1Write(text: string, at: number): number;
}

const WORD_BYTES = 8;
const MAX_LITERAL = 4 * WORD_BYTES;

export function literal(text: string): Literal {
  invariant(text.length <= MAX_LITERAL, 'a literal has at most four words');
  const bytes = Buffer.alloc(MAX_LITERAL, ' ');
  bytes.write(text, 'latin1');
  const [word0, word1, word2, word3] = [0, 8, 16, 24].map((at) => bytes.readDoubleLE(at));
  return { length: text.length, word0, word1, word2, word3 };
}

/** ASCII that stays the same for many lines, of any length, for `words`. */
export function wordsOf(text: string): Float64Array {
  const bytes = Buffer.alloc(Math.ceil(text.length / WORD_BYTES) * WORD_BYTES, ' ');
  bytes.write(text, 'latin1');
  return Float64Array.from({ length: bytes.length / WORD_BYTES }, (_, word) => bytes.readDoubleLE(word * WORD_BYTES));
}

/** `.000` to `.999`, four bytes each, the point lowest: shifts give the digits alone. */
const DECIMALS = Uint32Array.from({ length: 1000 }, (_, number) =>
  Buffer.from(`.${String(number).padStart(3, '0')}`).readUInt32LE(),
);

const NULL = literal('null');
const QUOTE = 0x22;
const MAX_ASCII = 0x7f;
/** Longer text is searched by a regular expression and copied by the runtime; shorter is faster by hand. */
const MAX_BY_HAND = 64;

/** 1 = may stand in a JSON string as it is. */
const PLAIN = Uint8Array.from({ length: MAX_ASCII + 1 }, (_, code) =>
  code >= 0x20 && code < MAX_ASCII && code !== QUOTE && code !== 0x5c ? 1 : 0,
);

/**
 * hot: each piece alone in a loop: a literal 6 ns, a number 10 to 18, a fragment of 500 characters 60, an id that is a slice of
 * another string 65. A POST's line is 0.7 of the time of concatenated text (bench/micro/access-log.ts), with 34 bytes of garbage where
 * that left 2770. Nothing is checked: who writes has compared `room` with the most it may write.
 */
export class LineBytes {
  /** Where the next piece goes; what lies before is whole lines, or the line being written. */
  at = 0;
  private readonly buffer: Buffer;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that may still be written, of which the last seven are needed by words that end beyond their text. */
  get room(): number {
    return this.buffer.length - this.at - WORD_BYTES;
  }

  literal({ length, word0, word1, word2, word3 }: Literal): void {
    const { at, view } = this;
    view.setFloat64(at, word0, true);
    if (length > WORD_BYTES) view.setFloat64(at + WORD_BYTES, word1, true);
    if (length > 2 * WORD_BYTES) view.setFloat64(at + 2 * WORD_BYTES, word2, true);
    if (length > 3 * WORD_BYTES) view.setFloat64(at + 3 * WORD_BYTES, word3, true);
    this.at = at + length;
  }

  /** What `wordsOf` made of `length` characters. hot: without a call into the runtime. */
  words(words: Float64Array, length: number): void {
    const { at, view } = this;
    for (let word = 0; word < words.length; word++) view.setFloat64(at + word * WORD_BYTES, words[word], true);
    this.at = at + length;
  }

  /** Text of ASCII. */
  text(text: string): void {
    this.at += (this.buffer as unknown as Latin1Writable).latin1Write(text, this.at);
  }

  /** What stands at `from` once more; `length` is a multiple of eight. */
  again(from: number, length: number): void {
    const { at, view } = this;
    for (let i = 0; i < length; i += WORD_BYTES) view.setFloat64(at + i, view.getFloat64(from + i, true), true);
    this.at = at + length;
  }

  /** Any string, as JSON. */
  quoted(text: string): void {
    if (text.length > MAX_BY_HAND || !this.quotedByHand(text)) this.text(quoted(text));
  }

  private quotedByHand(text: string): boolean {
    const { buffer } = this;
    let { at } = this;
    buffer[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > MAX_ASCII || PLAIN[code] === 0) return false;
      buffer[at++] = code;
    }
    buffer[at++] = QUOTE;
    this.at = at;
    return true;
  }

  /** A count; `null` for what is not known (-1) and what is no number. */
  count(value: number): void {
    if (value >= 0 && (value | 0) === value) this.at = this.digits(this.at, value);
    else if (value >= 0 && value < Number.POSITIVE_INFINITY) this.text(`${value}`);
    else this.literal(NULL);
  }

  /** Milliseconds with three decimals; `null` for what is no duration. */
  milliseconds(value: number): void {
    const micros = Math.round(value * 1000);
    if (!(micros >= 0 && micros <= Number.MAX_SAFE_INTEGER)) {
      this.literal(NULL);
      return;
    }
    const whole = Math.floor(micros / 1000);
    this.count(whole);
    this.view.setUint32(this.at, DECIMALS[micros - whole * 1000], true);
    this.at += 4;
  }

  /** Seconds with six decimals, of milliseconds. */
  seconds(milliseconds: number): void {
    const micros = Math.round(milliseconds * 1000);
    const rest = micros % 1_000_000;
    this.count((micros - rest) / 1_000_000);
    this.point(Math.floor(rest / 1000));
    this.threeDigits(rest % 1000);
  }

  /** Dollars with all twelve decimals, of pico-dollars: a safe integer. */
  dollars(pico: number): void {
    const rest = pico % 1e12;
    this.count((pico - rest) / 1e12);
    this.point(Math.floor(rest / 1e9));
    this.threeDigits(Math.floor(rest / 1e6) % 1000);
    this.threeDigits(Math.floor(rest / 1000) % 1000);
    this.threeDigits(rest % 1000);
  }

  private point(thousandths: number): void {
    this.view.setUint32(this.at, DECIMALS[thousandths], true);
    this.at += 4;
  }

  private threeDigits(number: number): void {
    this.view.setUint32(this.at, DECIMALS[number] >>> 8, true);
    this.at += 3;
  }

  /** `.123` at a place before: 0 to 999. */
  decimalsAt(at: number, thousandths: number): void {
    this.view.setUint32(at, DECIMALS[thousandths], true);
  }

  /** Three digits at a time; the end. */
  private digits(at: number, value: number): number {
    if (value < 1000) {
      const length = value < 10 ? 1 : value < 100 ? 2 : 3;
      this.view.setUint32(at, DECIMALS[value] >>> (32 - length * 8), true);
      return at + length;
    }
    const thousands = Math.floor(value / 1000);
    const next = this.digits(at, thousands);
    this.view.setUint32(next, DECIMALS[value - thousands * 1000] >>> 8, true);
    return next + 3;
  }
}
