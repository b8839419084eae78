// What all threads know together about each endpoint: one row of shared memory, changed with Atomics. Keyed by stable endpoint
// ids outside any configuration generation, so a reload loses nothing (measured: three Atomics per request cost nothing).

import { type AffinityMemory, createAffinityMemory } from './affinity-table.ts';
import { createBreakerMemory } from './breaker-table.ts';
import { CONCURRENCY_LEDGER_CELLS, createConcurrencyMemory } from './concurrency-table.ts';
import { createCooldownMemory } from './cooldown-table.ts';
import { FADE_MS, faded, NEWS_MS } from './fading.ts';
import { createHealthMemory } from './health-table.ts';
import { createLocalityMemory } from './locality-table.ts';
import { createOutlierMemory } from './outlier-table.ts';
import { createProviderMemory } from './provider-table.ts';

/** Two cache lines: counters in the first, estimates that are written once per answer in the second. */
const COLUMNS = 32;

const IN_FLIGHT = 0;
const CONNECTIONS = 1;
const CONNECT_FAILURES = 2;
/** Tenths of a second since `epochMs`, so that it fits 31 bits. */
const DOWN_UNTIL = 3;
const LATENCY_MICROSECONDS = 4;
const REQUESTS = 5;
const FAILURES = 6;
const PENDING = 7;
const ERROR_ANSWERS = 8;

/** When the estimates below were last brought up to date: milliseconds since `epochMs`, wrapping. */
const ANSWERED_AT = 16;
/** 32-bit floats, read and written without Atomics: an aligned one is never torn, and a lost sample can be borne. */
const PEAK_LATENCY_MS = 17;
const ERROR_RATE = 18;
const ERROR_AT = 19;
/** Tenths of a second since `epochMs`, plus one; 0 = has been in use for as long as anybody knows. */
const WARM_SINCE = 20;
const P95_LATENCY_MS = 21;
/** As above, 0 = never: since when, and when last, its level of priority or place had load. */
const LOADED_SINCE = 22;
const LOADED_AT = 23;

/** Where the table lives; plain data, posted to every worker. */
export interface EndpointTableMemory {
  readonly buffer: SharedArrayBuffer;
  /** Circuit breakers, by the same rows (breaker-table.ts). */
  readonly breakers: SharedArrayBuffer;
  /** Outliers, by the same rows (outlier-table.ts). */
  readonly outliers: SharedArrayBuffer;
  /** Regions and zones, by the same rows (locality-table.ts). */
  readonly localities: SharedArrayBuffer;
  /** Concurrency limits, by the same rows (concurrency-table.ts). */
  readonly concurrency: SharedArrayBuffer;
  /** Active health checks, by the same rows (health-table.ts). */
  readonly health: SharedArrayBuffer;
  /** Of AI providers, by name. */
  readonly cooldowns: SharedArrayBuffer;
  readonly providers: SharedArrayBuffer;
  /** Where conversations and answers were served, by hashes (affinity-table.ts). */
  readonly affinity: AffinityMemory;
  /** Wall clock at creation: times are stored relative to it. */
  readonly epochMs: number;
}

export function createEndpointTableMemory(rows: number, epochMs: number): EndpointTableMemory {
  return {
    buffer: new SharedArrayBuffer((rows * COLUMNS + 1) * 4),
    breakers: createBreakerMemory(rows),
    outliers: createOutlierMemory(rows),
    localities: createLocalityMemory(rows),
    concurrency: createConcurrencyMemory(rows),
    health: createHealthMemory(rows),
    cooldowns: createCooldownMemory(),
    providers: createProviderMemory(),
    affinity: createAffinityMemory(rows),
    epochMs,
  };
}

/** What one thread holds of a row: requests in flight, connections, requests that wait for one. */
const HELD_BY_THREADS = [IN_FLIGHT, CONNECTIONS, PENDING] as const;
const LEDGER_COLUMNS = HELD_BY_THREADS.length;

/** What one thread holds in the tables, each in its own part. */
export interface LedgerParts {
  readonly endpoints: Int32Array;
  readonly concurrency: Int32Array;
}

export function createLedgerMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * (LEDGER_COLUMNS + CONCURRENCY_LEDGER_CELLS) * 4);
}

export function ledgerParts(ledger: SharedArrayBuffer): LedgerParts {
  const cells = new Int32Array(ledger);
  const rows = cells.length / (LEDGER_COLUMNS + CONCURRENCY_LEDGER_CELLS);
  return { endpoints: cells.subarray(0, rows * LEDGER_COLUMNS), concurrency: cells.subarray(rows * LEDGER_COLUMNS) };
}

