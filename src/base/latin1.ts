// Bytes as text, one character per byte: heads are handled so, because slicing such text is free and it is written back unchanged.

interface Latin1Sliceable {
  latin1Slice(start: number, end: number): string;
}

/** `bytes[start, end)` as latin1 text. `latin1Slice` is what `toString('latin1')` calls after looking the encoding up by name. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as Latin1Sliceable).latin1Slice(start, end);
}
