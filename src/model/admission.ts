// How many requests a backend may have at once, and how many wait for their turn.

/** Requests in flight at one backend, over all workers: from dispatch to the last byte of the answer. */
export interface ConcurrencySettings {
  /** Equal to `max` where the limit is fixed. Default 20. */
  readonly min: number;
  /** Default 200. */
  readonly max: number;
  /** Before anything is learned. Default `min`. */
  readonly initial: number;
  /** Latency may rise to so many times its long-term value before the limit falls. Default 1.5. */
  readonly tolerance: number;
  /** Learned from latency (state/gradient.ts). */
  readonly isAdaptive: boolean;
  readonly queue: {
    /** Requests that wait in one worker. Default 100. */
    readonly size: number;
    /** Longest wait. Default 1 s. */
    readonly timeoutMs: number;
  };
}
