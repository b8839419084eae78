// What the admin server needs of the gateway. Given its body in app/; the server decides nothing itself.
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';

export interface ListenerView {
  readonly id: string;
  readonly url: string;
}

/** `stale`: what is written was refused, an older configuration runs. */
export interface StatusView {
  readonly status: 'starting' | 'ready' | 'draining';
  readonly version: string;
  readonly generation: number;
  readonly configuration: 'current' | 'stale';
  readonly listeners: readonly ListenerView[];
  readonly workers: { readonly up: number; readonly wanted: number };
  readonly uptimeSeconds: number;
}

/** A request to explain, as it would come in. */
export interface ExplainInput {
  readonly method: string;
  /** Path with query, or a whole URL. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

export interface ReloadView {
  readonly outcome: 'applied' | 'unchanged' | 'refused';
  readonly findings: readonly Finding[];
  readonly changes: readonly string[];
}

/** `state` as the next request would meet it: `open` becomes `half_open` when its time is over. */
export interface BreakerView {
  readonly state: 'closed' | 'open' | 'half_open';
  readonly force: 'auto' | 'open' | 'closed';
  /** Why it opened last. */
  readonly cause: string;
  readonly sinceSeconds: number;
  /** Until it lets a probe through; 0 unless it is open. */
  readonly opensForMs: number;
  readonly consecutiveFailures: number;
  readonly probes: { readonly taken: number; readonly succeeded: number; readonly failed: number };
  readonly openings: number;
}

/** What active health checks found. */
export interface HealthView {
  readonly state: 'unknown' | 'healthy' | 'unhealthy';
  /** Why the last probe failed; `none` = it was good. */
  readonly reason: string;
  /** Of its answer; 0 without one. */
  readonly status: number;
  readonly sinceSeconds: number;
  readonly goodInRow: number;
  readonly failedInRow: number;
  readonly latencyMs: number;
  /** Undefined before the first probe. */
  readonly checkedSecondsAgo: number | undefined;
  readonly probes: number;
}

export interface EndpointView {
  readonly url: string;
  readonly region?: string;
  readonly zone?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly usable: boolean;
  /** Why not. */
  readonly reasons: readonly string[];
  readonly inFlight: number;
  readonly connections: number;
  readonly requests: number;
  readonly failures: number;
  readonly latencyMs: number;
  /** Absent where the backend has none, or one endpoint alone: then its own says all. */
  readonly breaker?: BreakerView;
  /** Absent where it is not checked. */
  readonly health?: HealthView;
  /** Present while outlier detection keeps it out. */
  readonly ejection?: { readonly cause: string; readonly forMs: number; readonly count: number };
}

/** Requests of a backend with a concurrency limit, over all workers. */
export interface ConcurrencyView {
  readonly limit: number;
  readonly inFlight: number;
  readonly queued: { readonly high: number; readonly normal: number; readonly low: number };
}

/** What is known of the name that endpoints are found by. */
export interface DnsView {
  readonly name: string;
  /** Undefined = nobody ever answered. */
  readonly answeredSecondsAgo: number | undefined;
  readonly ttlSeconds: number;
  /** Why the last question had no answer; what is known stays in use. */
  readonly error?: string;
}

export interface BackendView {
  readonly name: string;
  /** Absent where endpoints are written. */
  readonly dns?: DnsView;
  readonly breaker?: BreakerView;
  /** Absent where it takes what comes. */
  readonly concurrency?: ConcurrencyView;
  readonly endpoints: readonly EndpointView[];
}

export interface ForceRequest {
  readonly backend: string;
  /** Its URL; undefined = the breaker of the backend. */
  readonly endpoint: string | undefined;
  readonly force: 'open' | 'closed' | 'auto';
}

/** `active` takes requests now, `standby` would if the regions before it were left, `out` is left. */
export interface RegionView {
  readonly name: string;
  /** In the order of failover; absent for a region that has none. */
  readonly role?: 'primary' | 'secondary';
  readonly state: 'active' | 'standby' | 'out';
  readonly force: 'auto' | 'in' | 'out';
  /** Part of its endpoints, by weight, that is up. */
  readonly health: number;
  readonly reasons: readonly string[];
  readonly failover?: {
    readonly failed: boolean;
    /** The last ones, oldest first: `.` good, `x` bad. */
    readonly windows: string;
    readonly sinceSeconds: number;
    /** Until it may be taken back. */
    readonly holdsForMs: number;
    /** Of the last window. */
    readonly requests: number;
    readonly errors: number;
    readonly responseTimeMs: number;
  };
  readonly backends: readonly {
    readonly name: string;
    readonly endpoints: number;
    readonly usable: number;
    /** 0 = not measured lately. */
    readonly latencyMs: number;
    readonly tooSlow: boolean;
  }[];
}

export interface DnsAnswerView {
  /** The region that asks. */
  readonly for: string;
  /** The one that answers. */
  readonly region: string;
  readonly hosts: readonly string[];
}

export interface RegionsView {
  readonly regions: readonly RegionView[];
  /** What a DNS server should say now; absent without `dns_failover`. */
  readonly dns?: {
    readonly ttlSeconds: number;
    readonly geographic: boolean;
    readonly default: DnsAnswerView;
    readonly answers: readonly DnsAnswerView[];
  };
}

/** `out`: as if it had failed; `in`: whatever is measured. */
export interface ForceRegionRequest {
  readonly region: string;
  readonly force: 'auto' | 'in' | 'out';
}

/** A provider as the router sees it, over the last `window`. */
export interface ProviderHealthView {
  readonly name: string;
  /** `unhealthy`: asked only when nobody else is left. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** Mean time to the head of a good answer; 0 = there was none. */
  readonly latency_ms: number;
  /** Percent; 100 where nothing was asked. */
  readonly success_rate: number;
}

export interface CooldownView {
  readonly cause: string;
  readonly forMs: number;
  readonly count: number;
}

/** What `?verbose=1` adds. */
export interface ProviderDetailView extends ProviderHealthView {
  readonly provider: string;
  /** Why it is not healthy. */
  readonly reasons: readonly string[];
  readonly requests: number;
  readonly failures: number;
  readonly tokens_per_second: number;
  readonly breaker?: BreakerView;
  readonly endpoints: readonly EndpointView[];
  readonly cooldown?: CooldownView;
  /** By position and the first digits of their hash. */
  readonly keys?: readonly { readonly name: string; readonly cooldown?: CooldownView }[];
  readonly last_failures: readonly {
    readonly class: string;
    readonly count: number;
    readonly status: number;
    readonly secondsAgo: number;
  }[];
}

export interface RouterHealthView {
  readonly providers: readonly ProviderHealthView[];
}

export interface RouterDetailView {
  readonly window_seconds: number;
  /** Below these success rates, in percent. */
  readonly thresholds: { readonly degraded: number; readonly unhealthy: number; readonly min_requests: number };
  readonly providers: readonly ProviderDetailView[];
}

export interface AdminView {
  status(): StatusView;
  model(): GatewayModel | undefined;
  findings(): readonly Finding[];
  /** Prometheus text. */
  exposition(): string;
  /** Undefined while no thread serves. */
  explain(input: ExplainInput): Promise<object | undefined>;
  /** What an AI request of the last ones cost, and why; undefined = it is not among them. */
  explainCost(requestId: string): Promise<object | undefined>;
  reload(): Promise<ReloadView>;
  backends(): readonly BackendView[];
  /** Why it was not done, or undefined. */
  forceBreaker(request: ForceRequest): string | undefined;
  routerHealth(): RouterDetailView;
  regions(): RegionsView;
  /** Why it was not done, or undefined. */
  forceRegion(request: ForceRegionRequest): string | undefined;
  /** Only for tests; undefined in a real gateway. */
  readonly crashWorker?: (position: number) => void;
}
