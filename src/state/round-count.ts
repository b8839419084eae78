// A count in one cell of shared memory that belongs to one round of a sliding window: the first to count in a new round needs to
// clear nothing. Cleared in steps, a thread held up between two of them wiped out what others had counted meanwhile.

/** 12 bits round, 20 bits count. A round repeats after 4,096 windows; a cell nobody touched for exactly so long would count once. */
const COUNT_BITS = 20;
const MAX_COUNT = 2 ** COUNT_BITS - 1;
const ROUNDS = 4096;

/** Round of the slot in a window of so many. */
export function roundOf(slot: number, slotsInWindow: number): number {
  return Math.floor(slot / slotsInWindow) % ROUNDS;
}

/** False when the cell is full: then it counts no further in this round. */
export function countInRound(cells: Int32Array, cell: number, round: number): boolean {
  for (;;) {
    const before = Atomics.load(cells, cell);
    const count = before >>> COUNT_BITS === round ? before & MAX_COUNT : 0;
    if (count === MAX_COUNT) return false;
    if (Atomics.compareExchange(cells, cell, before, (round << COUNT_BITS) | (count + 1)) === before) return true;
  }
}

/** Takes one back; nothing is left to take when the round has passed meanwhile. */
export function takeBackInRound(cells: Int32Array, cell: number, round: number): void {
  for (;;) {
    const before = Atomics.load(cells, cell);
    if (before >>> COUNT_BITS !== round || (before & MAX_COUNT) === 0) return;
    if (Atomics.compareExchange(cells, cell, before, before - 1) === before) return;
  }
}

/** 0 when the cell belongs to another round. */
export function countOfRound(cells: Int32Array, cell: number, round: number): number {
  const value = Atomics.load(cells, cell);
  return value >>> COUNT_BITS === round ? value & MAX_COUNT : 0;
}
