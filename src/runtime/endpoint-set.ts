// What a backend chooses from: its endpoints, their balancer and their guard, compiled together. Where endpoints come and go by
// themselves the backend gets another set, without a new generation; a try keeps the set it was chosen from, because indexes are of it.
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { EndpointTags } from '../upstream/affinity/endpoint-tags.ts';
import type { AttemptResult } from '../upstream/attempt-result.ts';
import type { Balancer, PoolView } from '../upstream/balancer.ts';
import type { BackendGuard } from '../upstream/breaker.ts';
import type { EndpointPool } from '../upstream/client/endpoint-pool.ts';
import type { BackendPlaces } from './backend-places.ts';
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
  /** The connection is closed after the answer, and the endpoint is told so. */
  readonly closes: boolean;
}

export interface EndpointSetParts {
  readonly endpoints: readonly CompiledEndpoint[];
  readonly balancer: Balancer;
  /** Name of its algorithm, and what it sees of the endpoints: for explanations. */
  readonly algorithm: string;
  readonly view: PoolView;
  readonly keyOf: RequestKey;
  readonly openSession: StickyOpener | undefined;
  readonly places: BackendPlaces | undefined;
  readonly tags?: EndpointTags | undefined;
  readonly guard: BackendGuard | undefined;
  readonly table: EndpointTable;
}

export class EndpointSet {
  readonly endpoints: readonly CompiledEndpoint[];
  readonly balancer: Balancer;
  readonly algorithm: string;
  readonly view: PoolView;
  /** What hashing balancers go by. */
  readonly keyOf: RequestKey;
  /** Undefined = no sticky sessions here. */
  readonly openSession: StickyOpener | undefined;
  /** Undefined where nothing is chosen by region or zone. */
  readonly places: BackendPlaces | undefined;
  /** Of AI backends: who served a conversation or made an answer. */
  readonly tags: EndpointTags | undefined;
  /** Breakers, outliers and health checks; undefined where none is configured. */
  readonly guard: BackendGuard | undefined;
  private readonly table: EndpointTable;

  constructor(parts: EndpointSetParts) {
    this.endpoints = parts.endpoints;
    this.balancer = parts.balancer;
    this.algorithm = parts.algorithm;
    this.view = parts.view;
    this.keyOf = parts.keyOf;
    this.openSession = parts.openSession;
    this.places = parts.places;
    this.tags = parts.tags;
    this.guard = parts.guard;
    this.table = parts.table;
  }

  /** The breaker lets requests through, and some endpoint is up. */
  isUsable(wallMs: number): boolean {
    const { endpoints, guard } = this;
    if (guard !== undefined && !guard.isBackendUsable(wallMs)) return false;
    for (let index = 0; index < endpoints.length; index++) if (this.isEndpointUsable(index, wallMs)) return true;
    return false;
  }

  /** The endpoint may be chosen now; its backend's breaker is another question. */
  isEndpointUsable(index: number, wallMs: number): boolean {
    const { guard } = this;
    if (!this.table.isUsable(this.endpoints[index].row, wallMs)) return false;
    return guard === undefined || guard.isEndpointUsable(index, wallMs);
  }

  /** For explanations: why the endpoint may not be chosen now; empty = it may. */
  outReasons(index: number, wallMs: number): readonly string[] {
    const isUp = this.table.isUsable(this.endpoints[index].row, wallMs);
    return [...(isUp ? [] : ['connections failed lately']), ...(this.guard?.outReasons(index, wallMs) ?? [])];
  }

  /** Health checks keep every endpoint out. */
  isUnhealthy(): boolean {
    const { endpoints, guard } = this;
    return guard !== undefined && endpoints.length > 0 && endpoints.every((_, index) => guard.isUnhealthy(index));
  }

  /** A circuit breaker keeps requests out of all of it, or of an endpoint. */
  isShut(wallMs: number): boolean {
    return this.guard?.isShut(wallMs) === true;
  }

  /** Positive: the endpoint may be asked, and `settle` hears what became of it (upstream/breaker.ts). */
  admit(index: number, wallMs: number): number {
    return this.guard === undefined ? UNGUARDED : this.guard.admit(index, wallMs);
  }

  settle(admission: number, result: AttemptResult, wallMs: number): void {
    this.guard?.settle(admission, result, wallMs);
  }
}
