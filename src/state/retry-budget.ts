// How many retries a backend may still be sent: a share of its requests in the last 10 s, over all threads, in shared memory.
// A budget over time cannot overflow unseen as a fixed number of retries does, nor shrink while requests fail.

/** Seconds the window spans. */
export const WINDOW_SECONDS = 10;
const CELLS_PER_SECOND = 3;
const SECOND = 0;
const REQUESTS = 1;
const RETRIES = 2;
/** Cells of a row, filled up to whole cache lines. */
const ROW_CELLS = 32;
/** In the cell of the second while the others are set to 0. */
const CLEARING = -1;
/** A thread that dies while clearing leaves the mark behind; the next one gives up waiting and clears itself. */
const MOST_LOOKS = 10_000;

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
    const second = this.secondOf(nowMs);
    Atomics.add(this.cells, this.cellsOf(row, second) + REQUESTS, 1);
  }

  /**
   * Takes one retry, or says no. The retry is counted before the sum is read, so that of two threads at the limit at most one
   * gets it: never more than `ratio` × requests + `minPerSecond` × 10 in a window.
   */
  take(row: number, { ratio, minPerSecond }: RetryAllowance, nowMs: number): boolean {
    const second = this.secondOf(nowMs);
    const at = this.cellsOf(row, second);
    Atomics.add(this.cells, at + RETRIES, 1);
    const retries = this.sum(row, second, RETRIES);
    const requests = this.sum(row, second, REQUESTS);
    if (retries <= ratio * requests + minPerSecond * WINDOW_SECONDS) return true;
    if (Atomics.load(this.cells, at + SECOND) === second) Atomics.sub(this.cells, at + RETRIES, 1);
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

  /** From 1, so that 0 is a second that never was. */
  private secondOf(nowMs: number): number {
    return Math.max(0, Math.floor((nowMs - this.epochMs) / 1000)) + 1;
  }

  private at(row: number, second: number): number {
    return row * ROW_CELLS + (second % WINDOW_SECONDS) * CELLS_PER_SECOND;
  }

  /** Index of this second's cells; those of ten seconds ago are cleared for it by whoever comes first. */
  private cellsOf(row: number, second: number): number {
    const { cells } = this;
    const at = this.at(row, second);
    for (let look = 0; ; look++) {
      const seen = Atomics.load(cells, at + SECOND);
      if (seen === second) return at;
      if (seen === CLEARING && look < MOST_LOOKS) continue;
      if (seen !== CLEARING && Atomics.compareExchange(cells, at + SECOND, seen, CLEARING) !== seen) continue;
      Atomics.store(cells, at + REQUESTS, 0);
      Atomics.store(cells, at + RETRIES, 0);
      Atomics.store(cells, at + SECOND, second);
      return at;
    }
  }

  /** Over the window that ends with `second`. */
  private sum(row: number, second: number, column: number): number {
    let sum = 0;
    for (let age = 0; age < WINDOW_SECONDS && age < second; age++) {
      const at = this.at(row, second - age);
      if (Atomics.load(this.cells, at + SECOND) === second - age) sum += Atomics.load(this.cells, at + column);
    }
    return sum;
  }
}
