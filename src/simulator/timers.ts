// Time as the simulator sees it, so that tests can let a latency of ten minutes pass at once.

export interface SimulatorClock {
  /** Milliseconds since 1970, never going back. */
  now(): number;
}

export interface SimulatorTimers {
  /** Runs once after `delayMs`; the returned function calls it off. */
  schedule(delayMs: number, run: () => void): () => void;
}

export const REAL_CLOCK: SimulatorClock = { now: () => performance.timeOrigin + performance.now() };

export const REAL_TIMERS: SimulatorTimers = {
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
