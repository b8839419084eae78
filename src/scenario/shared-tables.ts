// The shared memory of a simulated gateway and the tables over it, as app/gateway.ts makes them.
import { EndpointRows } from '../control/endpoint-rows.ts';
import { BreakerTable } from '../state/breaker-table.ts';
import { ConcurrencyTable } from '../state/concurrency-table.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable, ledgerParts } from '../state/endpoint-table.ts';
import { HealthTable } from '../state/health-table.ts';
import { LocalityTable } from '../state/locality-table.ts';
import { OutlierTable } from '../state/outlier-table.ts';
import { createRetryBudgetMemory, RetryBudgetTable, retryBudgetKey } from '../state/retry-budget.ts';
import type { WorkerMemory } from './simulated-worker.ts';
import type { VirtualTime } from './virtual-time.ts';

const ENDPOINT_ROWS = 16_384;
const BACKEND_ROWS = 8192;

export class SharedTables {
  /** For workers. */
  readonly memory: WorkerMemory;
  readonly endpoints: EndpointTable;
  readonly breakers: BreakerTable;
  readonly outliers: OutlierTable;
  readonly health: HealthTable;
  readonly localities: LocalityTable;
  readonly concurrency: ConcurrencyTable;
  readonly rows: EndpointRows;
  readonly backendRows: EndpointRows;

  constructor(time: VirtualTime) {
    const memory = createEndpointTableMemory(ENDPOINT_ROWS, time.beginWallMs);
    const retryBudgets = createRetryBudgetMemory(BACKEND_ROWS, time.beginWallMs);
    const { epochMs } = memory;
    this.memory = { endpoints: memory, retryBudgets, endpointRows: ENDPOINT_ROWS };
    this.endpoints = new EndpointTable(memory, createLedgerMemory(ENDPOINT_ROWS));
    this.breakers = new BreakerTable(memory.breakers, epochMs);
    this.outliers = new OutlierTable(memory.outliers, epochMs);
    this.health = new HealthTable(memory.health, epochMs);
    this.localities = new LocalityTable(memory.localities, epochMs);
    const ledger = ledgerParts(createLedgerMemory(ENDPOINT_ROWS)).concurrency;
    this.concurrency = new ConcurrencyTable(memory.concurrency, epochMs, ledger);
    this.rows = new EndpointRows(ENDPOINT_ROWS, (row) => this.begin(row, time.wall()));
    const budgets = new RetryBudgetTable(retryBudgets);
    this.backendRows = new EndpointRows(
      BACKEND_ROWS,
      (row) => budgets.clear(row),
      ({ backends }) => backends.map(({ id }) => retryBudgetKey(id)),
    );
  }

  /** A row is given to another endpoint. */
  private begin(row: number, nowMs: number): void {
    this.endpoints.clear(row);
    this.breakers.clear(row);
    this.outliers.clear(row);
    this.health.clear(row);
    this.localities.clear(row);
    this.concurrency.clear(row);
    this.endpoints.startWarmUp(row, nowMs);
  }
}
