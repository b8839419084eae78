// What is known of the places of one backend beyond its endpoints, by place: read from shared memory, so every worker decides alike.
import { FORCED_OUT, isLeftOut, type LocalityTable } from '../state/locality-table.ts';

export interface PlaceFacts {
  /** Smoothed time to first byte; 0 = not measured lately. */
  latencyMicroseconds(place: number): number;
  /** The last one measured, changed only when it is clearly another; 0 = never measured. */
  nearnessMicroseconds(place: number): number;
  /** Left out as long as another place has anything. */
  isLeftOut(place: number): boolean;
  /** An operator took it out. */
  isForcedOut(place: number): boolean;
  /** Since it was taken back after a failure; infinite when it never failed. */
  returnedForMs(place: number, nowMs: number): number;
}

/** Rows by place. `regionRows`: those of the region itself, over all backends; -1 = it has none. */
export class TableFacts implements PlaceFacts {
  private readonly table: LocalityTable;
  private readonly rows: readonly number[];
  private readonly regionRows: readonly number[];

  constructor(table: LocalityTable, rows: readonly number[], regionRows: readonly number[]) {
    this.table = table;
    this.rows = rows;
    this.regionRows = regionRows;
  }

  latencyMicroseconds(place: number): number {
    return this.table.latencyMicroseconds(this.rows[place]);
  }

  nearnessMicroseconds(place: number): number {
    return this.table.nearnessMicroseconds(this.rows[place]);
  }

  private bits(place: number): number {
    const row = this.regionRows[place];
    return this.table.outBits(this.rows[place]) | (row === -1 ? 0 : this.table.outBits(row));
  }

  isLeftOut(place: number): boolean {
    return isLeftOut(this.bits(place));
  }

  isForcedOut(place: number): boolean {
    return (this.bits(place) & FORCED_OUT) !== 0;
  }

  returnedForMs(place: number, nowMs: number): number {
    const row = this.regionRows[place];
    return row === -1 ? Number.POSITIVE_INFINITY : this.table.returnedForMs(row, nowMs);
  }
}
