// An answer held for its cost alone, which mostly comes in one read and leaves in it. Under forward.ts.
import type { ByteSink } from '../wire/byte-sink.ts';
import { HeldBytes } from './held-bytes.ts';

const NOTHING = new Uint8Array(0);

/**
 * hot: the first piece stays where it was read, and is copied only where it is held longer than its read: whoever holds it calls
 * `keep` before the read ends. Only for taps that pass on what they were given, as it lies in the read buffer.
 */
export class LentBytes extends HeldBytes {
  private lent: Uint8Array = NOTHING;
  private lentStart = 0;
  private lentEnd = 0;

  override write(bytes: Uint8Array, start: number, end: number): void {
    if (this.length > 0 || start === end) {
      this.keep();
      super.write(bytes, start, end);
      return;
    }
    this.lent = bytes;
    this.lentStart = start;
    this.lentEnd = end;
    this.length = end - start;
  }

  override writeLatin1(text: string): void {
    this.keep();
    super.writeLatin1(text);
  }

  override keep(): void {
    if (this.lent === NOTHING) return;
    const { lent, lentStart, lentEnd } = this;
    this.lent = NOTHING;
    this.length -= lentEnd - lentStart;
    super.write(lent, lentStart, lentEnd);
  }

  override whole(): Buffer {
    this.keep();
    return super.whole();
  }

  override releaseTo(out: ByteSink): void {
    if (this.lent === NOTHING) super.releaseTo(out);
    else out.write(this.lent, this.lentStart, this.lentEnd);
  }
}
