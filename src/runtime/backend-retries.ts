// The retry budget and counters of one backend in one thread; forward.ts records requests in it and asks it for retries.
import type { RetryAllowance, RetryBudgetTable } from '../state/retry-budget.ts';
import type { RetryMetrics } from './retry-metrics.ts';

export class BackendRetries {
  readonly metrics: RetryMetrics;
  private readonly table: RetryBudgetTable;
  private readonly row: number;

  constructor(table: RetryBudgetTable, row: number, metrics: RetryMetrics) {
    this.table = table;
    this.row = row;
    this.metrics = metrics;
  }

  recordRequest(wallMs: number): void {
    this.table.recordRequest(this.row, wallMs);
  }

  /** For explanations: requests and retries of the last 10 s. */
  recent(wallMs: number): { readonly requests: number; readonly retries: number } {
    const { table, row } = this;
    return { requests: table.requests(row, wallMs), retries: table.retries(row, wallMs) };
  }

  /** Takes one retry of the budget; no budget = always. A refusal is counted. */
  take(budget: RetryAllowance | undefined, wallMs: number): boolean {
    if (budget === undefined || this.table.take(this.row, budget, wallMs)) return true;
    this.metrics.budgetExhausted();
    return false;
  }
}
