// What all threads know together of regions and zones: how far away they are, whether they are left out and why. One row for each
// place of a backend, one for each region that may fail over. The main thread judges (app/locality-sweeps.ts), workers read.

const LATENCY_MICROSECONDS = 0;
const NEARNESS_MICROSECONDS = 1;
/** Bits, below. */
const OUT = 2;
/** Tenths of a second since `epochMs`, plus one; 0 = never. */
const RETURNED_AT = 3;
/** Thousandths of a request that may still leave the zone (ratio-bucket.ts). */
export const TOKENS = 4;
const BREACHES = 5;
/** One cache line. */
export const LOCALITY_COLUMNS = 16;

/** Slower than its threshold. */
export const OUT_SLOW = 1;
/** The conditions of `multi_region` say so. */
export const OUT_FAILED = 2;
/** An operator says so. */
export const FORCED_OUT = 4;
/** An operator says that it is not to be left out, whatever is measured. */
export const FORCED_IN = 8;

const MAX_MICROSECONDS = 0x3fffffff;

export function createLocalityMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * LOCALITY_COLUMNS * 4);
}

/** Times are wall-clock milliseconds given by the caller. */
export class LocalityTable {
  readonly cells: Int32Array;
  private readonly epochMs: number;

  constructor(memory: SharedArrayBuffer, epochMs: number) {
    this.cells = new Int32Array(memory);
    this.epochMs = epochMs;
  }

  private at(row: number, column: number): number {
    return row * LOCALITY_COLUMNS + column;
  }

  /** Smoothed time to first byte of a place; 0 = not measured lately. */
  latencyMicroseconds(row: number): number {
    return Atomics.load(this.cells, this.at(row, LATENCY_MICROSECONDS));
  }

  /** The same, but changed only when it is clearly another: the order of places by it does not flap. */
  nearnessMicroseconds(row: number): number {
    return Atomics.load(this.cells, this.at(row, NEARNESS_MICROSECONDS));
  }

  setLatency(row: number, microseconds: number, nearness: number): void {
    Atomics.store(this.cells, this.at(row, LATENCY_MICROSECONDS), Math.min(Math.round(microseconds), MAX_MICROSECONDS));
    Atomics.store(this.cells, this.at(row, NEARNESS_MICROSECONDS), Math.min(Math.round(nearness), MAX_MICROSECONDS));
  }

  /** Reasons added up. */
  outBits(row: number): number {
    return Atomics.load(this.cells, this.at(row, OUT));
  }

  setOut(row: number, bit: number, isOut: boolean): void {
    if (isOut) Atomics.or(this.cells, this.at(row, OUT), bit);
    else Atomics.and(this.cells, this.at(row, OUT), ~bit);
  }

  /** The region is taken back: it ramps up from here. */
  markReturned(row: number, nowMs: number): void {
    Atomics.store(this.cells, this.at(row, RETURNED_AT), Math.floor((nowMs - this.epochMs) / 100) + 1);
  }

  /** Milliseconds since it was taken back; infinite when it never was. */
  returnedForMs(row: number, nowMs: number): number {
    const since = Atomics.load(this.cells, this.at(row, RETURNED_AT));
    return since === 0 ? Number.POSITIVE_INFINITY : Math.max(0, nowMs - this.epochMs - (since - 1) * 100);
  }

  countBreach(row: number): void {
    Atomics.add(this.cells, this.at(row, BREACHES), 1);
  }

  /** Requests that left the zone beyond its cap. */
  breaches(row: number): number {
    return Atomics.load(this.cells, this.at(row, BREACHES));
  }

  /** Gives a row to another place. */
  clear(row: number): void {
    this.cells.fill(0, row * LOCALITY_COLUMNS, (row + 1) * LOCALITY_COLUMNS);
  }
}

/** Whether a place is left out, by its bits and those of its region: the operator's word is the last. */
export function isLeftOut(bits: number): boolean {
  if ((bits & FORCED_OUT) !== 0) return true;
  return (bits & FORCED_IN) === 0 && (bits & (OUT_SLOW | OUT_FAILED)) !== 0;
}
