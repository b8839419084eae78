// Where decoded bytes go, piece by piece. The narrow waist between codecs, stream relays and sockets.

/**
 * Takes bytes that are valid only during the call: they may lie in a read buffer shared by every socket of the thread,
 * so a sink that keeps them must copy.
 */
export interface ByteSink {
  write(bytes: Uint8Array, start: number, end: number): void;
  /** A piece that exists as text, one byte per character (latin1). */
  writeLatin1(text: string): void;
}
