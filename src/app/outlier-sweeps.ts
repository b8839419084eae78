// Compares the endpoints of each backend with outlier detection once per interval: in the main thread, so that it is done once
// whatever the number of workers, and without traffic too.
import { sweepOutliers } from '../upstream/outlier.ts';
import type { UpstreamState } from './upstream-state.ts';

export interface SweepTime {
  now(): number;
  /** Calls again and again until what it returns is called. */
  every(intervalMs: number, call: () => void): () => void;
}

interface Sweep {
  readonly intervalMs: number;
  stop(): void;
}

export class OutlierSweeps {
  private readonly time: SweepTime;
  /** By name of the backend. */
  private readonly sweeps = new Map<string, Sweep>();
  private state: UpstreamState | undefined;

  constructor(time: SweepTime) {
    this.time = time;
  }

  /** A new configuration is in effect, or other endpoints of one. Intervals that stay the same go on, or they might never end. */
  follow(state: UpstreamState): void {
    this.state = state;
    const wanted = new Map<string, number>();
    for (const { name, outlier } of state.backends) if (outlier !== undefined) wanted.set(name, outlier.intervalMs);
    for (const [name, { intervalMs, stop }] of this.sweeps) {
      if (wanted.get(name) === intervalMs) continue;
      stop();
      this.sweeps.delete(name);
    }
    for (const [name, intervalMs] of wanted) {
      if (this.sweeps.has(name)) continue;
      const stop = this.time.every(intervalMs, () => this.sweep(name));
      this.sweeps.set(name, { intervalMs, stop });
    }
  }

  private sweep(name: string): void {
    const backend = this.state?.backends.find((each) => each.name === name);
    const pool = backend && this.state?.poolOf(backend);
    if (pool !== undefined) sweepOutliers(pool, backend?.outlier?.successRate, this.time.now());
  }

  stop(): void {
    for (const { stop } of this.sweeps.values()) stop();
    this.sweeps.clear();
  }
}
