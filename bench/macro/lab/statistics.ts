// The few statistics the benches need.

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Of ascending values; the nearest rank, so that it is a value that was measured. */
export function percentile(ascending: ArrayLike<number>, percent: number): number {
  const rank = Math.ceil((percent / 100) * ascending.length);
  return ascending[Math.max(0, Math.min(ascending.length, rank) - 1)];
}

/** Of two series measured in turn: the median of the ratios of neighbours, which a slow drift of the machine leaves alone. */
export function pairedRatio<T>(ours: readonly T[], theirs: readonly T[], pick: (result: T) => number): number {
  return median(ours.map((result, index) => pick(result) / pick(theirs[index])));
}

export interface Slope {
  readonly perSecond: number;
  /** Standard error of the slope. */
  readonly error: number;
}

const BLOCKS = 20;

/**
 * Slope by least squares over means of 20 blocks of time. Neighbouring samples of memory are alike (a garbage collection
 * moves many of them together), so the error of single samples would be far too small; block means are nearly independent.
 */
export function slopeOf(samples: readonly { readonly second: number; readonly value: number }[]): Slope {
  const size = Math.max(1, Math.ceil(samples.length / BLOCKS));
  const points: { readonly x: number; readonly y: number }[] = [];
  for (let at = 0; at < samples.length; at += size) {
    const block = samples.slice(at, at + size);
    points.push({ x: mean(block.map((sample) => sample.second)), y: mean(block.map((sample) => sample.value)) });
  }
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = sum(points.map((point) => (point.x - x) ** 2));
  const perSecond = sum(points.map((point) => (point.x - x) * (point.y - y))) / spread;
  const rest = sum(points.map((point) => (point.y - y - perSecond * (point.x - x)) ** 2));
  return { perSecond, error: Math.sqrt(rest / Math.max(1, points.length - 2) / spread) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
