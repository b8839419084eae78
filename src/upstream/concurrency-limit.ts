// The concurrency limit of one backend: how many of its requests all threads together may have in flight, fixed or learned from its
// latency. Asked by admission-queue.ts; the numbers are in shared memory (state/concurrency-table.ts).
import type { ConcurrencyTable, SampleKind } from '../state/concurrency-table.ts';
import type { GradientRules } from '../state/gradient.ts';

export interface ConcurrencyRules extends GradientRules {
  /** False: `min` and `max` are the same, and nothing is learned. */
  readonly isAdaptive: boolean;
}

export class ConcurrencyLimit {
  readonly row: number;
  private readonly table: ConcurrencyTable;
  private readonly rules: ConcurrencyRules;

  constructor(table: ConcurrencyTable, row: number, rules: ConcurrencyRules) {
    this.table = table;
    this.row = row;
    this.rules = rules;
  }

  /** For a request that comes now: nobody of its class or above may wait, in any thread. */
  takeAtOnce(classIndex: number): boolean {
    return this.table.waitingUpTo(this.row, classIndex) === 0 && this.take();
  }

  /** For one that waited: only those above it come first. */
  takeInTurn(classIndex: number): boolean {
    return this.table.waitingUpTo(this.row, classIndex - 1) === 0 && this.take();
  }

  private take(): boolean {
    return this.table.take(this.row, this.table.limit(this.row, this.rules));
  }

  get hasRoom(): boolean {
    return this.table.inFlight(this.row) < this.table.limit(this.row, this.rules);
  }

  /** For explanations. */
  now(): { readonly limit: number; readonly inFlight: number } {
    return { limit: this.table.limit(this.row, this.rules), inFlight: this.table.inFlight(this.row) };
  }

  give(): void {
    this.table.give(this.row);
  }

  sample(kind: SampleKind, ms: number, nowMs: number): void {
    if (this.rules.isAdaptive) this.table.sample(this.row, this.rules, { kind, ms, nowMs });
  }
}
