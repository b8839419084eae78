// Where a name has its slot in a shared table that nobody gives rows out for: by its hash, then the slots behind it.
import { rehash } from '../base/murmur3.ts';

/** Slots looked at before a name shares one with another. */
const MAX_STEPS = 32;

/**
 * Never 0, which marks a free slot. Every UTF-16 unit counts whole: by its low byte `ŧpt-4o` would be `gpt-4o`. Who does not know
 * the seed cannot make a name that shares its slot with another.
 */
export function keyOf(id: string, seed: number): number {
  let hash = rehash(seed, id.length);
  for (let at = 0; at < id.length; at++) hash = rehash(hash, id.charCodeAt(at));
  return (hash << 1) | 1;
}

export interface SlotTable {
  readonly cells: Int32Array;
  /** Cells of a slot; its key is in the first. */
  readonly columns: number;
  /** Random where names come from clients; default 0. */
  readonly seed?: number;
}

/** First cell of the slot of `id`, taken for it if nobody has it; the last one looked at where all are others'. */
export function takeSlot(
  { cells, columns, seed = 0 }: SlotTable,
  id: string,
  isFree: (first: number) => boolean,
): number {
  const slots = cells.length / columns;
  const key = keyOf(id, seed);
  const start = (key >>> 0) % slots;
  let first = start * columns;
  for (let step = 0; step < MAX_STEPS; step++) {
    first = ((start + step) % slots) * columns;
    const found = Atomics.load(cells, first);
    if (found === key) return first;
    if (found !== 0 && !isFree(first)) continue;
    const before = Atomics.compareExchange(cells, first, found, key);
    if (before === found || before === key) return first;
  }
  return first;
}

/** -1 when it has none. */
export function findSlot({ cells, columns, seed = 0 }: SlotTable, id: string): number {
  const slots = cells.length / columns;
  const key = keyOf(id, seed);
  const start = (key >>> 0) % slots;
  for (let step = 0; step < MAX_STEPS; step++) {
    const first = ((start + step) % slots) * columns;
    const found = Atomics.load(cells, first);
    if (found === key) return first;
    if (found === 0) return -1;
  }
  return -1;
}
