// The handles that hot code counts with: a place in the thread's shared numbers, found once, then one addition per call.

/** hot: a plain typed-array write, no Atomics: each thread is the only writer of its numbers. */
export class CounterSeries {
  private readonly slots: Float64Array;
  private readonly slot: number;

  constructor(slots: Float64Array, slot: number) {
    this.slots = slots;
    this.slot = slot;
  }

  increment(): void {
    this.slots[this.slot]++;
  }

  /** `amount` is never negative: a counter that falls reads as a restart. */
  add(amount: number): void {
    this.slots[this.slot] += amount;
  }
}

export class GaugeSeries {
  private readonly slots: Float64Array;
  private readonly slot: number;

  constructor(slots: Float64Array, slot: number) {
    this.slots = slots;
    this.slot = slot;
  }

  set(value: number): void {
    this.slots[this.slot] = value;
  }

  add(change: number): void {
    this.slots[this.slot] += change;
  }
}

/** Slots: one count per bucket (not cumulative), then `+Inf`, then the sum. */
export class HistogramSeries {
  private readonly slots: Float64Array;
  private readonly slot: number;
  private readonly bounds: Float64Array;

  constructor(slots: Float64Array, slot: number, bounds: Float64Array) {
    this.slots = slots;
    this.slot = slot;
    this.bounds = bounds;
  }

  observe(value: number): void {
    const bounds = this.bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    this.slots[this.slot + bucket]++;
    this.slots[this.slot + bounds.length + 1] += value;
  }
}
