// Lets at most a part of all requests do something: every request pays in that part of a token, doing it costs a whole one. In
// shared memory, so that the part holds over all threads together, at every moment and not only on average.

const WHOLE = 1000;
/** Tokens that may be saved up: so many requests in a row at most. */
const MOST_SAVED = 10 * WHOLE;

export class RatioBucket {
  private readonly cells: Int32Array;
  private readonly cell: number;
  private readonly part: number;

  /** `ratio`: 0..1, in thousandths. */
  constructor(cells: Int32Array, cell: number, ratio: number) {
    this.cells = cells;
    this.cell = cell;
    // Rounded down: the part is a limit.
    this.part = Math.floor(ratio * WHOLE + 1e-9);
  }

  /**
   * A request came. What is saved beyond the most is taken away again; two threads doing so at once take it twice, which errs to
   * the strict side.
   */
  deposit(): void {
    const saved = Atomics.add(this.cells, this.cell, this.part) + this.part;
    if (saved > MOST_SAVED) Atomics.sub(this.cells, this.cell, saved - MOST_SAVED);
  }

  /** Takes a token, or says no. Never below zero: whoever comes second sees what the first one left. */
  take(): boolean {
    for (;;) {
      const saved = Atomics.load(this.cells, this.cell);
      if (saved < WHOLE) return false;
      if (Atomics.compareExchange(this.cells, this.cell, saved, saved - WHOLE) === saved) return true;
    }
  }

  /** It would let one through now. */
  wouldTake(): boolean {
    return Atomics.load(this.cells, this.cell) >= WHOLE;
  }
}
