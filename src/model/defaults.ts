// What holds where a configuration says nothing: one place for all dialects. The reasons stand at each field's type.
import type { ConcurrencySettings } from './admission.ts';
import type { AffinitySettings, PoolLimits } from './backend.ts';
import type { BreakerSettings, OutlierSettings } from './breaker.ts';
import type { DiscoverySettings } from './discovery.ts';
import type { LogSettings } from './gateway-model.ts';
import type { GatewayHealth, HealthCheck } from './health-check.ts';
import type { ListenerLimits, PathPolicy } from './listener.ts';
import type { CrossZone } from './locality.ts';
import type { UsageSettings } from './prices.ts';
import type { Backoff, Retry, RetryBudget } from './retry.ts';

export const DEFAULT_POOL: PoolLimits = {
  maxConnections: 1024,
  maxPending: 1024,
  pendingTimeoutMs: 5000,
  idleTimeoutMs: 4000,
};

/** Five minutes: how long providers keep a prompt that is not asked for again. */
export const DEFAULT_AFFINITY: AffinitySettings = { promptCache: true, ttlMs: 300_000 };

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

/** Finagle's and the Gateway API's figures: an outage at most adds a fifth to the load of what is left. */
export const DEFAULT_RETRY_BUDGET: RetryBudget = { ratio: 0.2, minPerSecond: 10 };

/** Envoy's base interval; short, because it is mostly another endpoint that is asked. */
export const DEFAULT_BACKOFF: Backoff = {
  kind: 'exponential',
  baseMs: 25,
  maxMs: 1000,
  multiplier: 2,
  jitter: 'full',
};

/** Nobody asked for retries: another endpoint takes over where the one chosen took no connection, or broke one of a repeatable request. */
export const DEFAULT_RETRY: Retry = {
  attempts: 5,
  on: ['connect-failure', 'reset'],
  repeatsEndpoint: false,
  backoff: DEFAULT_BACKOFF,
  perTryMs: 0,
  maxRetryAfterMs: 10_000,
  repeatsUnsafe: false,
  exclude: { methods: [], paths: [] },
  budget: DEFAULT_RETRY_BUDGET,
};

/** A completion that failed before its first byte reached the client may be asked of another target. */
export const DEFAULT_AI_RETRY: Retry = {
  ...DEFAULT_RETRY,
  on: ['connect-failure', 'reset', 'timeout', '5xx', 408, 429, 'refused'],
};

/** A tenth: hedging is for the few slowest requests, and a slow backend must not be sent all of them twice. */
export const DEFAULT_HEDGE_BUDGET: RetryBudget = { ratio: 0.1, minPerSecond: 1 };

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
/** Netflix's bounds and tolerance; a wait of a second is the longest that most clients take for slow rather than for down. */
export const DEFAULT_CONCURRENCY: ConcurrencySettings = {
  min: 20,
  max: 200,
  initial: 20,
  tolerance: 1.5,
  isAdaptive: true,
  queue: { size: 100, timeoutMs: 1000 },
};

/** The threshold and times of most load balancers: out after 45 s at most, and a late answer is no answer. */
export const DEFAULT_HEALTH_CHECK: HealthCheck = {
  probe: { kind: 'http', method: 'GET', path: '/health', headers: [], expected: [{ from: 200, to: 399 }] },
  intervalMs: 15_000,
  failingIntervalMs: 15_000,
  timeoutMs: 5000,
  jitter: 0.1,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  panicPercent: 0,
  endsEjection: false,
};

/** A zone's own times, within what servers bear and what a moved service can wait for. */
export const DEFAULT_DISCOVERY: DiscoverySettings = {
  resolvers: [],
  minTtlMs: 1000,
  maxTtlMs: 300_000,
  negativeTtlMs: 10_000,
  staleTtlMs: 0,
  timeoutMs: 5000,
};

export const DEFAULT_USAGE: UsageSettings = { estimate: true };

export const DEFAULT_GATEWAY_HEALTH: GatewayHealth = { path: '/gateway/health', checks: [] };

/** Envoy's and Istio's: a tenth at first, then linear. The duration is always written. */
export const DEFAULT_SLOW_START = { aggression: 1, minimum: 0.1 };

/** At half up, an own zone carries 70 % by overprovisioning: the cap and the floor meet there. */
export const DEFAULT_CROSS_ZONE: CrossZone = { enabled: true, penaltyFactor: 1.5, maxRatio: 0.3, healthFloor: 0.5 };

/** A region that is wholly down needs no window: its load moves at once. These are for one that is ill. */
export const DEFAULT_FAILOVER = {
  conditions: { healthBelow: 0.5 },
  windowMs: 10_000,
  leaveAfter: { count: 3, of: 5 },
  returnAfter: { count: 5, of: 5 },
  holdDownMs: 60_000,
  minRequests: 20,
  rampMs: 30_000,
  dnsTtlMs: 60_000,
} as const;
