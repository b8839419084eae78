// What the main thread of a gateway does beside its workers, in virtual time: outliers compared, endpoints probed, places judged.
import { HealthChecks } from '../app/health-checks.ts';
import { LocalityControl } from '../app/locality-control.ts';
import { OutlierSweeps } from '../app/outlier-sweeps.ts';
import { UpstreamState } from '../app/upstream-state.ts';
import type { Probe } from '../control/health/probe.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { SharedTables } from './shared-tables.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface MainThreadParts {
  readonly time: VirtualTime;
  readonly tables: SharedTables;
  readonly probe: Probe;
  readonly random: () => number;
  /** A line that a gateway would print. */
  say(line: string): void;
}

export class MainThread {
  readonly state: UpstreamState;
  private readonly sweeps: OutlierSweeps;
  private readonly healthChecks: HealthChecks;
  private readonly localities: LocalityControl;

  constructor({ time, tables, probe, random, say }: MainThreadParts) {
    const { endpoints, health, localities } = tables;
    this.state = new UpstreamState(tables);
    const sweepTime = { now: time.wall, every: (intervalMs: number, call: () => void) => time.every(intervalMs, call) };
    this.sweeps = new OutlierSweeps(sweepTime);
    const after = (delayMs: number, call: () => void): (() => void) => time.after(delayMs, call);
    const probeTime = { after, nowMs: time.monotonic, wallMs: time.wall, random };
    this.healthChecks = new HealthChecks({ health, endpoints, probe, time: probeTime, say, count: () => {} });
    this.localities = new LocalityControl({
      time: sweepTime,
      endpoints,
      localities,
      isUsable: (backend, id, nowMs) => this.state.isUsable(backend, id, nowMs),
      say,
    });
  }

  /** A new configuration is in effect. */
  follow(model: GatewayModel, rows: Readonly<Record<string, number>>): void {
    this.state.follow(model, rows);
    this.sweeps.follow(this.state);
    this.healthChecks.follow(this.state);
    this.localities.follow(model, rows);
  }

  stop(): void {
    this.sweeps.stop();
    this.healthChecks.stop();
    this.localities.stop();
  }
}
