// How long things take in a simulation: the distributions people fit to measured latencies, drawn from injected randomness.

export type Distribution =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'normal'; readonly meanMs: number; readonly deviationMs: number }
  /** By what dashboards show of it. */
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly p99Ms: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  /** Measured points (part of the requests 0..1, their time) joined by straight lines; the first begins at 0. */
  | { readonly kind: 'percentiles'; readonly points: readonly (readonly [part: number, ms: number])[] };

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** Standard normal (Box and Muller). */
function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function onCurve(points: readonly (readonly [part: number, ms: number])[], part: number): number {
  let [beforePart, beforeMs] = points[0];
  for (const [nextPart, nextMs] of points) {
    if (part <= nextPart)
      return nextPart === beforePart
        ? nextMs
        : beforeMs + ((nextMs - beforeMs) * (part - beforePart)) / (nextPart - beforePart);
    [beforePart, beforeMs] = [nextPart, nextMs];
  }
  return beforeMs;
}

/** One time, never negative. */
export function draw(distribution: Distribution, random: () => number): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.ms;
    case 'uniform':
      return distribution.fromMs + (distribution.toMs - distribution.fromMs) * random();
    case 'normal':
      return Math.max(0, distribution.meanMs + distribution.deviationMs * drawNormal(random));
    case 'lognormal': {
      const sigma = Math.log(distribution.p99Ms / distribution.medianMs) / Z99;
      return distribution.medianMs * Math.exp(sigma * drawNormal(random));
    }
    case 'exponential':
      return -distribution.meanMs * Math.log(1 - random());
    default:
      return onCurve(distribution.points, random());
  }
}

/** The value that this part (0..1) of the sorted values does not exceed; 0 of none (nearest rank). */
export function percentileOf(sorted: readonly number[], part: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}
