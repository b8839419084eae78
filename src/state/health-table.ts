// What active health checks say of each endpoint: written by the one prober of the process in the main thread, read by all threads
// before they choose. Rows are those of the endpoints, and one of the backend for the number of its endpoints that are unhealthy.

const WORD = 0;
const SINCE = 1;
const GOOD_IN_ROW = 2;
const FAILED_IN_ROW = 3;
const LATENCY_MICROSECONDS = 4;
/** Ticks, plus one; 0 = never. */
const CHECKED_AT = 5;
const PROBES = 6;
/** Of a backend's row. */
const OUT_COUNT = 7;
const COLUMNS = 8;
const TICK_MS = 100;

/** The word: 2 bits state, 6 bits reason, 10 bits status. One store, so that state and reason belong together. */
const UNKNOWN = 0;
const HEALTHY = 1;
const UNHEALTHY = 2;

export type HealthState = 'unknown' | 'healthy' | 'unhealthy';
const STATES: readonly HealthState[] = ['unknown', 'healthy', 'unhealthy'];

/** Why the last probe failed; `none` = it was good, or there was none. */
export const HEALTH_REASONS = [
  'none',
  'status',
  'connect-failed',
  'timeout',
  'reset',
  'dns-failed',
  'tls-failed',
  'certificate-refused',
  'bad-response',
] as const;
export type HealthReason = (typeof HEALTH_REASONS)[number];

export interface ProbeResult {
  readonly reason: HealthReason;
  /** Of the answer; 0 without one. */
  readonly status: number;
  readonly latencyMs: number;
}

export interface HealthThresholds {
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface HealthRows {
  readonly endpoints: readonly number[];
  readonly backend: number;
}

export interface HealthDescription {
  readonly state: HealthState;
  readonly reason: HealthReason;
  readonly status: number;
  /** Of the state; 0 while it is unknown. */
  readonly sinceMs: number;
  readonly goodInRow: number;
  readonly failedInRow: number;
  readonly latencyMs: number;
  /** 0 = never probed. */
  readonly checkedAtMs: number;
  readonly probes: number;
}

export function createHealthMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * COLUMNS * 4);
}

/** Times are wall-clock milliseconds given by the caller. `record`, `clear`, `forget` and `recount` are the main thread's. */
export class HealthTable {
  private readonly cells: Int32Array;
  private readonly epochMs: number;

  constructor(memory: SharedArrayBuffer, epochMs: number) {
    this.cells = new Int32Array(memory);
    this.epochMs = epochMs;
  }

  private get(row: number, column: number): number {
    return Atomics.load(this.cells, row * COLUMNS + column);
  }

  private set(row: number, column: number, value: number): void {
    Atomics.store(this.cells, row * COLUMNS + column, value);
  }

  private ticks(nowMs: number): number {
    return Math.floor((nowMs - this.epochMs) / TICK_MS);
  }

  /** `panicPercent`: with fewer endpoints healthy than this, nobody counts as out; 0 = never. */
  pool(rows: HealthRows, panicPercent: number): HealthPool {
    return new HealthPool(this.cells, rows, panicPercent);
  }

  /** One probe is over. The new state when it changed; the first probe decides at once. */
  record(
    { row, backendRow }: { readonly row: number; readonly backendRow: number },
    { result, nowMs }: { readonly result: ProbeResult; readonly nowMs: number },
    { healthyThreshold, unhealthyThreshold }: HealthThresholds,
  ): HealthState | undefined {
    const isGood = result.reason === 'none';
    const good = isGood ? this.get(row, GOOD_IN_ROW) + 1 : 0;
    const failed = isGood ? 0 : this.get(row, FAILED_IN_ROW) + 1;
    const before = this.get(row, WORD) & 3;
    let state = before;
    if (isGood && (before === UNKNOWN || good >= healthyThreshold)) state = HEALTHY;
    if (!isGood && (before === UNKNOWN || failed >= unhealthyThreshold)) state = UNHEALTHY;
    this.set(row, GOOD_IN_ROW, good);
    this.set(row, FAILED_IN_ROW, failed);
    this.set(row, LATENCY_MICROSECONDS, Math.min(Math.round(result.latencyMs * 1000), 0x3fffffff));
    this.set(row, CHECKED_AT, this.ticks(nowMs) + 1);
    this.set(row, PROBES, this.get(row, PROBES) + 1);
    if (state !== before) this.set(row, SINCE, this.ticks(nowMs));
    this.set(row, WORD, state | (HEALTH_REASONS.indexOf(result.reason) << 2) | (result.status << 8));
    if (state === before) return undefined;
    if (state === UNHEALTHY) this.set(backendRow, OUT_COUNT, this.get(backendRow, OUT_COUNT) + 1);
    else if (before === UNHEALTHY) this.set(backendRow, OUT_COUNT, this.get(backendRow, OUT_COUNT) - 1);
    return STATES[state];
  }

  describe(row: number): HealthDescription {
    const word = this.get(row, WORD);
    const state = word & 3;
    const checkedAt = this.get(row, CHECKED_AT);
    return {
      state: STATES[state],
      reason: HEALTH_REASONS[(word >> 2) & 63],
      status: word >> 8,
      sinceMs: state === UNKNOWN ? 0 : this.get(row, SINCE) * TICK_MS + this.epochMs,
      goodInRow: this.get(row, GOOD_IN_ROW),
      failedInRow: this.get(row, FAILED_IN_ROW),
      latencyMs: this.get(row, LATENCY_MICROSECONDS) / 1000,
      checkedAtMs: checkedAt === 0 ? 0 : (checkedAt - 1) * TICK_MS + this.epochMs,
      probes: this.get(row, PROBES),
    };
  }

  /** Probes in a row count anew: the rules they were counted by are others now. */
  restart(row: number): void {
    this.set(row, GOOD_IN_ROW, 0);
    this.set(row, FAILED_IN_ROW, 0);
  }

  /** Gives a row to another endpoint, or ends the checks of this one: what was found says nothing any more. */
  clear(row: number): void {
    for (let column = 0; column < COLUMNS; column++) this.set(row, column, 0);
  }

  /** The endpoints of a backend are others than before. */
  recount({ endpoints, backend }: HealthRows): void {
    this.set(backend, OUT_COUNT, endpoints.filter((row) => (this.get(row, WORD) & 3) === UNHEALTHY).length);
  }
}

/** The endpoints of one backend, by index. Nothing here allocates. */
export class HealthPool {
  private readonly cells: Int32Array;
  private readonly first: Int32Array;
  private readonly outCell: number;
  private readonly size: number;
  private readonly panicPercent: number;

  constructor(cells: Int32Array, { endpoints, backend }: HealthRows, panicPercent: number) {
    this.cells = cells;
    this.first = Int32Array.from(endpoints, (row) => row * COLUMNS + WORD);
    this.outCell = backend * COLUMNS + OUT_COUNT;
    this.size = endpoints.length;
    this.panicPercent = panicPercent;
  }

  /** Unhealthy, and too few are for it to be ignored. An endpoint that was never probed is not out. */
  isOut(index: number): boolean {
    // hot: one load for an endpoint that is healthy or unknown.
    if ((Atomics.load(this.cells, this.first[index]) & 3) !== UNHEALTHY) return false;
    if (this.panicPercent === 0) return true;
    const healthy = this.size - Atomics.load(this.cells, this.outCell);
    return healthy * 100 >= this.panicPercent * this.size;
  }
}
