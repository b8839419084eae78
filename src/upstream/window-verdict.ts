// Whether something is out, judged by N of the last M windows both ways, with a hold-down that doubles each time it fails again soon
// after its return: noise moves nothing, and what keeps failing is tried ever more rarely. Pure: windows and time are given.

export interface VerdictRules {
  /** Bad windows of the last `of` that put it out. */
  readonly leave: { readonly count: number; readonly of: number };
  /** Good windows of the last `of` that take it back. */
  readonly back: { readonly count: number; readonly of: number };
  readonly holdDownMs: number;
}

/** `open`: neither good nor bad, such as a latency between the threshold and the level to come back at. */
export type Window = 'good' | 'bad' | 'open';

/** The hold-down grows to so many times its first length. */
const MOST_HOLD_DOWNS = 16;

export class WindowVerdict {
  isOut = false;
  sinceMs: number;
  private windows: Window[] = [];
  private holdDowns = 1;
  private returnedAtMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  /** One window is over; true when the verdict has changed. */
  observe(window: Window, rules: VerdictRules, nowMs: number): boolean {
    const kept = Math.max(rules.leave.of, rules.back.of) - 1;
    this.windows = [...(kept === 0 ? [] : this.windows.slice(-kept)), window];
    if (!this.isOut) return this.counts('bad', rules.leave) && this.leave(rules, nowMs);
    if (this.holdsForMs(rules, nowMs) > 0 || !this.counts('good', rules.back)) return false;
    this.change(false, nowMs);
    this.returnedAtMs = nowMs;
    return true;
  }

  private counts(kind: Window, { count, of }: VerdictRules['leave']): boolean {
    return this.windows.slice(-of).filter((window) => window === kind).length >= count;
  }

  private leave(rules: VerdictRules, nowMs: number): true {
    const isRelapse = nowMs - this.returnedAtMs < rules.holdDownMs * this.holdDowns;
    this.holdDowns = isRelapse ? Math.min(this.holdDowns * 2, MOST_HOLD_DOWNS) : 1;
    this.change(true, nowMs);
    return true;
  }

  private change(isOut: boolean, nowMs: number): void {
    this.isOut = isOut;
    this.sinceMs = nowMs;
    this.windows = [];
  }

  /** Until it may be taken back; 0 while it is in. */
  holdsForMs({ holdDownMs }: VerdictRules, nowMs: number): number {
    return this.isOut ? Math.max(0, this.sinceMs + holdDownMs * this.holdDowns - nowMs) : 0;
  }

  /** The last windows, oldest first: `.` good, `x` bad, `-` neither. */
  describe(): string {
    return this.windows.map((window) => (window === 'good' ? '.' : window === 'bad' ? 'x' : '-')).join('');
  }
}
