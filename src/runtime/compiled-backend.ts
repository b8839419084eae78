// A backend ready for traffic: endpoints with their pools and prepared head fragments, a balancer, the provider's adapter.
import type { ProviderAdapter } from '../llm/provider.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { Reply } from '../pipeline/reply.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { AttemptResult } from '../upstream/attempt-result.ts';
import type { BackendAdmission } from '../upstream/backend-admission.ts';
import type { Balancer } from '../upstream/balancer.ts';
import type { BackendGuard } from '../upstream/breaker.ts';
import type { EndpointPool } from '../upstream/client/endpoint-pool.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { AttemptMetrics } from './attempt-metrics.ts';
import type { BackendRetries } from './backend-retries.ts';
import type { RequestKey } from './request-key.ts';
import type { StickyOpener } from './sticky-opener.ts';

/** An admission where nothing guards the backend. */
const UNGUARDED = 1;

export interface CompiledEndpoint {
  readonly id: string;
  readonly url: string;
  readonly row: number;
  readonly pool: EndpointPool;
  readonly weight: number;
  readonly region: string | undefined;
  readonly zone: string | undefined;
  /** `host: …` line sent to it, or undefined to pass the client's Host on. */
  readonly hostLine: string | undefined;
}

/** What is answered while the breaker keeps the backend out; undefined = the error. */
export type Fallback = (exchange: Exchange) => Reply | undefined;

/** Lays a tap that keeps the answer over the one that reads along, where it may be kept. */
export type Keeper = (exchange: Exchange, head: ResponseHead, inner: AnswerTap | undefined) => AnswerTap | undefined;

export interface CompiledProvider {
  readonly name: string;
  readonly adapter: ProviderAdapter;
  /** In front of every operation's path. */
  readonly basePath: string;
  readonly model: string | undefined;
  /** The backend's own credential and the fields of its settings; or an empty string. */
  readonly credentialLines: string;
  /** The fields of its settings alone, sent with the client's own credential. */
  readonly keylessLines: string;
  readonly forwardsCredential: boolean;
}

export class CompiledBackend {
  readonly name: string;
  readonly endpoints: readonly CompiledEndpoint[];
  readonly balancer: Balancer;
  /** What hashing balancers go by. */
  readonly keyOf: RequestKey;
  /** Undefined = no sticky sessions here. */
  readonly openSession: StickyOpener | undefined;
  readonly provider: CompiledProvider | undefined;
  readonly attempts: AttemptMetrics;
  readonly retries: BackendRetries;
  /** Breakers; undefined where none is configured. */
  readonly guard: BackendGuard | undefined;
  readonly fallback: Fallback | undefined;
  /** Undefined where no answers are kept. */
  readonly keeper: Keeper | undefined;
  /** Undefined where its concurrency is not limited. */
  readonly admission: BackendAdmission | undefined;
  private readonly table: EndpointTable;

  constructor(parts: BackendParts) {
    this.name = parts.name;
    this.endpoints = parts.endpoints;
    this.balancer = parts.balancer;
    this.keyOf = parts.keyOf;
    this.openSession = parts.openSession;
    this.provider = parts.provider;
    this.attempts = parts.attempts;
    this.retries = parts.retries;
    this.guard = parts.guard;
    this.fallback = parts.fallback;
    this.keeper = parts.keeper;
    this.admission = parts.admission;
    this.table = parts.table;
  }

  /** The breaker lets requests through, and some endpoint is up. */
  isUsable(wallMs: number): boolean {
    const { endpoints, guard } = this;
    if (guard !== undefined && !guard.isBackendUsable(wallMs)) return false;
    for (let index = 0; index < endpoints.length; index++) {
      if (!this.table.isUsable(endpoints[index].row, wallMs)) continue;
      if (guard === undefined || guard.isEndpointUsable(index, wallMs)) return true;
    }
    return false;
  }

  /** For explanations: empty while it is usable. */
  whyOut(wallMs: number): string {
    if (this.guard !== undefined && !this.guard.isBackendUsable(wallMs)) return ', kept out by its circuit breaker';
    if (!this.isUsable(wallMs)) return ', down now';
    return this.admission?.hasRoom === false ? ', has as many requests as it can take now' : '';
  }

  /** Positive: the endpoint may be asked, and `settle` hears what became of it (upstream/breaker.ts). */
  admit(index: number, wallMs: number): number {
    return this.guard === undefined ? UNGUARDED : this.guard.admit(index, wallMs);
  }

  settle(admission: number, result: AttemptResult, wallMs: number): void {
    this.guard?.settle(admission, result, wallMs);
  }
}

export interface BackendParts {
  readonly name: string;
  readonly endpoints: readonly CompiledEndpoint[];
  readonly balancer: Balancer;
  readonly keyOf: RequestKey;
  readonly openSession: StickyOpener | undefined;
  readonly provider: CompiledProvider | undefined;
  readonly attempts: AttemptMetrics;
  readonly retries: BackendRetries;
  readonly table: EndpointTable;
  readonly guard: BackendGuard | undefined;
  readonly fallback: Fallback | undefined;
  readonly keeper: Keeper | undefined;
  readonly admission: BackendAdmission | undefined;
}
