// The last bytes of an event that is too long to be held: how an answer ended stands behind what it says. Used by sse-relay.ts.

/** Google's candidates say behind their content why they ended, followed by counts: some hundred bytes, more with sources. */
export const TAIL_BYTES = 8 * 1024;

/** Reusable through `reset`; the buffer is made with the first long event. */
export class EventTail {
  bytes: Buffer = Buffer.alloc(0);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.bytes.length === 0) this.bytes = Buffer.allocUnsafeSlow(TAIL_BYTES);
    const added = Math.min(end - start, TAIL_BYTES);
    const kept = Math.min(this.length, TAIL_BYTES - added);
    this.bytes.copyWithin(0, this.length - kept, this.length);
    this.bytes.set(bytes.subarray(end - added, end), kept);
    this.length = kept + added;
  }
}
