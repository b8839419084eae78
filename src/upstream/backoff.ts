// How long to wait before another try. Pure: randomness comes in, so that a pause can be tested and explained.
import type { Backoff } from '../model/retry.ts';

/** Where one exchange stands. */
export interface BackoffState {
  /** 1 = before the first retry. */
  readonly retry: number;
  /** The pause before the last retry, 0 at first: decorrelated jitter grows from it. */
  readonly previousMs: number;
}

/** The pause without jitter, at most `maxMs`. */
export function plainPauseMs(backoff: Backoff, retry: number): number {
  const { kind, baseMs, maxMs, multiplier } = backoff;
  const pauseMs = kind === 'linear' ? baseMs * retry : baseMs * multiplier ** (retry - 1);
  return Math.min(maxMs, pauseMs);
}

/**
 * Milliseconds to wait; `random` gives [0, 1). Without jitter all clients of a failed endpoint would come back at one moment;
 * decorrelated (AWS Architecture Blog, 2015): between base and three times the pause before.
 */
export function pauseMs(backoff: Backoff, { retry, previousMs }: BackoffState, random: () => number): number {
  const plainMs = plainPauseMs(backoff, retry);
  switch (backoff.jitter) {
    case 'none':
      return plainMs;
    case 'full':
      return random() * plainMs;
    case 'equal':
      return plainMs / 2 + (random() * plainMs) / 2;
    case 'decorrelated': {
      const { baseMs, maxMs } = backoff;
      const upToMs = Math.max(baseMs, previousMs * 3);
      return Math.min(maxMs, baseMs + random() * (upToMs - baseMs));
    }
  }
}
