// Something requests are sent to: a set of endpoints, or an AI provider reached through them.
import type { Id } from '../base/types.ts';
import type { ConcurrencySettings } from './admission.ts';
import type { BreakerSettings, OutlierSettings } from './breaker.ts';
import type { HealthCheck } from './health-check.ts';
import type { BackendLocality } from './locality.ts';
import type { Origin } from './origin.ts';
import type { Retry } from './retry.ts';
import type { FilterUse, Timeouts } from './route.ts';
import type { StreamSettings } from './stream-settings.ts';

export interface Endpoint {
  /** Stable over reloads (`backend/url`): state rows and connection pools are keyed by it. */
  readonly id: Id<'endpoint'>;
  /** Origin only: `http://host:port` or `https://host:port`, always with the port. */
  readonly url: string;
  readonly weight: number;
  readonly region?: string;
  readonly zone?: string;
  /** Lower is used first, all of its load until less than 71 % of it is up. Default 0. */
  readonly priority?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** False = the health check of the backend leaves it out, and it counts as healthy. Default true. */
  readonly healthChecked?: boolean;
  /** Name it was found by, where `url` holds an address: asked for as SNI, and as Host where the endpoint gets its own. */
  readonly hostName?: string;
  /** Further addresses of the same endpoint, of the other family: tried in parallel (RFC 8305). */
  readonly alternates?: readonly string[];
}

/** Endpoints are what a name resolves to (ADR 0012). */
export interface DnsSource {
  /** `address`: A and AAAA records. `srv`: records with target, port, priority and weight. */
  readonly kind: 'address' | 'srv';
  readonly name: string;
  /** Of `address`; records of `srv` have their own. */
  readonly port: number;
  readonly isTls: boolean;
  readonly family: 'auto' | 'ipv4' | 'ipv6';
  /** Where all of its endpoints are. */
  readonly region?: string;
  readonly zone?: string;
}

/** TLS towards the endpoint. Every member optional: system CAs and the endpoint's host as SNI are the default. */
export interface UpstreamTls {
  /** PEM text, like the other two: never a path, dialects read files. Replaces the system CAs. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
  /** Default true. */
  readonly verify?: boolean;
}

export interface PoolLimits {
  /** Open connections to one endpoint, over all workers. Default 1,024. */
  readonly maxConnections: number;
  /** Requests waiting for a connection to one endpoint, over all workers. Default 1,024; one more is 503. */
  readonly maxPending: number;
  /** Longest wait for a connection. Default 5 s; then 503. */
  readonly pendingTimeoutMs: number;
  /** Idle connections are closed after this or before the origin's announced `Keep-Alive: timeout`. Default 4 s when it announces none. */
  readonly idleTimeoutMs: number;
  /** False = every connection serves one request. Default true. */
  readonly keepAlive?: boolean;
}

/** How a stored or environment secret reaches a backend. The value is held here after loading and never printed. */
export interface ProviderUse {
  readonly name: string;
  readonly config: unknown;
  /** Path prefix in front of the operation's own path, without a trailing slash (`/v1`). */
  readonly basePath: string;
  /** Replaces the request's `model`. */
  readonly model?: string;
  readonly apiKey?: string;
  /** Several keys in turns by weight, of which `apiKey` is the first; one that is refused stands out while others serve. */
  readonly apiKeys?: readonly { readonly apiKey: string; readonly weight: number }[];
  /** Globs of the models it has; undefined = not known. */
  readonly models?: readonly string[];
  /** Send the client's own credential on. Default false. */
  readonly forwardCredential: boolean;
  /** What becomes of a client's wishes that the provider cannot be told: left out and named, or refused. Default lenient. */
  readonly strictness?: 'lenient' | 'strict';
}

/** A new or recovered endpoint takes its share little by little (upstream/slow-start.ts). */
export interface SlowStartSettings {
  readonly durationMs: number;
  readonly aggression: number;
  readonly minimum: number;
}

/** Sessions stay at the endpoint that began them. */
export interface StickySettings {
  readonly carrier: 'cookie' | 'header';
  readonly name: string;
  /** 0 = as long as the client keeps the cookie. */
  readonly ttlMs: number;
  /** Signs the tokens. Undefined = random per process: sessions end with it and are not known to other instances. */
  readonly secret?: string;
}

/** Conversations go back to where the provider has their prompt in its cache. */
export interface AffinitySettings {
  readonly promptCache: boolean;
  /** As long as the provider's cache lives. */
  readonly ttlMs: number;
}

export interface Backend {
  readonly id: Id<'backend'>;
  readonly name: string;
  readonly origin: Origin;
  /** Empty as written where `dns` is given: filled while the gateway runs. */
  readonly endpoints: readonly Endpoint[];
  readonly dns?: DnsSource;
  readonly balancer: { readonly name: string; readonly config: unknown };
  readonly slowStart?: SlowStartSettings;
  readonly sticky?: StickySettings;
  /** Of an AI backend. Default DEFAULT_AFFINITY. */
  readonly affinity?: AffinitySettings;
  /** How many times its load a priority level is good for. Default 1.4. */
  readonly overprovisioning?: number;
  readonly pool: PoolLimits;
  readonly tls?: UpstreamTls;
  readonly timeouts: Partial<Timeouts>;
  /** Default DEFAULT_RETRY, for AI backends DEFAULT_AI_RETRY. */
  readonly retry?: Retry;
  readonly filters: readonly FilterUse[];
  readonly provider?: ProviderUse;
  /** Of AI backends. */
  readonly stream?: StreamSettings;
  readonly labels?: Readonly<Record<string, string>>;
  readonly breaker?: BreakerSettings;
  readonly outlier?: OutlierSettings;
  /** Set by merging, from the gateway's locality. */
  readonly locality?: BackendLocality;
  /** Undefined = without limit. */
  readonly concurrency?: ConcurrencySettings;
  readonly healthCheck?: HealthCheck;
}
