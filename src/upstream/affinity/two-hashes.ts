// Two independent 32-bit hashes of bytes in one pass: together a key that no two conversations share by chance. Not for secrets.

/** Longer runs are known by their ends and their length: a document in a prompt costs no more than a page of it. */
const LONG_BYTES = 8192;
const END_BYTES = 4096;

/** Reusable; holds no bytes. hot: allocates nothing. */
export class TwoHashes {
  first = 0;
  second = 0;

  reset(): void {
    this.first = 0x2545f491;
    this.second = 0x3c6ef372;
  }

  addNumber(value: number): void {
    let a = Math.imul(this.first ^ value, 0x85ebca6b);
    a = (a << 13) | (a >>> 19);
    this.first = (Math.imul(a, 5) + 0xe6546b64) | 0;
    const b = Math.imul((this.second + value) | 0, 0xc2b2ae35);
    this.second = b ^ (b >>> 15);
  }

  /** hot: in local variables, a third of the time. */
  private addRun(bytes: Uint8Array, start: number, end: number): void {
    let a = this.first;
    let b = this.second;
    const whole = start + ((end - start) & ~3);
    for (let at = start; at < whole; at += 4) {
      const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      a = Math.imul(a ^ word, 0x85ebca6b);
      a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
      b = Math.imul((b + word) | 0, 0xc2b2ae35);
      b ^= b >>> 15;
    }
    this.first = a;
    this.second = b;
    let tail = 0;
    for (let at = whole; at < end; at++) tail = (tail << 8) | bytes[at];
    this.addNumber(tail);
  }

  /** `bytes[start, end)` and its length. */
  addBytes(bytes: Uint8Array, start: number, end: number): void {
    this.addNumber(end - start);
    if (end - start <= LONG_BYTES) this.addRun(bytes, start, end);
    else {
      this.addRun(bytes, start, start + END_BYTES);
      this.addRun(bytes, end - END_BYTES, end);
    }
  }

  /** UTF-16 units. */
  addText(text: string): void {
    this.addNumber(text.length);
    for (let index = 0; index < text.length; index++) this.addNumber(text.charCodeAt(index));
  }
}
