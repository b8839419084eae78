// What all threads know together about outliers: failures in a row, outcomes of the interval, and who is ejected until when. Rows are
// those of the endpoints, and one of the backend for the number of its endpoints that are out, so that the limit is exact.

const TOTAL = 0;
const FAILED = 1;
const PLACE = 5;
const UNTIL = 6;
const EJECTIONS = 7;
const CAUSE = 8;
/** Of a backend's row. */
const OUT_COUNT = 9;
const COLUMNS = 12;
const TICK_MS = 100;

const IN = 0;
/** A thread is about to eject it and writes until when; it counts as in. */
const LEAVING = 1;
const OUT = 2;

/** Failures of one attempt, added up. Each kind has a row of its own, ended by an attempt without that kind. */
export const FAILED_5XX = 1;
export const FAILED_GATEWAY = 2;
export const FAILED_LOCAL = 4;

export type EjectionCause = 'consecutive-5xx' | 'consecutive-gateway' | 'consecutive-local' | 'success-rate';

const CAUSES: readonly EjectionCause[] = [
  'consecutive-5xx',
  'consecutive-gateway',
  'consecutive-local',
  'success-rate',
];
/** Cells of the failures in a row, in the order of the kinds and of the first causes. */
const FIRST_ROW_CELL = 2;

export interface OutlierRules {
  /** In the order of the kinds: 5xx, gateway, local. 0 = not counted. */
  readonly inRow: readonly [number, number, number];
  readonly baseMs: number;
  readonly maxMs: number;
  /** Endpoints out at the same time. */
  readonly limit: number;
  /** Percent; with fewer endpoints in than this, nobody counts as ejected. 0 = never. */
  readonly panicPercent: number;
}

export interface OutlierRowNumbers {
  readonly endpoints: readonly number[];
  readonly backend: number;
}

export interface Ejection {
  readonly cause: EjectionCause;
  readonly untilMs: number;
  /** Not yet decayed: the time is so many times the base. */
  readonly count: number;
}

export function createOutlierMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * COLUMNS * 4);
}

export class OutlierTable {
  private readonly cells: Int32Array;
  private readonly epochMs: number;

  constructor(memory: SharedArrayBuffer, epochMs: number) {
    this.cells = new Int32Array(memory);
    this.epochMs = epochMs;
  }

  /** `onReadmitted` is given the row of an endpoint that this caller was the first to find in again. */
  pool(
    rows: OutlierRowNumbers,
    rules: OutlierRules,
    onReadmitted: (row: number, nowMs: number) => void = () => {},
  ): OutlierPool {
    return new OutlierPool({ cells: this.cells, epochMs: this.epochMs, onReadmitted }, rows, rules);
  }

  /** Gives a row to another endpoint or backend. */
  clear(row: number): void {
    this.cells.fill(0, row * COLUMNS, (row + 1) * COLUMNS);
  }
}

interface OutlierPlace {
  readonly cells: Int32Array;
  readonly epochMs: number;
  onReadmitted(row: number, nowMs: number): void;
}

/** The endpoints of one backend, by index. Times are wall-clock milliseconds given by the caller; only `ejection` allocates. */
export class OutlierPool {
  readonly size: number;
  private readonly cells: Int32Array;
  private readonly epochMs: number;
  private readonly rows: OutlierRowNumbers;
  private readonly rules: OutlierRules;
  private readonly outCell: number;
  private readonly onReadmitted: (row: number, nowMs: number) => void;

  constructor({ cells, epochMs, onReadmitted }: OutlierPlace, rows: OutlierRowNumbers, rules: OutlierRules) {
    this.cells = cells;
    this.epochMs = epochMs;
    this.onReadmitted = onReadmitted;
    this.rows = rows;
    this.rules = rules;
    this.size = rows.endpoints.length;
    this.outCell = rows.backend * COLUMNS + OUT_COUNT;
  }

  private at(index: number, column: number): number {
    return this.rows.endpoints[index] * COLUMNS + column;
  }

  /** Endpoints that are out; one whose time is over is in as soon as anybody looks at it. */
  get outCount(): number {
    return Atomics.load(this.cells, this.outCell);
  }

  isEjected(index: number, nowMs: number): boolean {
    if (Atomics.load(this.cells, this.at(index, PLACE)) !== OUT) return false;
    if (this.takeBack(index, nowMs)) return false;
    const { panicPercent } = this.rules;
    return panicPercent === 0 || (this.size - this.outCount) * 100 >= panicPercent * this.size;
  }

  /** True when its time is over: it is in again, and one more may go. */
  private takeBack(index: number, nowMs: number): boolean {
    if (nowMs - this.epochMs < Atomics.load(this.cells, this.at(index, UNTIL)) * TICK_MS) return false;
    this.readmit(index, nowMs);
    return true;
  }

