// What all threads know together of a backend with a concurrency limit: requests in flight, who waits in which class, the limit and
// the latencies it is learned from. One row of shared memory by stable id (control/endpoint-rows.ts), so a reload loses nothing.
import { ADMISSION_CLASSES } from '../base/admission-class.ts';
import { clampLimit, type GradientRules, nextLimit, nextLongMs } from './gradient.ts';

/** Two cache lines: what admission counts in the first, what samples write in the second. */
const COLUMNS = 32;
const IN_FLIGHT = 0;
/** One for each class, highest first. */
const WAITING = 1;
export const CLASSES: number = ADMISSION_CLASSES.length;
/** Moved by everyone who gives a place back and wants another thread to look; what waiting threads wait on. */
const WAKE = 4;
/** Thousandths; 0 = the initial one. */
const LIMIT = 5;
/** In the window. */
const MOST_IN_FLIGHT = 6;
/** Milliseconds since `epochMs`, plus one; 0 = no window has begun. */
const WINDOW_START = 16;
/** Of each kind of sample: how many in the window, their logarithms in thousandths, long-term latency (a float), windows in it. */
const KINDS = 17;
const KIND_COLUMNS = 4;
const COUNT = 0;
const LOGARITHMS = 1;
const LONG_MS = 2;
const WINDOWS = 3;

/** What a thread holds of each row, so that its death can be settled: in flight, and waiting by class. */
export const CONCURRENCY_LEDGER_CELLS = 1 + CLASSES;

/** The shortest window, as Envoy's; it lasts until it has enough samples. */
const WINDOW_MS = 100;
const WINDOW_SAMPLES = 10;
const LEAST_SAMPLE_MS = 0.01;

/** Streamed answers are timed to their first useful part, whole ones to their first byte: each is compared with its own past. */
export type SampleKind = 0 | 1;
export const WHOLE: SampleKind = 0;
export const STREAMED: SampleKind = 1;

export function createConcurrencyMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * COLUMNS * 4);
}

export interface ConcurrencyDescription {
  readonly limit: number;
  readonly inFlight: number;
  /** By class, highest first. */
  readonly waiting: readonly number[];
}

export class ConcurrencyTable {
  private readonly cells: Int32Array;
  private readonly floats: Float32Array;
  private readonly epochMs: number;
  private readonly ledger: Int32Array;

  /** `ledger`: this thread's, CONCURRENCY_LEDGER_CELLS for each row. */
  constructor(memory: SharedArrayBuffer, epochMs: number, ledger: Int32Array) {
    this.cells = new Int32Array(memory);
    this.floats = new Float32Array(memory);
    this.epochMs = epochMs;
    this.ledger = ledger;
  }

  /** The limit in whole requests. */
  limit(row: number, rules: GradientRules): number {
    const value = Atomics.load(this.cells, row * COLUMNS + LIMIT);
    return Math.floor(clampLimit(value === 0 ? rules.initial : value / 1000, rules));
  }

  /** Takes a place; false when there is none. Over all threads never more than `limit` are taken by this. */
  take(row: number, limit: number): boolean {
    const { cells } = this;
    const at = row * COLUMNS + IN_FLIGHT;
    for (let taken = Atomics.load(cells, at); taken < limit; ) {
      const found = Atomics.compareExchange(cells, at, taken, taken + 1);
      if (found === taken) {
        this.ledger[row * CONCURRENCY_LEDGER_CELLS]++;
        this.noteMost(row, taken + 1);
        return true;
      }
      taken = found;
    }
    return false;
  }

  private noteMost(row: number, inFlight: number): void {
    const at = row * COLUMNS + MOST_IN_FLIGHT;
    for (let most = Atomics.load(this.cells, at); most < inFlight; ) {
      const found = Atomics.compareExchange(this.cells, at, most, inFlight);
      if (found === most) return;
      most = found;
    }
  }

  give(row: number): void {
    Atomics.sub(this.cells, row * COLUMNS + IN_FLIGHT, 1);
    this.ledger[row * CONCURRENCY_LEDGER_CELLS]--;
  }

  inFlight(row: number): number {
    return Atomics.load(this.cells, row * COLUMNS + IN_FLIGHT);
  }

  addWaiting(row: number, classIndex: number, change: 1 | -1): void {
    Atomics.add(this.cells, row * COLUMNS + WAITING + classIndex, change);
    this.ledger[row * CONCURRENCY_LEDGER_CELLS + 1 + classIndex] += change;
  }

  /** In all threads, of this class and of those before it. */
  waitingUpTo(row: number, classIndex: number): number {
    let sum = 0;
    for (let each = 0; each <= classIndex; each++) sum += this.waiting(row, each);
    return sum;
  }

  waiting(row: number, classIndex: number): number {
    return Atomics.load(this.cells, row * COLUMNS + WAITING + classIndex);
  }

