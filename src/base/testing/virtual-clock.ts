// Time for tests of things that wait: it stands still until a test moves it on, and then calls what is due in order.

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
}

export class VirtualClock {
  /** Monotonic and wall clock in one. */
  ms: number;
  private entries: Entry[] = [];
  private order = 0;

  constructor(startMs = 0) {
    this.ms = startMs;
  }

  readonly now = (): number => this.ms;

  readonly after = (delayMs: number, call: () => void): (() => void) => {
    const entry = { atMs: this.ms + delayMs, order: this.order++, call };
    this.entries.push(entry);
    return () => {
      this.entries = this.entries.filter((each) => each !== entry);
    };
  };

  /** What waits. */
  get pending(): number {
    return this.entries.length;
  }

  advance(ms: number): void {
    const endMs = this.ms + ms;
    for (;;) {
      const due = this.entries.filter(({ atMs }) => atMs <= endMs);
      if (due.length === 0) break;
      const next = due.reduce((a, b) => (b.atMs < a.atMs || (b.atMs === a.atMs && b.order < a.order) ? b : a));
      this.entries = this.entries.filter((each) => each !== next);
      this.ms = Math.max(this.ms, next.atMs);
      next.call();
    }
    this.ms = endMs;
  }
}
