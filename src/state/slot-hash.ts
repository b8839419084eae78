// Where a name has its slot in a shared table that nobody gives rows out for: by its hash, then the slots behind it.
import { murmur3 } from '../base/murmur3.ts';

/** Slots looked at before a name shares one with another. */
const MAX_STEPS = 32;

/** Never 0, which marks a free slot. */
export function keyOf(id: string): number {
  return murmur3(id) | 1 | 0;
}

export interface SlotTable {
  readonly cells: Int32Array;
  /** Cells of a slot; its key is in the first. */
  readonly columns: number;
}

/** First cell of the slot of `id`, taken for it if nobody has it; the last one looked at where all are others'. */
export function takeSlot({ cells, columns }: SlotTable, id: string, isFree: (first: number) => boolean): number {
  const slots = cells.length / columns;
  const key = keyOf(id);
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
export function findSlot({ cells, columns }: SlotTable, id: string): number {
  const slots = cells.length / columns;
  const key = keyOf(id);
  const start = (key >>> 0) % slots;
  for (let step = 0; step < MAX_STEPS; step++) {
    const first = ((start + step) % slots) * columns;
    const found = Atomics.load(cells, first);
    if (found === key) return first;
    if (found === 0) return -1;
  }
  return -1;
}