  /** Of this thread alone. */
  ownWaiting(row: number, classIndex: number): number {
    return this.ledger[row * CONCURRENCY_LEDGER_CELLS + 1 + classIndex];
  }

  /** To be read before looking for a place, and given to `whenWoken` when there was none. */
  wakeMark(row: number): number {
    return Atomics.load(this.cells, row * COLUMNS + WAKE);
  }

  /** Lets the thread that has waited longest look for a place. */
  wakeOne(row: number): void {
    const at = row * COLUMNS + WAKE;
    Atomics.add(this.cells, at, 1);
    Atomics.notify(this.cells, at, 1);
  }

  /** Undefined when somebody was woken since `mark` was read. */
  whenWoken(row: number, mark: number): Promise<unknown> | undefined {
    const waited = Atomics.waitAsync(this.cells, row * COLUMNS + WAKE, mark);
    return waited.async ? waited.value : undefined;
  }

  /** How long the backend took. The one that ends a window moves the limit. */
  sample(row: number, rules: GradientRules, { kind, ms, nowMs }: LatencySample): void {
    const first = row * COLUMNS;
    const at = first + KINDS + kind * KIND_COLUMNS;
    Atomics.add(this.cells, at + LOGARITHMS, Math.round(Math.log(Math.max(ms, LEAST_SAMPLE_MS)) * 1000));
    Atomics.add(this.cells, at + COUNT, 1);
    const stamp = Math.max(0, Math.round(nowMs - this.epochMs)) + 1;
    const began = Atomics.load(this.cells, first + WINDOW_START);
    // The first sample, or the clock was set back.
    if (began === 0 || stamp < began) Atomics.compareExchange(this.cells, first + WINDOW_START, began, stamp);
    if (began === 0 || stamp - began < WINDOW_MS || this.samples(first) < WINDOW_SAMPLES) return;
    if (Atomics.compareExchange(this.cells, first + WINDOW_START, began, stamp) === began) this.endWindow(first, rules);
  }

  private samples(first: number): number {
    const at = first + KINDS + COUNT;
    return Atomics.load(this.cells, at) + Atomics.load(this.cells, at + KIND_COLUMNS);
  }

  /** Of the thread that won the window: no other does this before another window has passed. */
  private endWindow(first: number, rules: GradientRules): void {
    let logarithms = 0;
    let samples = 0;
    for (const kind of [WHOLE, STREAMED]) {
      const at = first + KINDS + kind * KIND_COLUMNS;
      const count = Atomics.exchange(this.cells, at + COUNT, 0);
      const sum = Atomics.exchange(this.cells, at + LOGARITHMS, 0);
      if (count === 0) continue;
      // Latencies spread by factors: the mean of logarithms is their median, which one slow answer does not move.
      const shortMs = Math.exp(sum / count / 1000);
      const windows = Atomics.load(this.cells, at + WINDOWS);
      const longMs = nextLongMs({ longMs: this.floats[at + LONG_MS], windows, tolerance: rules.tolerance }, shortMs);
      this.floats[at + LONG_MS] = longMs;
      Atomics.add(this.cells, at + WINDOWS, 1);
      logarithms += count * Math.log(longMs / shortMs);
      samples += count;
    }
    const mostInFlight = Atomics.exchange(
      this.cells,
      first + MOST_IN_FLIGHT,
      Atomics.load(this.cells, first + IN_FLIGHT),
    );
    if (samples === 0) return;
    const written = Atomics.load(this.cells, first + LIMIT);
    const before = clampLimit(written === 0 ? rules.initial : written / 1000, rules);
    const after = nextLimit(rules, before, { mostInFlight, longOverShort: Math.exp(logarithms / samples) });
    Atomics.store(this.cells, first + LIMIT, Math.round(after * 1000));
  }

  describe(row: number, rules: GradientRules): ConcurrencyDescription {
    const waiting = Array.from({ length: CLASSES }, (_, classIndex) => this.waiting(row, classIndex));
    return { limit: this.limit(row, rules), inFlight: this.inFlight(row), waiting };
  }

  /** Gives a row to another backend. */
  clear(row: number): void {
    for (let column = 0; column < COLUMNS; column++) Atomics.store(this.cells, row * COLUMNS + column, 0);
  }

  /** Takes back what a dead thread held, and lets the others look for the places. */
  settle(ledger: Int32Array): void {
    for (let row = 0; row * CONCURRENCY_LEDGER_CELLS < ledger.length; row++) {
      const at = row * CONCURRENCY_LEDGER_CELLS;
      for (let cell = 0; cell < CONCURRENCY_LEDGER_CELLS; cell++) {
        if (ledger[at + cell] === 0) continue;
        Atomics.sub(this.cells, row * COLUMNS + IN_FLIGHT + cell, ledger[at + cell]);
        this.wakeOne(row);
      }
    }
    ledger.fill(0);
  }
}

export interface LatencySample {
  readonly kind: SampleKind;
  readonly ms: number;
  /** Wall clock. */
  readonly nowMs: number;
}
