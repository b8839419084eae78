// Timers of the main thread that keep no process alive, in the form that health checks and discovery take them.

/** The longest that a timer of Node waits; a longer one would call at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls once, unless what it returns is called before. */
export function after(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, Math.min(delayMs, LONGEST_TIMER_MS)).unref();
  return () => clearTimeout(timer);
}

/** Calls again and again until what it returns is called. */
export function every(intervalMs: number, call: () => void): () => void {
  const timer = setInterval(call, Math.min(intervalMs, LONGEST_TIMER_MS)).unref();
  return () => clearInterval(timer);
}