  /** In again before its time, or at its end; false when it is not out. */
  readmit(index: number, nowMs: number): boolean {
    if (Atomics.compareExchange(this.cells, this.at(index, PLACE), OUT, IN) !== OUT) return false;
    Atomics.sub(this.cells, this.outCell, 1);
    this.onReadmitted(this.rows.endpoints[index], nowMs);
    return true;
  }

  takeBackExpired(nowMs: number): void {
    for (let index = 0; index < this.size; index++) {
      if (Atomics.load(this.cells, this.at(index, PLACE)) === OUT) this.takeBack(index, nowMs);
    }
  }

  /** `failures`: the kinds this attempt failed by, 0 = none. */
  record(index: number, failures: number, nowMs: number): void {
    Atomics.add(this.cells, this.at(index, TOTAL), 1);
    if (failures !== 0) Atomics.add(this.cells, this.at(index, FAILED), 1);
    for (let kind = 0; kind < 3; kind++) {
      const limit = this.rules.inRow[kind];
      if (limit === 0) continue;
      const cell = this.at(index, FIRST_ROW_CELL + kind);
      if ((failures & (1 << kind)) === 0) {
        if (Atomics.load(this.cells, cell) !== 0) Atomics.store(this.cells, cell, 0);
      } else if (Atomics.add(this.cells, cell, 1) + 1 >= limit) this.eject(index, kind, nowMs);
    }
  }

  /** For worse success than its peers. */
  ejectLaggard(index: number, nowMs: number): boolean {
    return this.eject(index, CAUSES.indexOf('success-rate'), nowMs);
  }

  /** False when it is out already, or as many as may be are. */
  private eject(index: number, cause: number, nowMs: number): boolean {
    const place = this.at(index, PLACE);
    if (Atomics.load(this.cells, place) !== IN) return false;
    this.takeBackExpired(nowMs);
    if (Atomics.compareExchange(this.cells, place, IN, LEAVING) !== IN) return false;
    if (!this.takeSlot()) {
      Atomics.store(this.cells, place, IN);
      return false;
    }
    const count = Atomics.add(this.cells, this.at(index, EJECTIONS), 1) + 1;
    const lengthMs = Math.min(this.rules.baseMs * count, this.rules.maxMs);
    Atomics.store(this.cells, this.at(index, UNTIL), Math.ceil((nowMs + lengthMs - this.epochMs) / TICK_MS));
    Atomics.store(this.cells, this.at(index, CAUSE), cause);
    for (let kind = 0; kind < 3; kind++) Atomics.store(this.cells, this.at(index, FIRST_ROW_CELL + kind), 0);
    Atomics.store(this.cells, place, OUT);
    return true;
  }

  private takeSlot(): boolean {
    for (;;) {
      const out = Atomics.load(this.cells, this.outCell);
      if (out >= this.rules.limit) return false;
      if (Atomics.compareExchange(this.cells, this.outCell, out, out + 1) === out) return true;
    }
  }

  /** Undefined while it is in. Whether panic lets it be asked all the same is for `isEjected` to say. */
  ejection(index: number, nowMs: number): Ejection | undefined {
    if (Atomics.load(this.cells, this.at(index, PLACE)) !== OUT || this.takeBack(index, nowMs)) return undefined;
    return {
      cause: CAUSES[Atomics.load(this.cells, this.at(index, CAUSE))],
      untilMs: Atomics.load(this.cells, this.at(index, UNTIL)) * TICK_MS + this.epochMs,
      count: Atomics.load(this.cells, this.at(index, EJECTIONS)),
    };
  }

  /** Ejections an endpoint has behind it weigh less with every interval that it is in. */
  decay(index: number): void {
    const cell = this.at(index, EJECTIONS);
    const count = Atomics.load(this.cells, cell);
    if (count > 0 && Atomics.load(this.cells, this.at(index, PLACE)) === IN)
      Atomics.compareExchange(this.cells, cell, count, count - 1);
  }

  /** Outcomes since the last call, which they leave at 0. The main thread alone calls it. */
  takeTotal(index: number): number {
    return Atomics.exchange(this.cells, this.at(index, TOTAL), 0);
  }

  takeFailed(index: number): number {
    return Atomics.exchange(this.cells, this.at(index, FAILED), 0);
  }

  /** A thread died, perhaps in the middle of an ejection: counts again who is out. */
  recount(): void {
    let out = 0;
    for (let index = 0; index < this.size; index++) {
      const place = this.at(index, PLACE);
      Atomics.compareExchange(this.cells, place, LEAVING, IN);
      if (Atomics.load(this.cells, place) === OUT) out++;
    }
    Atomics.store(this.cells, this.outCell, out);
  }
}
