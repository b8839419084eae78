// The whole state of one breaker in one 32-bit word, so that every step is one compare-and-exchange and exact over threads.
// From the low end: 2 bits state, 2 bits force, 18 bits of counters, 10 bits epoch (one more at every change of state).

export const CLOSED = 0;
export const OPEN = 1;
export const HALF_OPEN = 2;
/** One thread is between two states and writes the times that belong to the next; nobody is admitted meanwhile. */
export const CHANGING = 3;

export const AUTO = 0;
export const FORCED_OPEN = 1;
export const FORCED_CLOSED = 2;

/** Probes of one half-open period that fit the word. */
export const MAX_PROBES = 63;
/** Consecutive failures that fit the word; counting stops there. */
export const MAX_FAILURES = 0x3ffff;

const EPOCHS = 1024;
const TAKEN = 1 << 4;
const SUCCEEDED = 1 << 10;
const FAILED = 1 << 16;
const SIX_BITS = 63;

export function stateOf(word: number): number {
  return word & 3;
}

export function forceOf(word: number): number {
  return (word >> 2) & 3;
}

/** The epoch outlives its ambiguity: an attempt would have to last through 1,024 changes of state to be taken for a newer one. */
export function epochOf(word: number): number {
  return word >>> 22;
}

/** Of a closed breaker. */
export function failuresOf(word: number): number {
  return (word >> 4) & MAX_FAILURES;
}

export function withFailures(word: number, failures: number): number {
  return (word & ~(MAX_FAILURES << 4)) | (failures << 4);
}

/** Of a half-open breaker, as the other two. */
export function takenOf(word: number): number {
  return (word >> 4) & SIX_BITS;
}

export function succeededOf(word: number): number {
  return (word >> 10) & SIX_BITS;
}

export function failedOf(word: number): number {
  return (word >> 16) & SIX_BITS;
}

export function withProbeTaken(word: number): number {
  return word + TAKEN;
}

export function withProbeGiven(word: number): number {
  return word - TAKEN;
}

export function withProbeSucceeded(word: number): number {
  return word + SUCCEEDED;
}

export function withProbeFailed(word: number): number {
  return word + FAILED;
}

/** The same breaker taken by one thread for a change. */
export function changing(word: number): number {
  return (word & ~3) | CHANGING;
}

/** The next state with empty counters and the next epoch; what an operator forced stays. */
export function entering(word: number, state: number): number {
  return (((epochOf(word) + 1) % EPOCHS) << 22) | (forceOf(word) << 2) | state;
}

export function withForce(word: number, force: number): number {
  return (word & ~(3 << 2)) | (force << 2);
}
