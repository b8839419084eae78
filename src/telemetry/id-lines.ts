// The ids of requests whose trace begins here, together with the lines that tell an endpoint of them: one text for many requests,
// of which lines and ids are slices.
import { randomFillSync } from 'node:crypto';
import { latin1 } from '../base/latin1.ts';

const TRACE_BYTES = 16;
const ID_BYTES = 24;
/** Requests of one text. An id keeps it in memory, 7.5 KiB: small beside what a request holds. */
const BATCH = 64;

const BEFORE_ID = 'x-request-id: ';
const BEFORE_TRACE = '\r\ntraceparent: 00-';
/** Sampled, as NEW_TRACE_FLAGS says. */
const AFTER_SPAN = '-01\r\n';
const TRACE_DIGITS = TRACE_BYTES * 2;
const SPAN_DIGITS = (ID_BYTES - TRACE_BYTES) * 2;
/** Of the lines the first, with its end. */
export const REQUEST_ID_LINE_LENGTH: number = BEFORE_ID.length + TRACE_DIGITS + 2;
const TRACE_AT = BEFORE_ID.length + TRACE_DIGITS + BEFORE_TRACE.length;
const SPAN_AT = TRACE_AT + TRACE_DIGITS + 1;
const LINES_LENGTH = SPAN_AT + SPAN_DIGITS + AFTER_SPAN.length;
const BLANK = `${BEFORE_ID}${' '.repeat(TRACE_DIGITS)}${BEFORE_TRACE}${' '.repeat(TRACE_DIGITS)}-${' '.repeat(SPAN_DIGITS)}${AFTER_SPAN}`;

/** Both hex digits of a byte, as two bytes in order of memory. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE(),
);

/**
 * hot: `traceparent` and `x-request-id` as one piece of the request where it was seven, and the request id is the trace id. A text
 * costs as much as its ids alone did. `fill` is replaced in tests.
 */
export class IdLines {
  private readonly random = new Uint8Array(BATCH * ID_BYTES);
  private readonly bytes = Buffer.from(BLANK.repeat(BATCH), 'latin1');
  private readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  private readonly fill: (bytes: Uint8Array) => void;
  private text = '';
  private start = 0;

  constructor(fill: (bytes: Uint8Array) => void = randomFillSync) {
    this.fill = fill;
  }

  /** Ids that nobody had, from now on those of the methods below. */
  next(): void {
    this.start += LINES_LENGTH;
    if (this.start < this.text.length) return;
    this.fill(this.random);
    for (let index = 0; index < BATCH; index++) this.write(index);
    this.text = latin1(this.bytes, 0, this.bytes.length);
    this.start = 0;
  }

  private write(index: number): void {
    const { view, random } = this;
    const from = index * ID_BYTES;
    const lineAt = index * LINES_LENGTH;
    // All zeroes mean "no id" (W3C Trace Context §3.2.2.3).
    this.avoidZeroes(from, from + TRACE_BYTES);
    this.avoidZeroes(from + TRACE_BYTES, from + ID_BYTES);
    for (let byte = 0; byte < TRACE_BYTES; byte++) {
      const digits = HEX[random[from + byte]];
      view.setUint16(lineAt + BEFORE_ID.length + byte * 2, digits, true);
      view.setUint16(lineAt + TRACE_AT + byte * 2, digits, true);
    }
    for (let byte = TRACE_BYTES; byte < ID_BYTES; byte++)
      view.setUint16(lineAt + SPAN_AT + (byte - TRACE_BYTES) * 2, HEX[random[from + byte]], true);
  }

  private avoidZeroes(from: number, to: number): void {
    for (let at = from; at < to; at++) if (this.random[at] !== 0) return;
    this.fill(this.random.subarray(from, to));
    this.avoidZeroes(from, to);
  }

  /** 32 hex digits. */
  traceId(): string {
    return this.text.slice(this.start + TRACE_AT, this.start + TRACE_AT + TRACE_DIGITS);
  }

  /** 16 hex digits. */
  spanId(): string {
    return this.text.slice(this.start + SPAN_AT, this.start + SPAN_AT + SPAN_DIGITS);
  }

  /** `x-request-id`, which is the trace id, and `traceparent`. */
  lines(): string {
    return this.text.slice(this.start, this.start + LINES_LENGTH);
  }
}
