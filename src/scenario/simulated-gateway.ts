// A gateway without sockets, threads and clocks: rows, workers and sweeps joined as app/gateway.ts joins them, in virtual time.
import { HealthChecks } from '../app/health-checks.ts';
import { LocalityControl } from '../app/locality-control.ts';
import { OutlierSweeps } from '../app/outlier-sweeps.ts';
import { UpstreamState } from '../app/upstream-state.ts';
import { createSeededRandom, seedOf } from '../base/seeded-random.ts';
import { EndpointRows } from '../control/endpoint-rows.ts';
import type { Probe } from '../control/health/probe.ts';
import { invariant } from '../errors/bug.ts';
import { diffModels } from '../model/diff.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { BreakerTable } from '../state/breaker-table.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import { HealthTable } from '../state/health-table.ts';
import { LocalityTable } from '../state/locality-table.ts';
import { OutlierTable } from '../state/outlier-table.ts';
import { createRetryBudgetMemory, RetryBudgetTable, retryBudgetKey } from '../state/retry-budget.ts';
import type { OpenConnection } from '../upstream/client/connection-pool.ts';
import { SimulatedWorker } from './simulated-worker.ts';
import type { VirtualTime } from './virtual-time.ts';

const ENDPOINT_ROWS = 4096;
const BACKEND_ROWS = 2048;

export interface GatewayParts {
  readonly time: VirtualTime;
  readonly open: OpenConnection;
  readonly probe: Probe;
  readonly seed: number;
  readonly workers: number;
  reportBug(stack: string): void;
  /** A line that a gateway would print. */
  say(line: string): void;
}

export class SimulatedGateway {
  readonly state: UpstreamState;
  readonly workers: readonly SimulatedWorker[];
  private readonly rows: EndpointRows;
  private readonly backendRows: EndpointRows;
  private readonly sweeps: OutlierSweeps;
  private readonly healthChecks: HealthChecks;
  private readonly localities: LocalityControl;
  private readonly say: (line: string) => void;
  private generation = 0;
  private applied: GatewayModel | undefined;

  constructor({ time, open, probe, seed, workers, reportBug, say }: GatewayParts) {
    this.say = say;
    const endpoints = createEndpointTableMemory(ENDPOINT_ROWS, time.beginWallMs);
    const retryBudgets = createRetryBudgetMemory(BACKEND_ROWS, time.beginWallMs);
    const table = new EndpointTable(endpoints, createLedgerMemory(ENDPOINT_ROWS));
    const breakers = new BreakerTable(endpoints.breakers, endpoints.epochMs);
    const outliers = new OutlierTable(endpoints.outliers, endpoints.epochMs);
    const health = new HealthTable(endpoints.health, endpoints.epochMs);
    this.state = new UpstreamState({ endpoints: table, breakers, outliers, health });
    this.healthChecks = new HealthChecks({
      health,
      endpoints: table,
      probe,
      time: {
        after: (delayMs, call) => time.after(delayMs, call),
        nowMs: time.monotonic,
        wallMs: time.wall,
        random: createSeededRandom(seedOf(`${seed}/health`)),
      },
      say,
      count: () => {},
    });
    const localities = new LocalityTable(endpoints.localities, endpoints.epochMs);
    const every = (intervalMs: number, call: () => void): (() => void) => time.every(intervalMs, call);
    this.localities = new LocalityControl({
      time: { now: time.wall, every },
      endpoints: table,
      localities,
      isUsable: (backend, id, nowMs) => this.state.isUsable(backend, id, nowMs),
      say,
    });
    this.rows = new EndpointRows(ENDPOINT_ROWS, (row) => {
      table.clear(row);
      breakers.clear(row);
      outliers.clear(row);
      health.clear(row);
      localities.clear(row);
      table.startWarmUp(row, time.wall());
    });
    const budgets = new RetryBudgetTable(retryBudgets);
    this.backendRows = new EndpointRows(
      BACKEND_ROWS,
      (row) => budgets.clear(row),
      ({ backends }) => backends.map(({ id }) => retryBudgetKey(id)),
    );
    this.sweeps = new OutlierSweeps({ now: time.wall, every });
    const memory = { endpoints, retryBudgets, endpointRows: ENDPOINT_ROWS };
    this.workers = Array.from({ length: workers }, (_, index) => {
      const random = createSeededRandom(seedOf(`${seed}/worker/${index}`));
      return new SimulatedWorker(memory, { time, open, random }, reportBug);
    });
  }

  get model(): GatewayModel {
    invariant(this.applied !== undefined, 'a simulated gateway has its first configuration before its first request');
    return this.applied;
  }

  /** Every worker compiles it, then all switch; what answered before goes on with what it began. */
  apply(model: GatewayModel): void {
    const generation = ++this.generation;
    const assigned = this.rows.assign(generation, model);
    const budgets = this.backendRows.assign(generation, model);
    invariant(assigned.ok && budgets.ok, 'the configuration has more endpoints than a simulation holds');
    const rows = { ...assigned.rows, ...budgets.rows };
    const runtimes = this.workers.map((worker) => worker.compile(model, rows, generation));
    const replaced = this.workers.map((worker, index) => worker.commit(runtimes[index]));
    const before = this.applied;
    this.applied = model;
    if (before !== undefined)
      this.say(`configuration reloaded: ${diffModels(before, model).lines.join(', ') || 'order or settings only'}`);
    this.state.follow(model, assigned.rows);
    this.sweeps.follow(this.state);
    this.healthChecks.follow(this.state);
    this.localities.follow(model, assigned.rows);
    if (generation > 1) void this.retire(generation - 1, replaced);
  }

  private async retire(generation: number, runtimes: readonly (AsyncEnding | undefined)[]): Promise<void> {
    await Promise.all(runtimes.map((runtime) => runtime?.dispose()));
    this.rows.release(generation);
    this.backendRows.release(generation);
  }

  close(): void {
    this.sweeps.stop();
    this.healthChecks.stop();
    this.localities.stop();
    for (const worker of this.workers) worker.close();
  }
}

interface AsyncEnding {
  dispose(): Promise<void>;
}