/** First pause after a failed connect; doubles with each further one, at most 30 s. */
const FIRST_DOWN_MS = 1000;
const MAX_DOWN_MS = 30_000;
/** 17 minutes, and below what a small integer holds anywhere. */
const MAX_MICROSECONDS = 0x3fffffff;
/** A new sample counts a quarter of the smoothed latency. */
const LATENCY_SHARE = 1 / 4;
/** A new outcome counts a sixteenth of the error rate: one error among good answers is 6 %. */
const ERROR_SHARE = 1 / 16;
/**
 * The 95th percentile goes up by a fifth with every longer answer and down by a nineteenth of that with every other one: it rests
 * where one answer in twenty is longer, and follows a jump of ten times within a dozen answers.
 */
const P95_UP = Math.exp(0.19);
const P95_DOWN = Math.exp(-0.01);
export interface StatusSample {
  readonly status: number;
  readonly firstByteMs: number;
}

/** All times are wall-clock milliseconds given by the caller. Row numbers come from the control plane. */
export class EndpointTable {
  readonly rows: number;
  private readonly cells: Int32Array;
  private readonly floats: Float32Array;
  private readonly epochMs: number;

  /** What this thread holds of the counts, so that its death can be settled. */
  private readonly ledger: Int32Array;

  constructor(memory: EndpointTableMemory, ledger: SharedArrayBuffer) {
    this.cells = new Int32Array(memory.buffer);
    this.floats = new Float32Array(memory.buffer);
    this.ledger = ledgerParts(ledger).endpoints;
    this.rows = (this.cells.length - 1) / COLUMNS;
    this.epochMs = memory.epochMs;
  }

  private at(row: number, column: number): number {
    return row * COLUMNS + column;
  }

  addInFlight(row: number, change: number): void {
    Atomics.add(this.cells, this.at(row, IN_FLIGHT), change);
    this.ledger[row * LEDGER_COLUMNS] += change;
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
    this.ledger[row * LEDGER_COLUMNS + 1]++;
    return true;
  }

  giveConnection(row: number): void {
    Atomics.sub(this.cells, this.at(row, CONNECTIONS), 1);
    this.ledger[row * LEDGER_COLUMNS + 1]--;
  }

  /** Takes one of `limit` places to wait for a connection; false when all are taken. Exact over all threads. */
  takePending(row: number, limit: number): boolean {
    const cell = this.at(row, PENDING);
    if (Atomics.add(this.cells, cell, 1) >= limit) {
      Atomics.sub(this.cells, cell, 1);
      return false;
    }
    this.ledger[row * LEDGER_COLUMNS + 2]++;
    return true;
  }

  givePending(row: number): void {
    Atomics.sub(this.cells, this.at(row, PENDING), 1);
    this.ledger[row * LEDGER_COLUMNS + 2]--;
  }

  /** Requests that wait for a connection, in all threads. */
  pending(row: number): number {
    return Atomics.load(this.cells, this.at(row, PENDING));
  }

  connections(row: number): number {
    return Atomics.load(this.cells, this.at(row, CONNECTIONS));
  }

  /** The endpoint answered well: it is up, and this is how long the first byte took. */
  recordAnswer(row: number, firstByteMs: number, nowMs: number): void {
    this.countAnswer(row, nowMs);
    this.sampleLatency(row, firstByteMs, nowMs);
    this.sampleError(row, 0, nowMs);
  }

  /** It answered with an error. Failing quickly is no speed: the time counts only where it is longer than the estimate. */
  recordErrorAnswer(row: number, firstByteMs: number, nowMs: number): void {
    this.countAnswer(row, nowMs);
    Atomics.add(this.cells, this.at(row, ERROR_ANSWERS), 1);
    const known = this.latencyMs(row);
    if (known > 0 && firstByteMs > known) this.sampleLatency(row, firstByteMs, nowMs);
    this.sampleError(row, 1, nowMs);
  }

  /** It answered with this status. 429 is a refusal: it costs the endpoint nothing, and would make it look quick. */
  recordStatus(row: number, { status, firstByteMs }: StatusSample, nowMs: number): void {
    if (status >= 500 || status === 429) this.recordErrorAnswer(row, firstByteMs, nowMs);
    else this.recordAnswer(row, firstByteMs, nowMs);
  }

  /** It was waited for so long, and then no more: its latency is that at least. */
  recordWait(row: number, waitedMs: number, nowMs: number): void {
    if (waitedMs > this.latencyMs(row)) this.sampleLatency(row, waitedMs, nowMs);
  }

  private countAnswer(row: number, nowMs: number): void {
    if (Atomics.load(this.cells, this.at(row, CONNECT_FAILURES)) !== 0) this.recordConnected(row, nowMs);
    Atomics.add(this.cells, this.at(row, REQUESTS), 1);
  }

