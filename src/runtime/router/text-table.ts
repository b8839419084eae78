// A hash table that is asked about a stretch of a longer text without cutting it out: prefixes of a path, suffixes of a host.
// One table holds the texts of many shelves (of every host, say), told apart by number.
// hot: a Map needs the key as a string of its own, which is one allocation per segment and look-up. With thousands of routes
// every object touched is a line fetched from memory, so what a look-up compares lies packed in two flat arrays.

export const HASH_SEED = 17;

/** The hash of a text with one more code unit. Callers walk a text once and ask at every boundary. */
export function addToHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

/** `backwards`: texts are walked from their end, as host suffixes are. */
export type Direction = 'forwards' | 'backwards';

export interface TextEntry<T> {
  /** 0 or more. A text stands on one shelf at most once. */
  readonly shelf: number;
  readonly text: string;
  readonly value: T;
}

/** Numbers per place: hash, shelf, where the text begins, number of the value plus one (0 = free). 16 bytes, four to a line. */
const STRIDE = 4;

function hashOf(text: string, direction: Direction): number {
  let hash = HASH_SEED;
  for (let index = 0; index < text.length; index++) {
    hash = addToHash(hash, text.charCodeAt(direction === 'forwards' ? index : text.length - 1 - index));
  }
  return hash;
}

/** The same text on many shelves must not come to lie in one run. */
function spread(hash: number, shelf: number): number {
  const mixed = Math.imul(hash ^ Math.imul(shelf, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

export class TextTable<T> {
  private readonly values: readonly T[];
  /** At most three quarters are taken. */
  private readonly places: Int32Array;
  /** Each text behind its length. */
  private readonly texts: Uint16Array;

  constructor(entries: readonly TextEntry<T>[], direction: Direction) {
    this.values = entries.map((entry) => entry.value);
    const wanted = Math.max(4, Math.ceil((entries.length * 4) / 3));
    this.places = new Int32Array(STRIDE * 2 ** Math.ceil(Math.log2(wanted)));
    this.texts = new Uint16Array(entries.reduce((sum, { text }) => sum + 1 + text.length, 0));
    let begin = 0;
    for (const [index, { shelf, text }] of entries.entries()) {
      const hash = hashOf(text, direction);
      this.places.set([hash, shelf, begin, index + 1], this.freePlace(hash, shelf));
      this.texts[begin++] = text.length;
      for (let at = 0; at < text.length; at++) this.texts[begin++] = text.charCodeAt(at);
    }
  }

  private freePlace(hash: number, shelf: number): number {
    const end = this.places.length - 1;
    let place = (spread(hash, shelf) << 2) & end;
    while (this.places[place + 3] !== 0) place = (place + STRIDE) & end;
    return place;
  }

  /** The value of the shelf's text that equals `text[start, start + length)`, whose hash the caller has. */
  find(hash: number, shelf: number, text: string, start: number, length: number): T | undefined {
    const places = this.places;
    const end = places.length - 1;
    for (let place = (spread(hash, shelf) << 2) & end; places[place + 3] !== 0; place = (place + STRIDE) & end) {
      if (places[place] !== hash || places[place + 1] !== shelf) continue;
      if (this.equals(places[place + 2], text, start, length)) return this.values[places[place + 3] - 1];
    }
    return undefined;
  }

  private equals(begin: number, text: string, start: number, length: number): boolean {
    const texts = this.texts;
    if (texts[begin] !== length) return false;
    for (let at = 0; at < length; at++) if (texts[begin + 1 + at] !== text.charCodeAt(start + at)) return false;
    return true;
  }
}
