// MurmurHash3, 32 bits, x86: spreads request keys over endpoints and shares. Not for secrets: anybody can make collisions.

/** One round over four bytes. */
function mixed(hash: number, block: number): number {
  let k = Math.imul(block, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** Signed: what is above 2^31 would go to the heap at every call that is not inlined. */
function finished(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Unsigned 32-bit hash of a text whose UTF-16 units are bytes (latin1), as heads are held in memory; of any other unit only the
 * low byte counts. hot: reads the text where it is, without making bytes of it.
 */
export function murmur3(text: string, seed = 0): number {
  const { length } = text;
  const whole = length & ~3;
  let hash = seed | 0;
  for (let at = 0; at < whole; at += 4) {
    const low = (text.charCodeAt(at) & 255) | ((text.charCodeAt(at + 1) & 255) << 8);
    const high = ((text.charCodeAt(at + 2) & 255) << 16) | ((text.charCodeAt(at + 3) & 255) << 24);
    hash = mixed(hash, low | high);
  }
  let tail = 0;
  for (let at = length - 1; at >= whole; at--) tail = (tail << 8) | (text.charCodeAt(at) & 255);
  if (tail !== 0) {
    let k = Math.imul(tail, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    hash ^= Math.imul(k, 0x1b873593);
  }
  return finished(hash ^ length) >>> 0;
}

/** Another hash made of one, from 0 to 2^31 - 1: further places for the same key. */
export function rehash(hash: number, turn: number): number {
  return finished(mixed(hash | 0, turn) ^ 4) & 0x7fffffff;
}
