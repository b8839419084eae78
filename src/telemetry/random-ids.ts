// Trace, span and request ids of one thread, cut from a batch of random bytes: asking the kernel for each would cost microseconds.
import { randomFillSync } from 'node:crypto';

interface HexSliceable {
  hexSlice(start: number, end: number): string;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const BATCH_BYTES = 6144;

/** All-zero ids mean "no id" (W3C Trace Context §3.2.2.3); a draw of 64 zero bits is drawn again. */
const ZEROES = /^0+$/;

/** Unpredictable, because a request id also names what support may look up. `fill` is replaced in tests. */
export class RandomIds {
  private readonly batch = Buffer.alloc(BATCH_BYTES);
  private readonly fill: (bytes: Uint8Array) => void;
  private at = BATCH_BYTES;

  constructor(fill: (bytes: Uint8Array) => void = randomFillSync) {
    this.fill = fill;
  }

  /** 32 hex digits. */
  traceId(): string {
    return this.take(TRACE_ID_BYTES);
  }

  /** 16 hex digits. */
  spanId(): string {
    return this.take(SPAN_ID_BYTES);
  }

  /** 48 hex digits in one draw: a trace id, then a span id. hot: one string is made, two slices of it are free. */
  traceAndSpanId(): string {
    let ids = this.take(TRACE_ID_BYTES + SPAN_ID_BYTES);
    while (ids.startsWith('0000') && ZEROES.test(ids.slice(0, 32))) ids = this.take(TRACE_ID_BYTES + SPAN_ID_BYTES);
    while (ids.endsWith('0000') && ZEROES.test(ids.slice(32))) ids = ids.slice(0, 32) + this.spanId();
    return ids;
  }

  private take(length: number): string {
    if (this.at + length > BATCH_BYTES) {
      this.fill(this.batch);
      this.at = 0;
    }
    const start = this.at;
    this.at += length;
    const hex = (this.batch as unknown as HexSliceable).hexSlice(start, this.at);
    return hex.startsWith('0000') && ZEROES.test(hex) ? this.take(length) : hex;
  }
}
