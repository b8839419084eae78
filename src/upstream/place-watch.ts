// How far away a place is and whether it is too slow, judged once a second from what its endpoints answered meanwhile. Pure; the main
// thread keeps one per place of a backend (app/locality-sweeps.ts) and writes down what it finds.
import { type VerdictRules, WindowVerdict } from './window-verdict.ts';

/** Between two looks. */
export const LOOK_MS = 1000;
/** A new second counts a tenth, on top of the smoothing of each endpoint. */
const SHARE = 0.1;
/** A latency that nobody has confirmed for so long is not known any more. */
const FORGOTTEN_AFTER_MS = 60_000;
/** The order of places changes only when a latency has changed by more than this part of it. */
const CLEARLY = 0.4;
/** A slow place is taken back below this part of the threshold. */
const BACK_BELOW = 0.8;

export const SLOW_RULES: VerdictRules = { leave: { count: 4, of: 5 }, back: { count: 5, of: 5 }, holdDownMs: 30_000 };

export class PlaceWatch {
  readonly slow: WindowVerdict;
  /** 0 = not known. */
  latencyMs = 0;
  nearnessMs = 0;
  private measuredAtMs = 0;

  constructor(nowMs: number) {
    this.slow = new WindowVerdict(nowMs);
  }

  /** `sampleMs`: mean of the last second, 0 = nothing was answered. True when the place became slow, or is so no more. */
  look(sampleMs: number, thresholdMs: number | undefined, nowMs: number): boolean {
    if (sampleMs > 0) this.measure(sampleMs, nowMs);
    else if (nowMs - this.measuredAtMs > FORGOTTEN_AFTER_MS) this.latencyMs = 0;
    if (thresholdMs === undefined) return false;
    // What is out gets nothing and is not measured: after its hold-down it is tried again.
    if (sampleMs === 0) return this.slow.isOut && this.slow.observe('good', SLOW_RULES, nowMs);
    const isBack = this.latencyMs < thresholdMs * BACK_BELOW;
    const window = this.latencyMs > thresholdMs ? 'bad' : isBack ? 'good' : 'open';
    return this.slow.observe(window, SLOW_RULES, nowMs);
  }

  private measure(sampleMs: number, nowMs: number): void {
    this.measuredAtMs = nowMs;
    this.latencyMs = this.latencyMs === 0 ? sampleMs : this.latencyMs + (sampleMs - this.latencyMs) * SHARE;
    if (Math.abs(this.latencyMs - this.nearnessMs) > this.nearnessMs * CLEARLY) this.nearnessMs = this.latencyMs;
  }
}
