// Active health checks as plain data: what is asked of an endpoint without traffic, how often, and how many answers in a row decide.
// The prober of the control plane runs them (control/health/); the data plane reads only what they come to.

/** Statuses from one to the other, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export type HealthProbe =
  | {
      readonly kind: 'http';
      readonly method: string;
      readonly path: string;
      /** Undefined = the host of the endpoint. */
      readonly host?: string;
      readonly headers: readonly { readonly name: string; readonly value: string }[];
      readonly expected: readonly StatusRange[];
    }
  /** A connection, and the handshake where TLS is spoken. */
  | { readonly kind: 'tcp' };

export interface HealthCheck {
  readonly probe: HealthProbe;
  /** Undefined = that of the endpoint. */
  readonly port?: number;
  /** Whether probes speak TLS. Undefined = as requests to the endpoint do. */
  readonly tls?: boolean;
  /** From the start of one probe to that of the next. Default 15 s. */
  readonly intervalMs: number;
  /** The same while the endpoint is unhealthy or its last probe failed. Default `intervalMs`. */
  readonly failingIntervalMs: number;
  /** Default 5 s. */
  readonly timeoutMs: number;
  /** Share of the interval by which it varies, 0 to 1. Default 0.1. */
  readonly jitter: number;
  /** Good probes in a row that make an unhealthy endpoint healthy. Default 2. */
  readonly healthyThreshold: number;
  /** Failed probes in a row that make a healthy endpoint unhealthy. Default 3. The very first probe decides alone. */
  readonly unhealthyThreshold: number;
  /** With fewer endpoints healthy than this percent, the checks are ignored. Default 0: never. */
  readonly panicPercent: number;
  /** A good probe of a healthy endpoint ends its ejection by outlier detection. Default false. */
  readonly endsEjection: boolean;
}

/** What the listeners answer at their health path. */
export interface GatewayHealth {
  /** Default `/gateway/health`. */
  readonly path: string;
  readonly checks: readonly GatewayCheck[];
}

export type GatewayCheck = 'downstream_services' | 'database_connectivity' | 'cache_availability';
