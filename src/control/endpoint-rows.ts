// Gives every endpoint, and every backend with a state of its own, its row of the shared tables, by stable id: it keeps its row,
// and so its state, over reloads. Another table of rows, such as the retry budgets', is given by another instance. Called once
// per load, in the main thread.
import type { GatewayModel } from '../model/gateway-model.ts';
import { rowIdsOf } from '../model/row-ids.ts';

export type RowAssignment =
  | { readonly ok: true; readonly rows: Readonly<Record<string, number>> }
  | { readonly ok: false; readonly wanted: number; readonly capacity: number };

interface Holder {
  readonly row: number;
  readonly generations: Set<number>;
}

/**
 * A row is free again only when every generation that used it has drained in every thread: an old exchange still counts in
 * it. Free rows are taken oldest first and cleared when taken, so that a connection closing late finds nobody in the row.
 */
export class EndpointRows {
  private readonly capacity: number;
  private readonly prepareRow: (row: number) => void;
  private readonly holders = new Map<string, Holder>();
  private readonly freed: number[] = [];
  private nextRow = 0;
  private readonly idsOf: (model: GatewayModel) => readonly string[];

  constructor(
    capacity: number,
    prepareRow: (row: number) => void,
    idsOf: (model: GatewayModel) => readonly string[] = rowIdsOf,
  ) {
    this.idsOf = idsOf;
    this.capacity = capacity;
    this.prepareRow = prepareRow;
  }

  /** Rows for all ids of the model under this generation. Pair each success with one `release` of the generation. */
  assign(generation: number, model: GatewayModel): RowAssignment {
    const ids = [...new Set(this.idsOf(model))];
    const missing = ids.filter((id) => !this.holders.has(id));
    const available = this.freed.length + this.capacity - this.nextRow;
    if (missing.length > available) return { ok: false, wanted: ids.length, capacity: this.capacity };
    for (const id of missing) this.holders.set(id, { row: this.takeRow(), generations: new Set() });
    const rows: Record<string, number> = Object.create(null);
    for (const id of ids) {
      const holder = this.holders.get(id) as Holder;
      holder.generations.add(generation);
      rows[id] = holder.row;
    }
    return { ok: true, rows };
  }

  private takeRow(): number {
    const row = this.nextRow < this.capacity ? this.nextRow++ : (this.freed.shift() as number);
    this.prepareRow(row);
    return row;
  }

  /** The generation has drained everywhere, or was never committed. */
  release(generation: number): void {
    this.letGo(generation, [...this.holders.keys()]);
  }

  /** The generation goes on without these ids. */
  letGo(generation: number, ids: readonly string[]): void {
    for (const id of ids) {
      const holder = this.holders.get(id);
      if (holder === undefined || !holder.generations.delete(generation) || holder.generations.size > 0) continue;
      this.holders.delete(id);
      this.freed.push(holder.row);
    }
  }
}
