// How warm an endpoint is: 0..1 by the time since it began to serve or came back. Weights are multiplied by it.

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
 * Fills `warmth` from `ages`. When more than half of the weight is new nobody is warmed up: there is no one else to carry the
 * load meanwhile, as at the start of the gateway.
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
