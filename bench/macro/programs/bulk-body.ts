// Sends and receives a very large body at full speed or a chosen one, without holding it, with a checksum over every byte.
// Used by both ends of large-bodies.ts.
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

export interface Received {
  readonly bytes: number;
  readonly checksum: number;
}

/** A prime length: bytes lost, doubled or swapped move the pattern and change the checksum. */
const BLOCK = Buffer.from(Uint8Array.from({ length: 65_521 }, (_, index) => (index * 167 + (index >> 8)) & 255));

export interface Sending {
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

/** Waits while more has been moved than the rate allows. */
async function keepPace(movedBytes: number, bytesPerSecond: number, startMs: number): Promise<void> {
  const aheadMs = (movedBytes / bytesPerSecond) * 1000 - (performance.now() - startMs);
  if (aheadMs > 5) await delay(aheadMs);
}

export async function send(stream: Writable, { bytes, bytesPerSecond }: Sending): Promise<Received> {
  const startMs = performance.now();
  let checksum = 0;
  let sentBytes = 0;
  while (sentBytes < bytes) {
    const piece = BLOCK.subarray(0, Math.min(BLOCK.length, bytes - sentBytes));
    checksum = crc32(piece, checksum);
    sentBytes += piece.length;
    if (!stream.write(piece)) await once(stream, 'drain');
    await keepPace(sentBytes, bytesPerSecond, startMs);
  }
  stream.end();
  return { bytes: sentBytes, checksum };
}

export async function receive(stream: Readable, bytesPerSecond: number): Promise<Received> {
  const startMs = performance.now();
  let checksum = 0;
  let bytes = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    checksum = crc32(piece, checksum);
    bytes += piece.length;
    await keepPace(bytes, bytesPerSecond, startMs);
  }
  return { bytes, checksum };
}
