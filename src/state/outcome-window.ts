// How many of the last outcomes were failures: ten buckets over a sliding window, in shared memory, counted by all threads.

export const WINDOW_BUCKETS = 10;
/** Two cells a bucket: all outcomes, and the failures among them. */
export const WINDOW_COLUMNS = WINDOW_BUCKETS * 2;

/**
 * A cell carries the round of its bucket, so that a stale count can be told without a second cell: 12 bits round, 20 bits count.
 * A round repeats after 4,096 windows (eleven hours of the default); a bucket nobody touched for exactly so long would count once.
 */
const COUNT_BITS = 20;
const MAX_COUNT = 2 ** COUNT_BITS - 1;
const ROUNDS = 4096;

export class OutcomeWindow {
  private readonly cells: Int32Array;
  private readonly first: number;
  private readonly bucketMs: number;

  /** `first` is the cell where the window begins. */
  constructor(cells: Int32Array, first: number, windowMs: number) {
    this.cells = cells;
    this.first = first;
    this.bucketMs = windowMs / WINDOW_BUCKETS;
  }

  countSuccess(nowMs: number): void {
    this.add(0, Math.floor(nowMs / this.bucketMs));
  }

  /** The total first: who reads between the two sees too few failures, never too many. */
  countFailure(nowMs: number): void {
    const slot = Math.floor(nowMs / this.bucketMs);
    if (this.add(0, slot)) this.add(1, slot);
  }

  /** False when the bucket is full: then neither cell counts on, and the proportion stays. */
  private add(column: number, slot: number): boolean {
    const cell = this.first + (slot % WINDOW_BUCKETS) * 2 + column;
    const round = Math.floor(slot / WINDOW_BUCKETS) % ROUNDS;
    for (;;) {
      const before = Atomics.load(this.cells, cell);
      const count = before >>> COUNT_BITS === round ? before & MAX_COUNT : 0;
      if (count === MAX_COUNT) return false;
      if (Atomics.compareExchange(this.cells, cell, before, (round << COUNT_BITS) | (count + 1)) === before)
        return true;
    }
  }

  /** Outcomes in the window that ends now. */
  total(nowMs: number): number {
    return this.sum(0, nowMs);
  }

  failures(nowMs: number): number {
    return this.sum(1, nowMs);
  }

  private sum(column: number, nowMs: number): number {
    const newest = Math.floor(nowMs / this.bucketMs);
    let sum = 0;
    for (let slot = Math.max(0, newest - WINDOW_BUCKETS + 1); slot <= newest; slot++) {
      const value = Atomics.load(this.cells, this.first + (slot % WINDOW_BUCKETS) * 2 + column);
      if (value >>> COUNT_BITS === Math.floor(slot / WINDOW_BUCKETS) % ROUNDS) sum += value & MAX_COUNT;
    }
    return sum;
  }

  clear(): void {
    for (let column = 0; column < WINDOW_COLUMNS; column++) Atomics.store(this.cells, this.first + column, 0);
  }
}
