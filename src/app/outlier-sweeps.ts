// Compares the endpoints of each backend with outlier detection once per interval: in the main thread, so that it is done once
// whatever the number of workers, and without traffic too.
import { sweepOutliers } from '../upstream/outlier.ts';
import type { UpstreamState } from './upstream-state.ts';

export interface SweepTime {
  now(): number;
  /** Calls again and again until what it returns is called. */
  every(intervalMs: number, call: () => void): () => void;
}

export class OutlierSweeps {
  private readonly time: SweepTime;
  private stops: (() => void)[] = [];

  constructor(time: SweepTime) {
    this.time = time;
  }

  /** A new configuration is in effect. */
  follow(state: UpstreamState): void {
    this.stop();
    for (const backend of state.backends) {
      const pool = state.poolOf(backend);
      const { outlier } = backend;
      if (pool === undefined || outlier === undefined) continue;
      this.stops.push(
        this.time.every(outlier.intervalMs, () => sweepOutliers(pool, outlier.successRate, this.time.now())),
      );
    }
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
  }
}
