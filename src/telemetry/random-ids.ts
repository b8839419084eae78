// Trace, span and request ids of one thread, cut from a batch of random hex digits: asking the kernel for each would cost
// microseconds, and asking the runtime for each one's digits a tenth.
import { randomFillSync } from 'node:crypto';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
/** Of random bytes. An id is a slice and keeps the digits of its whole batch in memory, 3 KiB: small beside what a request holds. */
const BATCH_BYTES = 1536;

/** All-zero ids mean "no id" (W3C Trace Context §3.2.2.3); a draw of 64 zero bits is drawn again. */
const ZEROES = /^0+$/;
const ZERO = 48;

/** Unpredictable, because a request id also names what support may look up. `fill` is replaced in tests. */
export class RandomIds {
  private readonly bytes = Buffer.alloc(BATCH_BYTES);
  private readonly fill: (bytes: Uint8Array) => void;
  private digits = '';
  private at = 0;

  constructor(fill: (bytes: Uint8Array) => void = randomFillSync) {
    this.fill = fill;
  }

  /** 32 hex digits. */
  traceId(): string {
    return this.take(TRACE_ID_DIGITS);
  }

  /** 16 hex digits. */
  spanId(): string {
    return this.take(SPAN_ID_DIGITS);
  }

  private take(length: number): string {
    if (this.at + length > this.digits.length) {
      this.fill(this.bytes);
      this.digits = this.bytes.toString('hex');
      this.at = 0;
    }
    const start = this.at;
    this.at += length;
    const hex = this.digits.slice(start, this.at);
    return hex.charCodeAt(0) === ZERO && ZEROES.test(hex) ? this.take(length) : hex;
  }
}
