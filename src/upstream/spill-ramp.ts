// Slow start of whole levels: a priority, region or zone that begins to take load it had not takes it little by little, while the
// others can carry the rest. Asked once per pick by levels of backends with slow start; what it knows is shared by all threads.
import type { EndpointTable } from '../state/endpoint-table.ts';
import { type SlowStart, warmthAt } from './slow-start.ts';

export interface SpillParts {
  readonly table: EndpointTable;
  readonly slowStart: SlowStart;
  /** Rows of the endpoints, by level. */
  readonly rows: readonly (readonly number[])[];
  wallMs(): number;
}

/** Levels that are warm must be able to carry this part of the load: with less there is no one else, and nobody is ramped. */
const NEEDED_WARM = 0.5;

export class SpillRamp {
  private readonly parts: SpillParts;
  private readonly warmths: Float64Array;
  private readonly notedAtTenths: Int32Array;
  private readonly taken: Float64Array;
  private readonly sums = new Float64Array(2);
  private readAtTenths = -1;

  constructor(parts: SpillParts) {
    this.parts = parts;
    const size = parts.rows.length;
    this.warmths = new Float64Array(size);
    this.notedAtTenths = new Int32Array(size).fill(-1);
    this.taken = new Float64Array(size);
  }

  /**
   * Moves what levels are too cold for to warm ones. `loads` sum to 1; `capacities` are what each level could carry, 0 for one that
   * shall get no more than it has.
   */
  apply(loads: Float64Array, capacities: Float64Array): void {
    const nowMs = this.parts.wallMs();
    const tenths = this.parts.table.tenths(nowMs);
    if (tenths !== this.readAtTenths) this.read(nowMs, tenths);
    let isAnyCold = false;
    for (let level = 0; level < loads.length; level++) {
      if (loads[level] <= 0) continue;
      this.note(level, nowMs, tenths);
      isAnyCold ||= this.warmths[level] < 1;
    }
    if (!isAnyCold || !this.isCarriedByWarm(capacities)) return;
    this.shift(loads, capacities);
    for (let level = 0; level < loads.length; level++) if (loads[level] > 0) this.note(level, nowMs, tenths);
  }

  private isCarriedByWarm(capacities: Float64Array): boolean {
    let warm = 0;
    for (let level = 0; level < capacities.length; level++)
      if (this.warmths[level] >= 1) warm += Math.min(1, capacities[level]);
    return warm >= NEEDED_WARM;
  }

  private shift(loads: Float64Array, capacities: Float64Array): void {
    const { taken, warmths, sums } = this;
    sums.fill(0);
    for (let level = 0; level < loads.length; level++) {
      const limit = Math.min(1, capacities[level]) * warmths[level];
      const isHeld = warmths[level] < 1 && capacities[level] > 0 && limit < loads[level];
      taken[level] = isHeld ? limit : loads[level];
      sums[0] += loads[level] - taken[level];
      if (warmths[level] >= 1) sums[1] += Math.max(0, limit - taken[level]);
    }
    const [held, spare] = sums;
    if (held <= 0) return;
    const part = spare > 0 ? Math.min(1, held / spare) : 0;
    // What nobody has to spare stays in proportion, as where all levels together cannot carry the whole.
    const whole = 1 - held + spare * part;
    for (let level = 0; level < loads.length; level++) {
      const limit = Math.min(1, capacities[level]);
      const more = warmths[level] >= 1 ? Math.max(0, limit - taken[level]) * part : 0;
      loads[level] = (taken[level] + more) / whole;
    }
  }

  private read(nowMs: number, tenths: number): void {
    this.readAtTenths = tenths;
    for (let level = 0; level < this.warmths.length; level++) this.readLevel(level, nowMs);
  }

  /** As its longest loaded endpoint: a new one does not make a level cold. */
  private readLevel(level: number, nowMs: number): void {
    const { rows, table, slowStart } = this.parts;
    let warmth = 0;
    for (const row of rows[level]) {
      const sinceMs = table.loadedForMs(row, nowMs, slowStart.durationMs);
      if (sinceMs >= 0) warmth = Math.max(warmth, warmthAt(slowStart, sinceMs));
    }
    this.warmths[level] = warmth;
  }

  /** It has load now. One that had none for as long as a slow start lasts begins to warm up. */
  private note(level: number, nowMs: number, tenths: number): void {
    if (this.notedAtTenths[level] === tenths) return;
    this.notedAtTenths[level] = tenths;
    const { rows, table, slowStart } = this.parts;
    for (const row of rows[level]) table.noteLoad(row, nowMs, slowStart.durationMs);
    this.readLevel(level, nowMs);
  }
}
