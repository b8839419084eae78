// How warm an endpoint is: 0..1 by the time since it began to serve or came back. Weights are multiplied by it, and so is the number
// of requests it may have under way.

export interface SlowStart {
  /** Until full warmth. */
  readonly durationMs: number;
  /** 1 = linear; above, quick at first; below, slow at first. */
  readonly aggression: number;
  /** Warmth at the beginning, 0..1. Above 0: an endpoint that gets nothing never warms up. */
  readonly minimum: number;
}

/** Envoy's ramp: `max(minimum, (time / duration) ^ (1 / aggression))`, the time counted from one second on. */
export function warmthAt(slowStart: SlowStart, ageMs: number): number {
  if (ageMs >= slowStart.durationMs) return 1;
  const part = Math.min(1, Math.max(ageMs, 1000) / slowStart.durationMs);
  return Math.max(slowStart.minimum, part ** (1 / slowStart.aggression));
}

/**
 * Fills `warmth` from `ages`. When more than half of the weight that is up is new nobody is warmed up: there is no one else to carry
 * the load meanwhile, as at the start of the gateway. `weights` are 0 for endpoints that are not up.
 */
export function fillWarmth(
  slowStart: SlowStart,
  ages: { readonly ms: Float64Array; readonly weights: Float64Array },
  warmth: Float64Array,
): void {
  let total = 0;
  let cold = 0;
  for (let index = 0; index < warmth.length; index++) {
    total += ages.weights[index];
    if (ages.ms[index] < slowStart.durationMs) cold += ages.weights[index];
  }
  const isSkipped = cold * 2 > total;
  for (let index = 0; index < warmth.length; index++)
    warmth[index] = isSkipped ? 1 : warmthAt(slowStart, ages.ms[index]);
}

/** Of an endpoint that is warm. */
export const NO_CEILING = 0x7fffffff;

/**
 * Fills `ceilings`, the requests that each warming endpoint may have under way: its warmth of what a warm one of its weight has, and
 * one more, so that it is never starved. Without it an endpoint that is slow because it is cold gathers requests under any
 * algorithm that does not look at them, and a quick one draws a burst under those that do. False when nobody has a ceiling, also
 * where no warm endpoint is left to carry the rest.
 */
export function fillCeilings(
  { inFlight, weights }: { readonly inFlight: Float64Array; readonly weights: Float64Array },
  warmth: Float64Array,
  ceilings: Int32Array,
): boolean {
  let requests = 0;
  let weight = 0;
  let isAnyCold = false;
  for (let index = 0; index < warmth.length; index++) {
    if (warmth[index] < 1) isAnyCold = true;
    else if (weights[index] > 0) {
      requests += inFlight[index];
      weight += weights[index];
    }
  }
  if (!isAnyCold || weight === 0) return false;
  for (let index = 0; index < warmth.length; index++) {
    const usual = (weights[index] * requests) / weight;
    ceilings[index] = warmth[index] < 1 ? 1 + Math.floor(warmth[index] * usual) : NO_CEILING;
  }
  return true;
}
