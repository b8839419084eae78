// When a backend or one of its endpoints is kept out of use: circuit breaker and outlier detection, as plain data of a Backend.

/** What answers while the breaker of a backend lets nothing through and no other candidate of the route does. */
export type BreakerFallback =
  /** The error 503, after every tier was asked. */
  | { readonly kind: 'next-tier' }
  | { readonly kind: 'reply'; readonly status: number; readonly contentType: string; readonly body: string }
  /** Backends labelled `role: read_replica`, for safe methods. */
  | { readonly kind: 'read-replica' }
  /** The last good answer to the same request. */
  | { readonly kind: 'cached-response' };

export interface BreakerSettings {
  /** Name of the configuration it was written as, for explanations; undefined when written at the backend. */
  readonly name?: string;
  /** Failures with no success between them; 0 = does not open by them. Default 5, or 0 where only a success rate is written. */
  readonly consecutiveFailures: number;
  /** Opens when no more than this share of the outcomes, 0 to 1, succeeded. */
  readonly openAtSuccessRate?: number;
  /** Outcomes in the window before their share counts. Default 20 (Hystrix). */
  readonly minRequests: number;
  /** Default 10 s. */
  readonly windowMs: number;
  /** Default 30 s; doubled by each opening that follows within `stableMs`, at most `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Share of the open time added at random. Default 0.1. */
  readonly jitter: number;
  /** Closed for this long, the next opening starts at `openMs` again. Default 60 s. */
  readonly stableMs: number;
  /** Requests let through while half-open. Default 1. */
  readonly probeRequests: number;
  /** Of them that must succeed. Default all. */
  readonly probeQuorum: number;
  /** A probe without an outcome after this has failed. Default 30 s. */
  readonly probeTimeoutMs: number;
  readonly fallback: BreakerFallback;
}

/** An endpoint that does worse than it should is ejected for a while. 0 turns one of the three counters off. */
export interface OutlierSettings {
  /** Answers 5xx, and no answer at all. Default 5. */
  readonly consecutive5xx: number;
  /** 502, 503, 504, and no answer at all. Default 0. */
  readonly consecutiveGatewayFailures: number;
  /** Connections that failed, before any answer. Default 5. */
  readonly consecutiveLocalFailures: number;
  /** Undefined: endpoints are not compared. */
  readonly successRate?: {
    /** Endpoints with enough requests before any is judged. Default 5. */
    readonly minHosts: number;
    /** Requests of an endpoint in one interval before it is judged. Default 100. */
    readonly minRequests: number;
    /** Ejected below the mean less so many standard deviations. Default 1.9. */
    readonly deviations: number;
  };
  /** Between two comparisons, and after it an ejection count decays by one. Default 10 s. */
  readonly intervalMs: number;
  /** Times the number of ejections not yet decayed. Default 30 s. */
  readonly baseEjectionMs: number;
  /** Default 300 s. */
  readonly maxEjectionMs: number;
  /** Of the endpoints, ejected at the same time. Default 50. */
  readonly maxEjectionPercent: number;
  /** All endpoints may be ejected; default false. */
  readonly mayEjectLast: boolean;
  /** With fewer endpoints in use than this percent, ejections are ignored. Default 0: never. */
  readonly panicPercent: number;
}
