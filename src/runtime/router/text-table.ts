// A hash table that is asked about a stretch of a longer text without cutting it out: prefixes of a path, suffixes of a host.
// hot: a Map needs the key as a string of its own, which is one allocation per segment and look-up.

export const HASH_SEED = 17;

/** The hash of a text with one more code unit. Callers walk a text once and ask at every boundary. */
export function addToHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

/** `backwards`: texts are walked from their end, as host suffixes are. */
export type Direction = 'forwards' | 'backwards';

function hashOf(text: string, direction: Direction): number {
  let hash = HASH_SEED;
  for (let index = 0; index < text.length; index++) {
    hash = addToHash(hash, text.charCodeAt(direction === 'forwards' ? index : text.length - 1 - index));
  }
  return hash;
}

export class TextTable<T> {
  /** Length of the longest key: nobody needs to walk further. */
  readonly longest: number;
  private readonly keys: readonly string[];
  private readonly values: readonly T[];
  private readonly hashes: Int32Array;
  /** Entry number plus one, 0 = free. At most half of the slots are taken. */
  private readonly slots: Int32Array;

  constructor(entries: ReadonlyMap<string, T>, direction: Direction) {
    this.keys = [...entries.keys()];
    this.values = [...entries.values()];
    this.longest = this.keys.reduce((longest, key) => Math.max(longest, key.length), 0);
    this.hashes = Int32Array.from(this.keys, (key) => hashOf(key, direction));
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(4, this.keys.length * 2))));
    for (let entry = 0; entry < this.keys.length; entry++) {
      let slot = this.firstSlot(this.hashes[entry]);
      while (this.slots[slot] !== 0) slot = (slot + 1) & (this.slots.length - 1);
      this.slots[slot] = entry + 1;
    }
  }

  private firstSlot(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.slots.length - 1);
  }

  /** The value of the key that equals `text[start, start + length)`, whose hash the caller has. */
  find(hash: number, text: string, start: number, length: number): T | undefined {
    const { slots, hashes, keys } = this;
    const mask = slots.length - 1;
    for (let slot = this.firstSlot(hash); slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = slots[slot] - 1;
      if (hashes[entry] === hash && keys[entry].length === length && text.startsWith(keys[entry], start)) {
        return this.values[entry];
      }
    }
    return undefined;
  }
}
