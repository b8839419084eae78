// Rows of endpoints that are no longer found: given to others when nothing under way counts in them any more. A reload does the
// same for whole generations (control/endpoint-rows.ts); between two of them names may change for months.
import type { EndpointRows } from '../control/endpoint-rows.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';

/** A worker may have chosen the endpoint just before it heard that it is gone. */
const QUIET_MS = 60_000;

interface Left {
  readonly row: number;
  readonly sinceMs: number;
}

export class LeftRows {
  private readonly rows: EndpointRows;
  private readonly table: EndpointTable;
  private readonly left = new Map<string, Left>();
  private generation = 0;

  constructor(rows: EndpointRows, table: EndpointTable) {
    this.rows = rows;
    this.table = table;
  }

  /** Another generation is in effect: the one before gives back all of its rows when it has drained. */
  begin(generation: number): void {
    this.generation = generation;
    this.left.clear();
  }

  /** Ids of endpoints in use before and now, with the rows of those before. */
  follow(before: Readonly<Record<string, number>>, now: ReadonlySet<string>, nowMs: number): void {
    for (const id of now) this.left.delete(id);
    for (const [id, row] of Object.entries(before)) {
      if (!now.has(id) && !this.left.has(id)) this.left.set(id, { row, sinceMs: nowMs });
    }
  }

  sweep(nowMs: number): void {
    const idle = [...this.left].filter(
      ([, { row, sinceMs }]) =>
        nowMs - sinceMs >= QUIET_MS && this.table.inFlight(row) === 0 && this.table.connections(row) === 0,
    );
    for (const [id] of idle) this.left.delete(id);
    this.rows.letGo(
      this.generation,
      idle.map(([id]) => id),
    );
  }
}
