// Time of a simulation: a queue of what will happen, taken in order of time and then of asking. Nothing waits for a real clock.
import type { ThreadTime } from '../runtime/thread-resources.ts';

interface Happening {
  readonly atMs: number;
  /** Of two at the same moment the one asked for first comes first. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Monotonic time at the beginning: not 0, which deadlines and calls take for "not set". */
const BEGIN_MS = 1000;
/** A Thursday at midnight UTC, so that runs are the same on every day. */
const BEGIN_WALL_MS = Date.UTC(2026, 0, 1);

function isEarlier(a: Happening, b: Happening): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

export class VirtualTime implements ThreadTime {
  readonly beginWallMs: number = BEGIN_WALL_MS;
  private nowMs = BEGIN_MS;
  private asked = 0;
  /** A binary heap, the earliest first. */
  private readonly queue: Happening[] = [];

  readonly monotonic = (): number => this.nowMs;
  readonly wall = (): number => this.nowMs - BEGIN_MS + BEGIN_WALL_MS;

  /** Since the beginning of the simulation. */
  get elapsedMs(): number {
    return this.nowMs - BEGIN_MS;
  }

  /** Runs once, so long from now, unless what it returns is called before. */
  after(delayMs: number, run: () => void): () => void {
    const happening: Happening = { atMs: this.nowMs + Math.max(0, delayMs), order: this.asked++, run };
    this.push(happening);
    return () => {
      happening.run = undefined;
    };
  }

  /** Runs at a time of the simulation; now if it has passed. */
  at(elapsedMs: number, run: () => void): () => void {
    return this.after(elapsedMs - this.elapsedMs, run);
  }

  every(intervalMs: number, call: () => void): () => void {
    let cancel = (): void => {};
    const again = (): void => {
      cancel = this.after(intervalMs, again);
      call();
    };
    cancel = this.after(intervalMs, again);
    return () => cancel();
  }

  /** Lets the next thing up to `untilMs` happen; false when there is none, and that is the time then. */
  step(untilMs: number): boolean {
    const [next] = this.queue;
    if (next === undefined || next.atMs - BEGIN_MS > untilMs) {
      this.nowMs = Math.max(this.nowMs, untilMs + BEGIN_MS);
      return false;
    }
    this.pop();
    if (next.run !== undefined) {
      this.nowMs = next.atMs;
      next.run();
    }
    return true;
  }

  private push(happening: Happening): void {
    const { queue } = this;
    let index = queue.push(happening) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isEarlier(happening, queue[parent])) break;
      queue[index] = queue[parent];
      index = parent;
    }
    queue[index] = happening;
  }

  private pop(): void {
    const { queue } = this;
    const last = queue.pop() as Happening;
    const size = queue.length;
    if (size === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && isEarlier(queue[child + 1], queue[child])) child++;
      if (!isEarlier(queue[child], last)) break;
      queue[index] = queue[child];
      index = child;
    }
    queue[index] = last;
  }
}
