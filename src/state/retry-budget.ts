// How many retries a backend may still be sent: a share of its requests in the last 10 s, over all threads, in shared memory.
// A budget over time cannot overflow unseen as a fixed number of retries does, nor shrink while requests fail.
import { countInRound, countOfRound, roundOf, takeBackInRound } from './round-count.ts';

/** Seconds the window spans. */
export const WINDOW_SECONDS = 10;
/** Two cells a second. */
const CELLS_PER_SECOND = 2;
const REQUESTS = 0;
const RETRIES = 1;
/** Cells of a row, filled up to whole cache lines. */
const ROW_CELLS = 32;
/** Where the budgets live; plain data, posted to every worker. */
export interface RetryBudgetMemory {
  readonly buffer: SharedArrayBuffer;
  /** Wall clock at creation: times are stored relative to it. */
  readonly epochMs: number;
}

export function createRetryBudgetMemory(rows: number, epochMs: number): RetryBudgetMemory {
  return { buffer: new SharedArrayBuffer(rows * ROW_CELLS * 4), epochMs };
}

/** Name of a backend's row among the rows of a generation, beside those of the endpoints. */
export function retryBudgetKey(backendId: string): string {
  return `retries:${backendId}`;
}

/** What `take` allows; RetryBudget of the model. */
export interface RetryAllowance {
  readonly ratio: number;
  readonly minPerSecond: number;
}

/** Times are wall-clock milliseconds given by the caller; row numbers come from the control plane. */
export class RetryBudgetTable {
  private readonly cells: Int32Array;
  private readonly epochMs: number;

  constructor(memory: RetryBudgetMemory) {
    this.cells = new Int32Array(memory.buffer);
    this.epochMs = memory.epochMs;
  }

  /** A request, not a retry, goes to the backend. */
  recordRequest(row: number, nowMs: number): void {
    this.add(row, REQUESTS, this.secondOf(nowMs));
  }

  /**
   * Takes one retry, or says no. The retry is counted before the sum is read, so that of two threads at the limit at most one
   * gets it: never more than `ratio` × requests + `minPerSecond` × 10 in a window.
   */
  take(row: number, { ratio, minPerSecond }: RetryAllowance, nowMs: number): boolean {
    const second = this.secondOf(nowMs);
    if (!this.add(row, RETRIES, second)) return false;
    const retries = this.sum(row, second, RETRIES);
    const requests = this.sum(row, second, REQUESTS);
    if (retries <= ratio * requests + minPerSecond * WINDOW_SECONDS) return true;
    takeBackInRound(this.cells, this.cellOf(row, second, RETRIES), roundOf(second, WINDOW_SECONDS));
    return false;
  }

  requests(row: number, nowMs: number): number {
    return this.sum(row, this.secondOf(nowMs), REQUESTS);
  }

  retries(row: number, nowMs: number): number {
    return this.sum(row, this.secondOf(nowMs), RETRIES);
  }

  /** Gives a row to another backend. */
  clear(row: number): void {
    for (let cell = 0; cell < ROW_CELLS; cell++) Atomics.store(this.cells, row * ROW_CELLS + cell, 0);
  }

  private secondOf(nowMs: number): number {
    return Math.max(0, Math.floor((nowMs - this.epochMs) / 1000));
  }

  private cellOf(row: number, second: number, column: number): number {
    return row * ROW_CELLS + (second % WINDOW_SECONDS) * CELLS_PER_SECOND + column;
  }

  /** False when the cell is full: a million in one second. */
  private add(row: number, column: number, second: number): boolean {
    return countInRound(this.cells, this.cellOf(row, second, column), roundOf(second, WINDOW_SECONDS));
  }

  /** Over the window that ends with `second`. */
  private sum(row: number, second: number, column: number): number {
    let sum = 0;
    for (let each = Math.max(0, second - WINDOW_SECONDS + 1); each <= second; each++) {
      sum += countOfRound(this.cells, this.cellOf(row, each, column), roundOf(each, WINDOW_SECONDS));
    }
    return sum;
  }
}
