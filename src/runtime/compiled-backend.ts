// A backend ready for traffic: endpoints with their pools and prepared head fragments, a balancer, the provider's adapter.
import type { ProviderAdapter } from '../llm/provider.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { Balancer } from '../upstream/balancer.ts';
import type { EndpointPool } from '../upstream/client/endpoint-pool.ts';
import type { AttemptMetrics } from './attempt-metrics.ts';
import type { BackendRetries } from './backend-retries.ts';

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
  readonly provider: CompiledProvider | undefined;
  readonly attempts: AttemptMetrics;
  readonly retries: BackendRetries;
  private readonly table: EndpointTable;

  constructor(parts: BackendParts) {
    this.name = parts.name;
    this.endpoints = parts.endpoints;
    this.balancer = parts.balancer;
    this.provider = parts.provider;
    this.attempts = parts.attempts;
    this.retries = parts.retries;
    this.table = parts.table;
  }

  /** Some endpoint is up. */
  isUsable(wallMs: number): boolean {
    const endpoints = this.endpoints;
    for (let index = 0; index < endpoints.length; index++) {
      if (this.table.isUsable(endpoints[index].row, wallMs)) return true;
    }
    return false;
  }
}

export interface BackendParts {
  readonly name: string;
  readonly endpoints: readonly CompiledEndpoint[];
  readonly balancer: Balancer;
  readonly provider: CompiledProvider | undefined;
  readonly attempts: AttemptMetrics;
  readonly retries: BackendRetries;
  readonly table: EndpointTable;
}
