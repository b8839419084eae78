// Bytes of an answer that must not reach the client yet: a filter still works on the head, or another target may have to answer.
import type { ByteSink } from '../wire/byte-sink.ts';

export class HeldBytes implements ByteSink {
  length = 0;
  private readonly pieces: Buffer[] = [];
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.length > this.maxBytes;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.length += end - start;
  }

  writeLatin1(text: string): void {
    this.pieces.push(Buffer.from(text, 'latin1'));
    this.length += text.length;
  }

  /** The read ends: what still lies in its buffer is copied. */
  keep(): void {}

  whole(): Buffer {
    return this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
  }

  releaseTo(out: ByteSink): void {
    for (const piece of this.pieces) out.write(piece, 0, piece.length);
  }
}
