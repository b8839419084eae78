// A gateway without sockets, threads and clocks: tables, workers and main thread joined as app/gateway.ts joins them, in virtual time.
import type { UpstreamState } from '../app/upstream-state.ts';
import { createSeededRandom, seedOf } from '../base/seeded-random.ts';
import type { Probe } from '../control/health/probe.ts';
import { invariant } from '../errors/bug.ts';
import { diffModels } from '../model/diff.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { OpenConnection } from '../upstream/client/connection-pool.ts';
import { MainThread } from './main-thread.ts';
import { SharedTables } from './shared-tables.ts';
import { SimulatedWorker } from './simulated-worker.ts';
import type { VirtualTime } from './virtual-time.ts';

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
  readonly workers: readonly SimulatedWorker[];
  private readonly tables: SharedTables;
  private readonly main: MainThread;
  private readonly say: (line: string) => void;
  private generation = 0;
  private applied: GatewayModel | undefined;

  constructor({ time, open, probe, seed, workers, reportBug, say }: GatewayParts) {
    const randomOf = (who: string): (() => number) => createSeededRandom(seedOf(`${seed}/${who}`));
    this.say = say;
    this.tables = new SharedTables(time);
    this.main = new MainThread({ time, tables: this.tables, probe, random: randomOf('main'), say });
    this.workers = Array.from({ length: workers }, (_, index) => {
      const surroundings = { time, open, random: randomOf(`worker/${index}`) };
      return new SimulatedWorker(this.tables.memory, surroundings, reportBug);
    });
  }

  get state(): UpstreamState {
    return this.main.state;
  }

  get model(): GatewayModel {
    invariant(this.applied !== undefined, 'a simulated gateway has its first configuration before its first request');
    return this.applied;
  }

  /** Every worker compiles it, then all switch; what answered before goes on with what it began. */
  apply(model: GatewayModel): void {
    const { tables, applied: before } = this;
    const generation = ++this.generation;
    const assigned = tables.rows.assign(generation, model);
    const budgets = tables.backendRows.assign(generation, model);
    invariant(assigned.ok && budgets.ok, 'the configuration has more endpoints than a simulation holds');
    const rows = { ...assigned.rows, ...budgets.rows };
    const runtimes = this.workers.map((worker) => worker.compile(model, rows, generation));
    const replaced = this.workers.map((worker, index) => worker.commit(runtimes[index]));
    this.applied = model;
    this.main.follow(model, assigned.rows);
    if (before === undefined) return;
    this.say(`configuration reloaded: ${diffModels(before, model).lines.join(', ') || 'order or settings only'}`);
    void this.retire(generation - 1, replaced);
  }

  private async retire(generation: number, runtimes: readonly (AsyncEnding | undefined)[]): Promise<void> {
    await Promise.all(runtimes.map((runtime) => runtime?.dispose()));
    this.tables.rows.release(generation);
    this.tables.backendRows.release(generation);
  }

  close(): void {
    this.main.stop();
    for (const worker of this.workers) worker.close();
  }
}

interface AsyncEnding {
  dispose(): Promise<void>;
}
