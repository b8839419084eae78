// How many requests a backend may have at once, learned from how long it takes: Netflix's Gradient2, which compares short-term with
// long-term latency and never squeezes traffic to measure, with a memory of its own of what overload is. Pure;
// state/concurrency-table.ts keeps the numbers.

export interface GradientRules {
  readonly min: number;
  readonly max: number;
  /** Until there are samples. */
  readonly initial: number;
  /** Short-term latency may be so many times the long-term one before the limit falls. */
  readonly tolerance: number;
}

/** Requests that may wait at the backend: what makes the limit grow while latency does not. */
const QUEUE = 4;
/** Of a new limit in the limit. */
const SMOOTHING = 0.2;
/** At most halved by one window, before smoothing. */
const LEAST_GRADIENT = 0.5;
const LONG_WINDOWS = 600;
/** The first windows are averaged: an exponential average would begin at a single one. */
const WARM_UP_WINDOWS = 10;
/**
 * Latency beyond the tolerance is overload as long as it is not the rule: it counts a tenth. Without this, half an overload more
 * than a backend can bear became its usual latency, and its limit the highest, within 100 s (simulated; docs/decisions/0015).
 */
const OVERLOAD_SHARE = 0.1;
/** A long-term latency above so many times the short-term one is a memory of worse days, and is forgotten faster. */
const STALE_RATIO = 2;
const FORGETTING = 0.95;

/** The long-term latency with one more window in it. */
export function nextLongMs({ longMs, windows, tolerance }: LongTerm, shortMs: number): number {
  if (windows === 0) return shortMs;
  if (windows < WARM_UP_WINDOWS) return longMs + (shortMs - longMs) / (windows + 1);
  const share = (2 / (LONG_WINDOWS + 1)) * (shortMs > longMs * tolerance ? OVERLOAD_SHARE : 1);
  const next = longMs + (shortMs - longMs) * share;
  return next / shortMs > STALE_RATIO ? next * FORGETTING : next;
}

export interface LongTerm {
  readonly longMs: number;
  /** In it. */
  readonly windows: number;
  readonly tolerance: number;
}

export function clampLimit(limit: number, { min, max }: Pick<GradientRules, 'min' | 'max'>): number {
  return Math.min(Math.max(limit, min), max);
}

/**
 * The limit after a window. `longOverShort`: long-term latency over that of the window. A backend that was not even half used says
 * nothing about its limit.
 */
export function nextLimit(
  rules: GradientRules,
  limit: number,
  window: { readonly mostInFlight: number; readonly longOverShort: number },
): number {
  if (window.mostInFlight < limit / 2) return limit;
  const gradient = Math.min(1, Math.max(LEAST_GRADIENT, rules.tolerance * window.longOverShort));
  return clampLimit((1 - SMOOTHING) * limit + SMOOTHING * (limit * gradient + QUEUE), rules);
}
