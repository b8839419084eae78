// What all threads know together about each endpoint: one row of shared memory, changed with Atomics. Keyed by stable endpoint
// ids outside any configuration generation, so a reload loses nothing (measured: three Atomics per request cost nothing).

import { createBreakerMemory } from './breaker-table.ts';
import { createOutlierMemory } from './outlier-table.ts';

const COLUMNS = 16;

const IN_FLIGHT = 0;
const CONNECTIONS = 1;
const CONNECT_FAILURES = 2;
/** Tenths of a second since `epochMs`, so that it fits 31 bits. */
const DOWN_UNTIL = 3;
const LATENCY_MICROSECONDS = 4;
const REQUESTS = 5;
const FAILURES = 6;

/** Where the table lives; plain data, posted to every worker. */
export interface EndpointTableMemory {
  readonly buffer: SharedArrayBuffer;
  /** Circuit breakers, by the same rows (breaker-table.ts). */
  readonly breakers: SharedArrayBuffer;
  /** Outliers, by the same rows (outlier-table.ts). */
  readonly outliers: SharedArrayBuffer;
  /** Wall clock at creation: times are stored relative to it. */
  readonly epochMs: number;
}

export function createEndpointTableMemory(rows: number, epochMs: number): EndpointTableMemory {
  return {
    buffer: new SharedArrayBuffer(rows * COLUMNS * 4),
    breakers: createBreakerMemory(rows),
    outliers: createOutlierMemory(rows),
    epochMs,
  };
}

export function createLedgerMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * 2 * 4);
}

/** First pause after a failed connect; doubles with each further one, at most 30 s. */
const FIRST_DOWN_MS = 1000;
const MAX_DOWN_MS = 30_000;
/** Peak-sensitive smoothing: a new sample counts a quarter. */
const LATENCY_SHIFT = 2;

/** All times are wall-clock milliseconds given by the caller. Row numbers come from the control plane. */
export class EndpointTable {
  readonly rows: number;
  private readonly cells: Int32Array;
  private readonly epochMs: number;

  /** What this thread holds of in-flight and connection counts: two cells a row, so that its death can be settled. */
  private readonly ledger: Int32Array;

  constructor(memory: EndpointTableMemory, ledger: SharedArrayBuffer) {
    this.cells = new Int32Array(memory.buffer);
    this.ledger = new Int32Array(ledger);
    this.rows = this.cells.length / COLUMNS;
    this.epochMs = memory.epochMs;
  }

  private at(row: number, column: number): number {
    return row * COLUMNS + column;
  }

  addInFlight(row: number, change: number): void {
    Atomics.add(this.cells, this.at(row, IN_FLIGHT), change);
    this.ledger[row * 2] += change;
  }

  inFlight(row: number): number {
    return Atomics.load(this.cells, this.at(row, IN_FLIGHT));
  }

  /** Takes one of `limit` connections; false when all are taken. Exact over all threads. */
  takeConnection(row: number, limit: number): boolean {
    const cell = this.at(row, CONNECTIONS);
    if (Atomics.add(this.cells, cell, 1) >= limit) {
      Atomics.sub(this.cells, cell, 1);
      return false;
    }
    this.ledger[row * 2 + 1]++;
    return true;
  }

  giveConnection(row: number): void {
    Atomics.sub(this.cells, this.at(row, CONNECTIONS), 1);
    this.ledger[row * 2 + 1]--;
  }

  connections(row: number): number {
    return Atomics.load(this.cells, this.at(row, CONNECTIONS));
  }

  /** The endpoint answered: it is up, and this is how long the first byte took. */
  recordAnswer(row: number, firstByteMs: number): void {
    const cells = this.cells;
    if (Atomics.load(cells, this.at(row, CONNECT_FAILURES)) !== 0) this.recordConnected(row);
    Atomics.add(cells, this.at(row, REQUESTS), 1);
    const cell = this.at(row, LATENCY_MICROSECONDS);
    const before = Atomics.load(cells, cell);
    const sample = Math.min(Math.round(firstByteMs * 1000), 0x3fffffff);
    // A lost update between two threads loses one sample, which an estimate can bear.
    Atomics.store(cells, cell, before === 0 ? sample : before + ((sample - before) >> LATENCY_SHIFT));
  }

  /** Smoothed time to first byte, 0 when never measured. */
  latencyMs(row: number): number {
    return Atomics.load(this.cells, this.at(row, LATENCY_MICROSECONDS)) / 1000;
  }

  recordConnected(row: number): void {
    Atomics.store(this.cells, this.at(row, CONNECT_FAILURES), 0);
    Atomics.store(this.cells, this.at(row, DOWN_UNTIL), 0);
  }

  /** A connect failed: the endpoint is passed over for a while, longer each time. */
  recordConnectFailure(row: number, nowMs: number): void {
    const failures = Atomics.add(this.cells, this.at(row, CONNECT_FAILURES), 1);
    const pauseMs = Math.min(FIRST_DOWN_MS * 2 ** Math.min(failures, 5), MAX_DOWN_MS);
    Atomics.store(this.cells, this.at(row, DOWN_UNTIL), Math.ceil((nowMs + pauseMs - this.epochMs) / 100));
  }

  recordFailure(row: number): void {
    Atomics.add(this.cells, this.at(row, FAILURES), 1);
  }

  /** Whether the endpoint may be chosen: up, or its pause is over. */
  isUsable(row: number, nowMs: number): boolean {
    const downUntil = Atomics.load(this.cells, this.at(row, DOWN_UNTIL));
    return downUntil === 0 || nowMs - this.epochMs >= downUntil * 100;
  }

  requests(row: number): number {
    return Atomics.load(this.cells, this.at(row, REQUESTS));
  }

  failures(row: number): number {
    return Atomics.load(this.cells, this.at(row, FAILURES));
  }

  /** Gives a row to another endpoint. */
  clear(row: number): void {
    for (let column = 0; column < COLUMNS; column++) Atomics.store(this.cells, this.at(row, column), 0);
  }

  /** Takes back what a dead thread held: its ledger says what it took and never gave. */
  settle(ledger: Int32Array): void {
    for (let row = 0; row < this.rows; row++) {
      const inFlight = ledger[row * 2];
      const connections = ledger[row * 2 + 1];
      if (inFlight !== 0) Atomics.sub(this.cells, this.at(row, IN_FLIGHT), inFlight);
      if (connections !== 0) Atomics.sub(this.cells, this.at(row, CONNECTIONS), connections);
    }
    ledger.fill(0);
  }
}
