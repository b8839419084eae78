// A place where requests come in: address, protocol, path policy and limits.
import type { Id } from '../base/types.ts';
import type { Origin } from './origin.ts';

/** What to do with an encoded octet in a path: refuse the request, keep it encoded, or decode it (RFC 3986 §6.2.2). */
export type EncodedOctetPolicy = 'reject' | 'keep' | 'decode';

export interface PathPolicy {
  /** `%2F`. Default `keep`. */
  readonly encodedSlash: EncodedOctetPolicy;
  /** `%5C`. Default `keep`. */
  readonly encodedBackslash: EncodedOctetPolicy;
  /** `%00`. Default `reject`; it can never be decoded into a path. */
  readonly encodedNul: 'reject' | 'keep';
  /** `//` becomes `/`. Default false. */
  readonly mergeSlashes: boolean;
}

export interface ListenerLimits {
  /** Open client connections over all workers. Default 65,536; one more is closed at once. Unfinished TLS handshakes count. */
  readonly maxConnections: number;
  /** Bytes of request line and header section. Default 32 KiB; more is 431 (414 when the target alone is too long). */
  readonly maxHeadBytes: number;
  /** Bytes of the request target. Default 8,192 (RFC 9112 §3 recommends at least 8,000). */
  readonly maxTargetBytes: number;
  /** Header fields. Default 100; more is 431. */
  readonly maxHeaders: number;
  /** Bytes of a body that must be held in memory (to read `model`, say). Default 16 MiB; more is 413. Streamed bodies have no limit. */
  readonly maxBufferedBodyBytes: number;
  /** Requests on one connection before it is closed after its answer. Default 0 = no limit. */
  readonly maxRequestsPerConnection: number;
  /** From the first byte of a head to its last. Default 10 s; later is 408. A TLS handshake gets as long, then the connection is closed. */
  readonly headTimeoutMs: number;
  /** Longest pause between two pieces of a body. Default 30 s; later is 408. */
  readonly bodyTimeoutMs: number;
  /** Between two requests. Default 75 s: above the 60 s of common load balancers, so that they close first. */
  readonly idleTimeoutMs: number;
}

export interface ListenerTls {
  /** PEM text of the certificate, followed by those between it and the CA. Never a path: dialects read files. */
  readonly certificate: string;
  /** PEM text of its private key. */
  readonly key: string;
}

export interface Listener {
  readonly id: Id<'listener'>;
  readonly origin: Origin;
  /** Bind address; default every address (`::` with IPv4). */
  readonly address: string | undefined;
  readonly port: number;
  readonly protocol: 'http' | 'https';
  /** Empty = any host. `*.example.com` matches one or more labels. */
  readonly hostnames: readonly string[];
  readonly tls: ListenerTls | undefined;
  readonly path: PathPolicy;
  readonly limits: ListenerLimits;
  /** CIDR blocks whose `X-Forwarded-*` is believed and appended to; from anybody else it is replaced. */
  readonly trustedProxies: readonly string[];
}
