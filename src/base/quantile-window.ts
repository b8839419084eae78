// A quantile of recent durations: counts in buckets a fifth apart, over the last one to two spans of time. A sample is one addition.

/** A factor of 2^(1/4) each, from a quarter of a millisecond to over an hour. */
const BUCKETS = 96;
const PER_DOUBLING = 4;
const LEAST_MS = 0.25;

export class QuantileWindow {
  private current = new Float64Array(BUCKETS);
  private before = new Float64Array(BUCKETS);
  private total = 0;
  private totalBefore = 0;
  private startedMs = 0;
  private readonly spanMs: number;

  constructor(spanMs: number) {
    this.spanMs = spanMs;
  }

  add(ms: number, nowMs: number): void {
    this.turn(nowMs);
    const bucket = Math.ceil(Math.log2(Math.max(ms, LEAST_MS) / LEAST_MS) * PER_DOUBLING);
    this.current[Math.min(bucket, BUCKETS - 1)]++;
    this.total++;
  }

  private turn(nowMs: number): void {
    const age = nowMs - this.startedMs;
    if (age < this.spanMs) return;
    const kept = this.current;
    this.current = this.before.fill(0);
    this.before = kept;
    this.totalBefore = this.total;
    this.total = 0;
    if (age >= 2 * this.spanMs) {
      kept.fill(0);
      this.totalBefore = 0;
    }
    this.startedMs = nowMs;
  }

  /** The upper end of the bucket it lies in; -1 with fewer samples than `least`. */
  quantile(share: number, least: number, nowMs: number): number {
    this.turn(nowMs);
    const samples = this.total + this.totalBefore;
    if (samples < least) return -1;
    let left = samples * share;
    let bucket = 0;
    for (; bucket < BUCKETS - 1; bucket++) {
      left -= this.current[bucket] + this.before[bucket];
      if (left <= 0) break;
    }
    return LEAST_MS * 2 ** (bucket / PER_DOUBLING);
  }
}
