// What holds where a configuration says nothing: one place for all dialects. The reasons stand at each field's type.
import type { PoolLimits } from './backend.ts';
import type { LogSettings } from './gateway-model.ts';
import type { ListenerLimits, PathPolicy } from './listener.ts';

export const DEFAULT_POOL: PoolLimits = {
  maxConnections: 1024,
  maxPending: 1024,
  pendingTimeoutMs: 5000,
  idleTimeoutMs: 4000,
};

export const DEFAULT_PATH_POLICY: PathPolicy = {
  encodedSlash: 'keep',
  encodedBackslash: 'keep',
  encodedNul: 'reject',
  mergeSlashes: false,
};

export const DEFAULT_LISTENER_LIMITS: ListenerLimits = {
  maxConnections: 65_536,
  maxHeadBytes: 32 * 1024,
  maxTargetBytes: 8192,
  maxHeaders: 100,
  maxBufferedBodyBytes: 16 * 1024 * 1024,
  maxRequestsPerConnection: 0,
  headTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  idleTimeoutMs: 75_000,
};

export const DEFAULT_LISTENER_PORT = 8080;

export const DEFAULT_LOG: LogSettings = { enabled: true, requestHeaders: [] };

/** Honours weights and spreads evenly without state shared between threads. */
export const DEFAULT_BALANCER = 'weighted_round_robin';

/** Envoy's and Istio's: a tenth at first, then linear. The duration is always written. */
export const DEFAULT_SLOW_START = { aggression: 1, minimum: 0.1 };
