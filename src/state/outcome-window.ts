// How many of the last outcomes were failures: ten buckets over a sliding window, in shared memory, counted by all threads.
import { countInRound, countOfRound, roundOf } from './round-count.ts';

export const WINDOW_BUCKETS = 10;
/** Two cells a bucket: all outcomes, and the failures among them. */
export const WINDOW_COLUMNS = WINDOW_BUCKETS * 2;

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
    return countInRound(this.cells, this.cellOf(column, slot), roundOf(slot, WINDOW_BUCKETS));
  }

  private cellOf(column: number, slot: number): number {
    return this.first + (slot % WINDOW_BUCKETS) * 2 + column;
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
      sum += countOfRound(this.cells, this.cellOf(column, slot), roundOf(slot, WINDOW_BUCKETS));
    }
    return sum;
  }

  clear(): void {
    for (let column = 0; column < WINDOW_COLUMNS; column++) Atomics.store(this.cells, this.first + column, 0);
  }
}
