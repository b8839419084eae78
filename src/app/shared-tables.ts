// The tables that main thread and workers share, made once per process: who owns which memory, and what a row that is given to
// another endpoint or backend has to forget. app/gateway.ts hands them to the control plane, and their memory to each worker.
import { randomInt } from 'node:crypto';
import { BreakerTable } from '../state/breaker-table.ts';
import { ConcurrencyTable } from '../state/concurrency-table.ts';
import { CooldownTable, seedCooldowns } from '../state/cooldown-table.ts';
import {
  createEndpointTableMemory,
  createLedgerMemory,
  EndpointTable,
  type EndpointTableMemory,
  ledgerParts,
} from '../state/endpoint-table.ts';
import { HealthTable } from '../state/health-table.ts';
import { LocalityTable } from '../state/locality-table.ts';
import { OutlierTable } from '../state/outlier-table.ts';
import { ProviderTable } from '../state/provider-table.ts';
import { createRetryBudgetMemory, type RetryBudgetMemory, RetryBudgetTable } from '../state/retry-budget.ts';

/** Endpoints of all backends together; a row is 448 bytes. */
export const ENDPOINT_ROWS = 16_384;
/** Backends together, for their retry budgets; a row is 128 bytes. */
export const BACKEND_ROWS = 8192;

export class SharedTables {
  readonly memory: EndpointTableMemory;
  readonly retryBudgetMemory: RetryBudgetMemory;
  readonly endpoints: EndpointTable;
  readonly breakers: BreakerTable;
  readonly outliers: OutlierTable;
  readonly localities: LocalityTable;
  readonly concurrency: ConcurrencyTable;
  readonly health: HealthTable;
  readonly cooldowns: CooldownTable;
  readonly providers: ProviderTable;
  private readonly retryBudgets: RetryBudgetTable;

  constructor(nowMs: number) {
    const memory = createEndpointTableMemory(ENDPOINT_ROWS, nowMs);
    const ledger = createLedgerMemory(ENDPOINT_ROWS);
    const { epochMs } = memory;
    this.memory = memory;
    seedCooldowns(memory.cooldowns, randomInt(2 ** 31));
    this.retryBudgetMemory = createRetryBudgetMemory(BACKEND_ROWS, epochMs);
    this.endpoints = new EndpointTable(memory, ledger);
    this.breakers = new BreakerTable(memory.breakers, epochMs);
    this.outliers = new OutlierTable(memory.outliers, epochMs);
    this.localities = new LocalityTable(memory.localities, epochMs);
    this.concurrency = new ConcurrencyTable(memory.concurrency, epochMs, ledgerParts(ledger).concurrency);
    this.health = new HealthTable(memory.health, epochMs);
    this.cooldowns = new CooldownTable(memory.cooldowns, epochMs);
    this.providers = new ProviderTable(memory.providers, epochMs);
    this.retryBudgets = new RetryBudgetTable(this.retryBudgetMemory);
  }

  /** What a worker counts in by itself, so that its death takes nothing with it. */
  createLedger(): SharedArrayBuffer {
    return createLedgerMemory(ENDPOINT_ROWS);
  }

  /** A worker died: what it had counted in is given back. */
  settleLedger(memory: SharedArrayBuffer): void {
    const ledger = ledgerParts(memory);
    this.endpoints.settle(ledger.endpoints);
    this.concurrency.settle(ledger.concurrency);
  }

  /** The row is another endpoint's, or backend's, from now on. */
  beginRow(row: number, nowMs: number): void {
    const { endpoints, breakers, outliers, localities, concurrency, health } = this;
    for (const table of [endpoints, breakers, outliers, localities, concurrency, health]) table.clear(row);
    endpoints.startWarmUp(row, nowMs);
  }

  beginBudgetRow(row: number): void {
    this.retryBudgets.clear(row);
  }
}
