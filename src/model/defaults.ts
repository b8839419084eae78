// What holds where a configuration says nothing: one place for all dialects. The reasons stand at each field's type.
import type { PoolLimits } from './backend.ts';
import type { BreakerSettings, OutlierSettings } from './breaker.ts';
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

export const DEFAULT_BREAKER: BreakerSettings = {
  consecutiveFailures: 5,
  minRequests: 20,
  windowMs: 10_000,
  openMs: 30_000,
  maxOpenMs: 300_000,
  jitter: 0.1,
  stableMs: 60_000,
  probeRequests: 1,
  probeQuorum: 1,
  probeTimeoutMs: 30_000,
  fallback: { kind: 'next-tier' },
};

export const DEFAULT_OUTLIER: Required<OutlierSettings> = {
  consecutive5xx: 5,
  consecutiveGatewayFailures: 0,
  consecutiveLocalFailures: 5,
  successRate: { minHosts: 5, minRequests: 100, deviations: 1.9 },
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjectionPercent: 50,
  mayEjectLast: false,
  panicPercent: 0,
};