  private sampleLatency(row: number, firstByteMs: number, nowMs: number): void {
    const cell = this.at(row, LATENCY_MICROSECONDS);
    const before = Atomics.load(this.cells, cell);
    const sample = Math.min(Math.round(firstByteMs * 1000), MAX_MICROSECONDS);
    const ageMs = this.age(row, ANSWERED_AT, this.stamp(nowMs));
    const kept = Math.exp(-ageMs / FADE_MS);
    const share = Math.max(LATENCY_SHARE, 1 - Math.exp(-ageMs / NEWS_MS));
    // A lost update between two threads loses one sample, which an estimate can bear.
    Atomics.store(this.cells, cell, before === 0 ? sample : Math.round(before + (sample - before) * share));
    const peakCell = this.at(row, PEAK_LATENCY_MS);
    this.floats[peakCell] = Math.max(firstByteMs, this.floats[peakCell] * kept + firstByteMs * (1 - kept));
    const p95Cell = this.at(row, P95_LATENCY_MS);
    const p95 = before === 0 ? firstByteMs : this.floats[p95Cell] * kept + firstByteMs * (1 - kept);
    this.floats[p95Cell] = p95 * (firstByteMs > p95 ? P95_UP : P95_DOWN);
    Atomics.store(this.cells, this.at(row, ANSWERED_AT), this.stamp(nowMs));
  }

  private sampleError(row: number, error: 0 | 1, nowMs: number): void {
    const cell = this.at(row, ERROR_RATE);
    const before = this.floats[cell];
    // hot: the endpoint that never fails is the common one.
    if (error === 0 && before === 0) return;
    const kept = before * faded(this.age(row, ERROR_AT, this.stamp(nowMs)));
    const rate = kept + (error - kept) * ERROR_SHARE;
    this.floats[cell] = rate < 0.001 ? 0 : rate;
    Atomics.store(this.cells, this.at(row, ERROR_AT), this.stamp(nowMs));
  }

  /** Smoothed time to first byte, 0 when never measured. */
  latencyMs(row: number): number {
    return Atomics.load(this.cells, this.at(row, LATENCY_MICROSECONDS)) / 1000;
  }

  /**
   * The time as this table keeps it: whole milliseconds, wrapping after 24 days. hot: for the readers below, which are asked for
   * every endpoint of a pool. Whole numbers in and out never go to the heap, fractions and large ones do at every call.
   */
  stamp(nowMs: number): number {
    return (nowMs - this.epochMs) | 0;
  }

  /** Smoothed time to first byte in microseconds, less what has faded since the last answer. 0 when not measured lately. */
  latencyMicroseconds(row: number, stamp: number): number {
    const value = Atomics.load(this.cells, this.at(row, LATENCY_MICROSECONDS));
    return Math.round(value * faded(this.age(row, ANSWERED_AT, stamp)));
  }

  /** Peak-EWMA (Finagle): jumps up to every longer first byte and comes down slowly. Microseconds, faded as above. */
  peakLatencyMicroseconds(row: number, stamp: number): number {
    const value = this.floats[this.at(row, PEAK_LATENCY_MS)] * 1000;
    return Math.min(Math.round(value * faded(this.age(row, ANSWERED_AT, stamp))), MAX_MICROSECONDS);
  }

  /** Estimate of the 95th percentile of the time to first byte. Microseconds, faded as above. */
  p95LatencyMicroseconds(row: number, stamp: number): number {
    const value = this.floats[this.at(row, P95_LATENCY_MS)] * 1000;
    return Math.min(Math.round(value * faded(this.age(row, ANSWERED_AT, stamp))), MAX_MICROSECONDS);
  }

  /** Smoothed share of attempts that failed, 0..1000, less what has faded since the last one. */
  errorsPerThousand(row: number, stamp: number): number {
    const rate = this.floats[this.at(row, ERROR_RATE)];
    return rate === 0 ? 0 : Math.round(1000 * rate * faded(this.age(row, ERROR_AT, stamp)));
  }

  /** Since the time in this column; 0 when the clock was set back, or 24 to 49 days after it. */
  private age(row: number, column: number, stamp: number): number {
    return Math.max(0, (stamp - Atomics.load(this.cells, this.at(row, column))) | 0);
  }

  /** The endpoint begins to serve, or does so again: slow start counts from here. */
  startWarmUp(row: number, nowMs: number): void {
    Atomics.store(this.cells, this.at(row, WARM_SINCE), Math.round((nowMs - this.epochMs) / 100) + 1);
    Atomics.add(this.cells, this.cells.length - 1, 1);
  }

  /** Changes whenever a row begins to warm up, so that the next pick sees it. Kept in the last cell of the table. */
  warmUps(): number {
    return Atomics.load(this.cells, this.cells.length - 1);
  }

