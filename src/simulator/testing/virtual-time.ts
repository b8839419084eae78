// Time for the simulator's tests: a delay passes at once and is noted, or never passes, so that nobody has to wait.
import type { SimulatorClock, SimulatorTimers } from '../timers.ts';

export class VirtualTime implements SimulatorClock, SimulatorTimers {
  private readonly passes: boolean;
  private nowMs = 1_767_225_600_000;
  /** Every delay asked for, in order. */
  readonly delaysMs: number[] = [];
  /** Delays neither over nor called off. */
  pending = 0;

  constructor(mode: 'passes' | 'stands') {
    this.passes = mode === 'passes';
  }

  now(): number {
    return this.nowMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    this.delaysMs.push(delayMs);
    this.pending++;
    let isOver = false;
    const finish = (): boolean => {
      if (isOver) return false;
      isOver = true;
      this.pending--;
      return true;
    };
    if (this.passes) {
      setImmediate(() => {
        if (!finish()) return;
        this.nowMs += delayMs;
        run();
      });
    }
    return finish;
  }

  totalMs(): number {
    return this.delaysMs.reduce((sum, delayMs) => sum + delayMs, 0);
  }
}
