// The chunked transfer coding of a response, decoded piece by piece (RFC 9112 §7.1), strict: no bare LF, no sign, no overflow.
import { latin1 } from '../base/latin1.ts';
import type { ByteSink } from './byte-sink.ts';
import { FIELD_VALUE, HEX_VALUE } from './characters.ts';
import { NEED_MORE, parseFields } from './field-parser.ts';
import { HeaderList } from './header-list.ts';

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const BYTES = 3;
const BYTES_CR = 4;
const BYTES_LF = 5;
const TRAILERS = 6;
const SIZE_BLANK = 7;

/** The piece was used up; the body goes on. */
export const CHUNKED_MORE = -1;
/** Not chunked coding; the connection is lost. */
export const CHUNKED_BAD = -2;

/** 2^52 bytes: thirteen digits stay exact in a double. */
const MAX_SIZE_DIGITS = 13;
/** Digits of a chunk that can lie whole in a read. */
const MAX_WHOLE_DIGITS = 6;
/** Extensions beyond this and beyond the bytes they came with: the flood of one-byte chunks with long extensions is refused here. */
const MAX_EXTENSION_BYTES = 16 * 1024;
const MAX_TRAILER_BYTES = 16 * 1024;
const MAX_TRAILER_FIELDS = 100;

export class ChunkedDecoder {
  private state = SIZE;
  private left = 0;
  private digits = 0;
  private extensionBytes = 0;
  private trailerBytes: Buffer | undefined;
  /** Trailer fields, when the body ended with some. */
  trailers: HeaderList | undefined;

  reset(): void {
    this.state = SIZE;
    this.left = 0;
    this.digits = 0;
    this.extensionBytes = 0;
    this.trailerBytes = undefined;
    this.trailers = undefined;
  }

  /** Decodes `bytes[position, end)` into `sink`. Returns the offset behind the body when it ended, else one of the constants above. */
  decode(bytes: Buffer, position: number, end: number, sink: ByteSink): number {
    let at = position;
    while (at < end) {
      if (this.state === SIZE && this.digits === 0) at = this.takeWholeChunks(bytes, at, end, sink);
      if (at === end) break;
      if (this.state === BYTES) {
        const upTo = Math.min(end, at + this.left);
        sink.write(bytes, at, upTo);
        this.left -= upTo - at;
        this.extensionBytes = Math.max(0, this.extensionBytes - (upTo - at));
        at = upTo;
        if (this.left === 0) this.state = BYTES_CR;
      } else if (this.state === TRAILERS) {
        return this.readTrailers(bytes, at, end);
      } else if (!this.step(bytes[at++])) return CHUNKED_BAD;
    }
    return CHUNKED_MORE;
  }

  /**
   * hot: chunks that lie whole in the piece, without extension or padding, are one step each: streams of events come so. Stops
   * in front of the first that is anything else.
   */
  private takeWholeChunks(bytes: Buffer, position: number, end: number, sink: ByteSink): number {
    let at = position;
    for (;;) {
      const sizeEnd = Math.min(end, at + MAX_WHOLE_DIGITS);
      let size = 0;
      let i = at;
      while (i < sizeEnd && HEX_VALUE[bytes[i]] !== 255) size = size * 16 + HEX_VALUE[bytes[i++]];
      const dataEnd = i + 2 + size;
      // The line end behind the size and the one behind the data; all offsets lie within the piece if the last one does.
      if (size === 0 || dataEnd + 2 > end || bytes[i] !== 13 || bytes[i + 1] !== 10) return at;
      if (bytes[dataEnd] !== 13 || bytes[dataEnd + 1] !== 10) return at;
      sink.write(bytes, i + 2, dataEnd);
      if (this.extensionBytes > 0) this.extensionBytes = Math.max(0, this.extensionBytes - size);
      at = dataEnd + 2;
    }
  }

  /** One byte of framing. */
  private step(byte: number): boolean {
    switch (this.state) {
      case SIZE:
        return this.stepSize(byte);
      case EXTENSION:
        if (byte === 13) this.state = SIZE_LF;
        else if (FIELD_VALUE[byte] === 0) return false;
        return ++this.extensionBytes <= MAX_EXTENSION_BYTES;
      case SIZE_BLANK:
        return this.endSize(byte) && ++this.extensionBytes <= MAX_EXTENSION_BYTES;
      case SIZE_LF:
        this.state = this.left === 0 ? TRAILERS : BYTES;
        this.digits = 0;
        return byte === 10;
      case BYTES_CR:
        this.state = BYTES_LF;
        return byte === 13;
      default:
        this.state = SIZE;
        return byte === 10;
    }
  }

  private stepSize(byte: number): boolean {
    const digit = HEX_VALUE[byte];
    if (digit !== 255) {
      this.left = this.digits === 0 ? digit : this.left * 16 + digit;
      return ++this.digits <= MAX_SIZE_DIGITS;
    }
    return this.digits > 0 && this.endSize(byte);
  }

  /** Behind the digits: blanks (some servers pad), then an extension or the end of the line. */
  private endSize(byte: number): boolean {
    if (byte === 13) this.state = SIZE_LF;
    else if (byte === 59) this.state = EXTENSION;
    else if (byte === 32 || byte === 9) this.state = SIZE_BLANK;
    else return false;
    return true;
  }

  private readTrailers(bytes: Buffer, position: number, end: number): number {
    if (this.trailerBytes === undefined && bytes[position] === 13 && end - position >= 2) {
      return bytes[position + 1] === 10 ? position + 2 : CHUNKED_BAD;
    }
    const before = this.trailerBytes?.length ?? 0;
    const all =
      this.trailerBytes === undefined
        ? bytes.subarray(position, end)
        : Buffer.concat([this.trailerBytes, bytes.subarray(position, end)]);
    const trailers = new HeaderList();
    const fieldsEnd = parseFields(all, 0, all.length, 0, trailers, MAX_TRAILER_FIELDS);
    if (fieldsEnd === NEED_MORE) {
      if (all.length > MAX_TRAILER_BYTES) return CHUNKED_BAD;
      this.trailerBytes = Buffer.from(all);
      return CHUNKED_MORE;
    }
    if (fieldsEnd < 0) return CHUNKED_BAD;
    trailers.attach(latin1(all, 0, fieldsEnd), fieldsEnd - 2);
    if (trailers.count > 0) this.trailers = trailers;
    return position + fieldsEnd - before;
  }
}
