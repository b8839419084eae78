// Random whole numbers for choices made per request. hot: `Math.random` gives a fraction, which every call that is not inlined
// puts on the heap (measured: 16 bytes each); whole numbers below 2^31 never are. Not for secrets.

/** Xorshift (Marsaglia, 32 bits, period 2^32 - 1). */
export class QuickRandom {
  private state: number;

  /** `random` gives the seed, so that whoever injects it decides the whole sequence. */
  constructor(random: () => number) {
    // Zero would stay zero. Multiplied, so that near seeds do not begin alike.
    this.state = Math.imul((random() * 0x7fffffff) | 0, 0x9e3779b1) | 1;
    for (let turn = 0; turn < 8; turn++) this.next();
  }

  /** From 0 to 2^31 - 1. */
  next(): number {
    let state = this.state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return state & 0x7fffffff;
  }

  /** From 0 to `limit` - 1; `limit` at most 2^20, so that no value is favoured by more than 1 in 2,000. */
  below(limit: number): number {
    return this.next() % limit;
  }
}
