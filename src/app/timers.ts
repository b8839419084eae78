// Time of the main thread, with timers that keep no process alive, in the form that health checks and discovery take it.

export interface MainTime {
  /** Calls once, unless what it returns is called before. */
  after(delayMs: number, call: () => void): () => void;
  /** Monotonic. */
  nowMs(): number;
  wallMs(): number;
  random(): number;
}

/** The longest that a timer of Node waits; a longer one would call at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function after(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, Math.min(delayMs, LONGEST_TIMER_MS)).unref();
  return () => clearTimeout(timer);
}

/** Calls again and again until what it returns is called. */
export function every(intervalMs: number, call: () => void): () => void {
  const timer = setInterval(call, Math.min(intervalMs, LONGEST_TIMER_MS)).unref();
  return () => clearInterval(timer);
}

export const MAIN_TIME: MainTime = {
  after,
  nowMs: () => performance.now(),
  wallMs: Date.now,
  random: Math.random,
};
