// How names of backends are resolved while the gateway runs, as plain data. Done by control/discovery/ in the main thread.

export interface DiscoverySettings {
  /** Servers asked: addresses or names, with an optional port. Empty = those of the system, and its host file. */
  readonly resolvers: readonly string[];
  /** Bounds of what a record says. Default 1 s and 5 min. */
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
  /** Before a name that does not exist is asked for again. Default 10 s. */
  readonly negativeTtlMs: number;
  /** How long addresses are kept after their time while no server answers. 0, the default, is no limit. */
  readonly staleTtlMs: number;
  /** For one resolution. Default 5 s. */
  readonly timeoutMs: number;
}
