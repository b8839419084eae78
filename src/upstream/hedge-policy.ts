// A route's hedging ready for traffic: how long a first try is waited for, and how many more there may be. One for each route and
// thread; what it learned of latency is kept over configurations.
import type { QuantileWindow } from '../base/quantile-window.ts';
import type { HedgeSettings } from '../model/hedge.ts';
import type { RetryAllowance } from '../state/retry-budget.ts';

/** A quantile of fewer is chance. */
const LEAST_SAMPLES = 50;

export class HedgePolicy {
  readonly max: number;
  readonly budget: RetryAllowance;
  private readonly delay: HedgeSettings['delay'];
  private readonly latencies: QuantileWindow;

  constructor(settings: HedgeSettings, latencies: QuantileWindow) {
    this.max = settings.max;
    this.budget = settings.budget;
    this.delay = settings.delay;
    this.latencies = latencies;
  }

  /** -1 = not known yet: nothing is hedged. */
  delayMs(nowMs: number): number {
    const { delay } = this;
    return delay.kind === 'fixed' ? delay.ms : this.latencies.quantile(delay.share, LEAST_SAMPLES, nowMs);
  }

  /**
   * How long a first try took to be of use. One that lost against a later try counts with the time it had: that is beyond the
   * delay, so the quantile stays what it would be without hedging.
   */
  record(ms: number, nowMs: number): void {
    if (this.delay.kind === 'quantile') this.latencies.add(ms, nowMs);
  }
}
