// How AI providers did lately: outcomes, time to the head of the answer, tokens over time, and the last failure of each class, over a
// sliding window in shared memory, counted by all threads. Read by the router's wishes and the admin server.
import { countInRound, countOfRound, roundOf } from './round-count.ts';
import { type SlotTable, takeSlot } from './slot-hash.ts';

export const PROVIDER_WINDOW_MS = 300_000;
export const FAILURE_CLASSES = [
  'timeout',
  'connection',
  'server-error',
  'rate-limit',
  'credential',
  'payment',
  'model',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

const BUCKETS = 10;
const BUCKET_MS = PROVIDER_WINDOW_MS / BUCKETS;
/** Of a bucket: outcomes, failures, then sums that carry their round in a cell of their own. */
const SUMS = 4;
const TOTAL = 0;
const FAILED = 1;
/** Sums of a bucket are of this round, plus one. */
const ROUND = 2;
const LATENCY = 3;
const TOKENS = 4;
const STREAM_MS = 5;
const BUCKET_COLUMNS = 2 + SUMS;
const FIRST_BUCKET = 1;
/** Of a class: how many, its last status, when (tenths of a second since `epochMs`). */
const CLASS_COLUMNS = 3;
const FIRST_CLASS = FIRST_BUCKET + BUCKETS * BUCKET_COLUMNS;
const COLUMNS = FIRST_CLASS + FAILURE_CLASSES.length * CLASS_COLUMNS;
const SLOTS = 2048;

export function createProviderMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * COLUMNS * 4);
}

export interface LastFailure {
  readonly class: FailureClass;
  readonly count: number;
  /** 0 = no answer. */
  readonly status: number;
  readonly secondsAgo: number;
}

export interface ProviderFacts {
  readonly requests: number;
  readonly failures: number;
  /** Mean, of good answers; 0 = not known. */
  readonly latencyMs: number;
  /** 0 = not known. */
  readonly tokensPerSecond: number;
  readonly lastFailures: readonly LastFailure[];
}

/** One provider in it, found once. */
export class ProviderWindow {
  private readonly cells: Int32Array;
  private readonly first: number;
  private readonly epochMs: number;

  constructor(cells: Int32Array, first: number, epochMs: number) {
    this.cells = cells;
    this.first = first;
    this.epochMs = epochMs;
  }

  recordAnswer(latencyMs: number, nowMs: number): void {
    const bucket = this.count(TOTAL, nowMs);
    Atomics.add(this.cells, bucket + LATENCY, Math.min(Math.round(latencyMs), 0xffff));
  }

  recordFailure(failure: FailureClass, status: number, nowMs: number): void {
    this.count(TOTAL, nowMs);
    this.spoilAnswer(failure, status, nowMs);
  }

  /** An answer that was counted as good broke after its head. */
  spoilAnswer(failure: FailureClass, status: number, nowMs: number): void {
    this.count(FAILED, nowMs);
    const at = this.first + FIRST_CLASS + FAILURE_CLASSES.indexOf(failure) * CLASS_COLUMNS;
    Atomics.add(this.cells, at, 1);
    Atomics.store(this.cells, at + 1, status);
    Atomics.store(this.cells, at + 2, Math.floor((nowMs - this.epochMs) / 100) + 1);
  }

  recordTokens(tokens: number, streamMs: number, nowMs: number): void {
    const bucket = this.bucket(nowMs);
    Atomics.add(this.cells, bucket + TOKENS, tokens);
    Atomics.add(this.cells, bucket + STREAM_MS, Math.min(Math.round(streamMs), 600_000));
  }

  private count(column: number, nowMs: number): number {
    const bucket = this.bucket(nowMs);
    countInRound(this.cells, bucket + column, roundOf(this.slot(nowMs), BUCKETS));
    return bucket;
  }

  private slot(nowMs: number): number {
    return Math.floor((nowMs - this.epochMs) / BUCKET_MS) + BUCKETS;
  }

  /** First cell of the bucket of now; its sums begin anew with a new round. A sample lost between two threads can be borne. */
  private bucket(nowMs: number): number {
    const slot = this.slot(nowMs);
    const bucket = this.first + FIRST_BUCKET + (slot % BUCKETS) * BUCKET_COLUMNS;
    const round = roundOf(slot, BUCKETS) + 1;
    const before = Atomics.load(this.cells, bucket + ROUND);
    if (before !== round && Atomics.compareExchange(this.cells, bucket + ROUND, before, round) === before)
      for (const sum of [LATENCY, TOKENS, STREAM_MS]) Atomics.store(this.cells, bucket + sum, 0);
    return bucket;
  }

  describe(nowMs: number): ProviderFacts {
    const { cells } = this;
    const newest = this.slot(nowMs);
    const sums = { requests: 0, failures: 0, latency: 0, tokens: 0, streamMs: 0 };
    for (let slot = Math.max(0, newest - BUCKETS + 1); slot <= newest; slot++) {
      const bucket = this.first + FIRST_BUCKET + (slot % BUCKETS) * BUCKET_COLUMNS;
      const round = roundOf(slot, BUCKETS);
      sums.requests += countOfRound(cells, bucket + TOTAL, round);
      sums.failures += countOfRound(cells, bucket + FAILED, round);
      if (Atomics.load(cells, bucket + ROUND) !== round + 1) continue;
      sums.latency += Atomics.load(cells, bucket + LATENCY);
      sums.tokens += Atomics.load(cells, bucket + TOKENS);
      sums.streamMs += Atomics.load(cells, bucket + STREAM_MS);
    }
    const good = sums.requests - sums.failures;
    return {
      requests: sums.requests,
      failures: sums.failures,
      latencyMs: good <= 0 ? 0 : Math.round(sums.latency / good),
      tokensPerSecond: sums.streamMs === 0 ? 0 : (sums.tokens / sums.streamMs) * 1000,
      lastFailures: this.lastFailures(nowMs),
    };
  }

  private lastFailures(nowMs: number): readonly LastFailure[] {
    return FAILURE_CLASSES.flatMap((name, index) => {
      const at = this.first + FIRST_CLASS + index * CLASS_COLUMNS;
      const stamp = Atomics.load(this.cells, at + 2);
      if (stamp === 0) return [];
      const secondsAgo = Math.max(0, Math.round((nowMs - this.epochMs - (stamp - 1) * 100) / 1000));
      const [count, status] = [Atomics.load(this.cells, at), Atomics.load(this.cells, at + 1)];
      return [{ class: name, count, status, secondsAgo }];
    });
  }
}

export class ProviderTable {
  private readonly table: SlotTable;
  private readonly epochMs: number;

  constructor(memory: SharedArrayBuffer, epochMs: number) {
    this.table = { cells: new Int32Array(memory), columns: COLUMNS };
    this.epochMs = epochMs;
  }

  /** By the name of its backend. */
  window(backend: string): ProviderWindow {
    const first = takeSlot(this.table, backend, () => false);
    return new ProviderWindow(this.table.cells, first, this.epochMs);
  }
}