  /** Since `startWarmUp`; infinite without one. 0 while a connect after a pause is to succeed: no burst before that either. */
  warmForMs(row: number, nowMs: number): number {
    if (Atomics.load(this.cells, this.at(row, DOWN_UNTIL)) !== 0) return 0;
    const since = Atomics.load(this.cells, this.at(row, WARM_SINCE));
    return since === 0 ? Number.POSITIVE_INFINITY : Math.max(0, nowMs - this.epochMs - (since - 1) * 100);
  }

  /** Its level has load now; load that paused for longer than `pauseMs` begins anew. Threads that do so at once agree to a tenth. */
  noteLoad(row: number, nowMs: number, pauseMs: number): void {
    const stamp = this.tenths(nowMs) + 1;
    if (Atomics.load(this.cells, this.at(row, LOADED_AT)) === stamp) return;
    if (this.loadedForMs(row, nowMs, pauseMs) < 0) Atomics.store(this.cells, this.at(row, LOADED_SINCE), stamp);
    Atomics.store(this.cells, this.at(row, LOADED_AT), stamp);
  }

  /** How long its level has had load, without a pause longer than `pauseMs`; below 0 when it has none. */
  loadedForMs(row: number, nowMs: number, pauseMs: number): number {
    const last = Atomics.load(this.cells, this.at(row, LOADED_AT));
    const stamp = this.tenths(nowMs) + 1;
    if (last === 0 || (stamp - last) * 100 > pauseMs) return -1;
    return Math.max(0, stamp - Atomics.load(this.cells, this.at(row, LOADED_SINCE))) * 100;
  }

  recordConnected(row: number, nowMs: number): void {
    // An endpoint that was passed over comes back cold.
    if (Atomics.exchange(this.cells, this.at(row, DOWN_UNTIL), 0) !== 0) this.startWarmUp(row, nowMs);
    Atomics.store(this.cells, this.at(row, CONNECT_FAILURES), 0);
  }

  /**
   * A connect failed: the endpoint is passed over for a while, longer each time. Under load many connects are under way when it
   * dies: those that fail while the pause runs say nothing new, or a blip would cost the longest pause.
   */
  recordConnectFailure(row: number, nowMs: number): void {
    const cell = this.at(row, DOWN_UNTIL);
    const before = Atomics.load(this.cells, cell);
    if (before !== 0 && this.tenths(nowMs) < before) return;
    const failures = Atomics.load(this.cells, this.at(row, CONNECT_FAILURES));
    const pauseMs = Math.min(FIRST_DOWN_MS * 2 ** Math.min(failures, 5), MAX_DOWN_MS);
    const until = Math.ceil((nowMs + pauseMs - this.epochMs) / 100);
    // Of two threads one begins the pause.
    if (Atomics.compareExchange(this.cells, cell, before, until) === before)
      Atomics.add(this.cells, this.at(row, CONNECT_FAILURES), 1);
  }

  /** An attempt brought no answer, or a broken one. */
  recordFailure(row: number, nowMs: number): void {
    Atomics.add(this.cells, this.at(row, FAILURES), 1);
    this.sampleError(row, 1, nowMs);
  }

  /** Whether the endpoint may be chosen: up, or its pause is over. */
  isUsable(row: number, nowMs: number): boolean {
    return this.isUsableAt(row, this.tenths(nowMs));
  }

  /** The same, by a time from `tenths`. */
  isUsableAt(row: number, tenths: number): boolean {
    const downUntil = Atomics.load(this.cells, this.at(row, DOWN_UNTIL));
    return downUntil === 0 || tenths >= downUntil;
  }

  /** The time as pauses are kept: whole tenths of a second since `epochMs`. */
  tenths(nowMs: number): number {
    return Math.floor((nowMs - this.epochMs) / 100);
  }

  requests(row: number): number {
    return Atomics.load(this.cells, this.at(row, REQUESTS));
  }

  failures(row: number): number {
    return Atomics.load(this.cells, this.at(row, FAILURES));
  }

  /** Of the requests, those it answered with an error. */
  errorAnswers(row: number): number {
    return Atomics.load(this.cells, this.at(row, ERROR_ANSWERS));
  }

  /** Gives a row to another endpoint. */
  clear(row: number): void {
    for (let column = 0; column < COLUMNS; column++) Atomics.store(this.cells, this.at(row, column), 0);
  }

  /** Takes back what a dead thread held: its ledger says what it took and never gave. */
  settle(ledger: Int32Array): void {
    for (let row = 0; row < this.rows; row++) {
      for (const [column, cell] of HELD_BY_THREADS.entries()) {
        const held = ledger[row * LEDGER_COLUMNS + column];
        if (held !== 0) Atomics.sub(this.cells, this.at(row, cell), held);
      }
    }
    ledger.fill(0);
  }
}
