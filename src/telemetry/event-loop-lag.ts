// How late a thread is for its own timers: the first sign of a thread with more work than time.
import { METRIC_DEFINITIONS } from './metric-definitions.ts';
import type { MetricRegistry } from './metric-registry.ts';
import type { GaugeSeries } from './metric-series.ts';

/** The gauge shows the worst of this window and of the one before it, so that a scrape every 10 s misses no stall. */
const WINDOW_MS = 10_000;

/** Its owner calls `tick` from a repeating timer of `EventLoopLag.intervalMs`. */
export class EventLoopLag {
  static readonly intervalMs: number = 100;
  private readonly series: GaugeSeries;
  private readonly clock: { now(): number };
  private lastMs: number;
  private windowStartMs: number;
  private worstMs = 0;
  private worstBeforeMs = 0;

  /** `clock` is monotonic, in milliseconds. */
  constructor(registry: MetricRegistry, thread: string, clock: { now(): number }) {
    this.series = registry.gauge(METRIC_DEFINITIONS.eventLoopLag).series(thread);
    this.clock = clock;
    this.lastMs = clock.now();
    this.windowStartMs = this.lastMs;
  }

  tick(): void {
    const now = this.clock.now();
    if (now - this.windowStartMs >= WINDOW_MS) {
      this.worstBeforeMs = this.worstMs;
      this.worstMs = 0;
      this.windowStartMs = now;
    }
    this.worstMs = Math.max(this.worstMs, now - this.lastMs - EventLoopLag.intervalMs);
    this.lastMs = now;
    this.series.set(Math.max(this.worstMs, this.worstBeforeMs) / 1000);
  }
}
