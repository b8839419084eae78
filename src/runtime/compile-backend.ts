// Backends of the model → compiled backends with pools shared over generations.
import { createHash } from 'node:crypto';
import { invariant } from '../errors/bug.ts';
import { providerRegistry } from '../llm/providers/registry.ts';
import type { Backend, Endpoint, UpstreamTls } from '../model/backend.ts';
import { retryBudgetKey } from '../state/retry-budget.ts';
import type { EndpointAddress } from '../upstream/client/connect.ts';
import { BackendRetries } from './backend-retries.ts';
import { compileAdmission } from './compile-admission.ts';
import { compileChoosing } from './compile-balancer.ts';
import { compileFallback } from './compile-fallback.ts';
import { compileGuard } from './compile-guard.ts';
import { CompiledBackend, type CompiledEndpoint, type CompiledProvider } from './compiled-backend.ts';
import type { ThreadResources } from './thread-resources.ts';

export interface BackendCompilation {
  readonly backend: CompiledBackend;
  /** Keys to give back when the generation ends. */
  readonly poolKeys: readonly string[];
}

export function compileBackend(
  backend: Backend,
  rows: Readonly<Record<string, number>>,
  resources: ThreadResources,
): BackendCompilation {
  const poolKeys: string[] = [];
  const endpoints = backend.endpoints.map((endpoint) => {
    const { compiled, poolKey } = compileEndpoint(backend, endpoint, rows, resources);
    poolKeys.push(poolKey);
    return compiled;
  });
  const { table } = resources;
  const guard = compileGuard(backend, rows, resources);
  return {
    backend: new CompiledBackend({
      name: backend.name,
      endpoints,
      ...compileChoosing(backend, { endpoints, guard }, resources),
      provider: compileProvider(backend),
      attempts: resources.metrics.attemptsAt(backend.name),
      retries: compileRetries(backend, rows, resources),
      table,
      guard,
      admission: compileAdmission(backend, rows, resources),
      ...compileFallback(backend.breaker?.fallback, resources),
    }),
    poolKeys,
  };
}

function compileRetries(
  backend: Backend,
  rows: Readonly<Record<string, number>>,
  resources: ThreadResources,
): BackendRetries {
  const row = rows[retryBudgetKey(backend.id)];
  invariant(row !== undefined, `backend ${backend.id} has no row for its retry budget`);
  return new BackendRetries(resources.retryBudgets, row, resources.metrics.retriesAt(backend.name));
}

interface EndpointCompilation {
  readonly compiled: CompiledEndpoint;
  readonly poolKey: string;
}

function compileEndpoint(
  backend: Backend,
  endpoint: Endpoint,
  rows: Readonly<Record<string, number>>,
  resources: ThreadResources,
): EndpointCompilation {
  const row = rows[endpoint.id];
  invariant(row !== undefined, `endpoint ${endpoint.id} has no row`);
  const url = new URL(endpoint.url);
  const address = compileAddress(url, backend.tls);
  const poolKey = hashOf({ id: endpoint.id, row, address, pool: backend.pool });
  const pool = resources.pools.acquire(poolKey, () => ({
    address,
    settings: backend.pool,
    deps: {
      table: resources.table,
      row,
      wheel: resources.wheel,
      observer: resources.metrics.poolObserver(backend.name),
      nowMs: resources.nowMs,
      tick: resources.tick,
      wallMs: resources.wallMs,
    },
  }));
  // A plain http endpoint gets the client's Host; an https one its own name, because its certificate and routing hang on it.
  const needsOwnHost = url.protocol === 'https:' || backend.provider !== undefined;
  const compiled = {
    id: endpoint.id,
    url: endpoint.url,
    row,
    pool,
    weight: endpoint.weight,
    region: endpoint.region,
    zone: endpoint.zone,
    hostLine: needsOwnHost ? `host: ${url.host}\r\n` : undefined,
  };
  return { compiled, poolKey };
}

function compileAddress(url: URL, tls: UpstreamTls | undefined): EndpointAddress {
  const isTls = url.protocol === 'https:';
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return {
    host,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    serverName: tls?.serverName ?? host,
    ca: tls?.ca,
    certificate: tls?.certificate,
    key: tls?.key,
    verify: tls?.verify ?? true,
  };
}

/** Pool identity: anything a connection depends on, keys included, but only as a digest. */
function hashOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

function compileProvider(backend: Backend): CompiledProvider | undefined {
  const use = backend.provider;
  if (use === undefined) return undefined;
  const definition = providerRegistry.get(use.name);
  invariant(definition !== undefined, `provider ${use.name} passed validation but is not registered`);
  const adapter = definition.compile(use.config as never);
  return {
    name: use.name,
    adapter,
    basePath: use.basePath,
    model: use.model,
    credentialLines: adapter.credentialLines(use.apiKey),
    keylessLines: adapter.credentialLines(undefined),
    forwardsCredential: use.forwardCredential,
  };
}
