// Backends of the model → compiled backends with pools shared over generations.
import { createHash } from 'node:crypto';
import { invariant } from '../errors/bug.ts';
import type { ProviderAdapter } from '../llm/provider.ts';
import { providerRegistry } from '../llm/providers/registry.ts';
import type { Backend, Endpoint, UpstreamTls } from '../model/backend.ts';
import type { StreamSettings } from '../model/stream-settings.ts';
import { retryBudgetKey } from '../state/retry-budget.ts';
import type { EndpointAddress } from '../upstream/client/connect.ts';
import { BackendRetries } from './backend-retries.ts';
import { compileAdmission } from './compile-admission.ts';
import { compileChoosing } from './compile-balancer.ts';
import { compileFallback } from './compile-fallback.ts';
import { compileGuard } from './compile-guard.ts';
import { type Authorize, CompiledBackend, type CompiledProvider } from './compiled-backend.ts';
import { type CompiledEndpoint, EndpointSet } from './endpoint-set.ts';
import type { ThreadResources } from './thread-resources.ts';

/** Rows of endpoints and backends in the shared tables, by id. */
export type Rows = Readonly<Record<string, number>>;

/** A backend of one generation, and the pools it holds for as long as that lives. */
export class BackendCompilation {
  readonly backend: CompiledBackend;
  private readonly resources: ThreadResources;
  private poolKeys: readonly string[];

  constructor(backend: Backend, rows: Rows, resources: ThreadResources) {
    this.resources = resources;
    const { set, poolKeys } = compileSet(backend, rows, resources);
    this.poolKeys = poolKeys;
    this.backend = new CompiledBackend({
      name: backend.name,
      hostName: backend.dns?.name,
      set,
      provider: compileProvider(backend, resources),
      attempts: resources.metrics.attemptsAt(backend.name),
      retries: compileRetries(backend, rows, resources),
      admission: compileAdmission(backend, rows, resources),
      stream: backend.provider === undefined ? undefined : compileStream(backend.stream),
      window: backend.provider && resources.providers.window(backend.name),
      ...compileFallback(backend.breaker?.fallback, resources),
    });
  }

  /** The same backend with other endpoints: those that stay keep their connections, those that go finish what they have. */
  replaceEndpoints(backend: Backend, rows: Rows): void {
    const { set, poolKeys } = compileSet(backend, rows, this.resources);
    const before = this.poolKeys;
    this.poolKeys = poolKeys;
    this.backend.replace(set, this.resources.wallMs());
    for (const key of before) this.resources.pools.release(key);
  }

  release(): void {
    for (const key of this.poolKeys) this.resources.pools.release(key);
    this.poolKeys = [];
  }
}

function compileSet(
  backend: Backend,
  rows: Rows,
  resources: ThreadResources,
): { readonly set: EndpointSet; readonly poolKeys: readonly string[] } {
  const compiled = backend.endpoints.map((endpoint) => compileEndpoint(backend, endpoint, rows, resources));
  const endpoints = compiled.map((each) => each.compiled);
  const guard = compileGuard(backend, rows, resources);
  const choosing = compileChoosing(backend, { endpoints, guard, rows }, resources);
  const set = new EndpointSet({ endpoints, guard, table: resources.table, ...choosing });
  return { set, poolKeys: compiled.map(({ poolKey }) => poolKey) };
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
  const address = compileAddress(url, endpoint, backend.tls);
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
    hostLine: needsOwnHost ? `host: ${authorityOf(url, endpoint)}\r\n` : undefined,
    closes: backend.pool.keepAlive === false,
  };
  return { compiled, poolKey };
}

/** As a client of the endpoint would write it: by name, without the port that its scheme implies. */
function authorityOf(url: URL, { hostName }: Endpoint): string {
  return hostName === undefined ? url.host : `${hostName}${url.port === '' ? '' : `:${url.port}`}`;
}

function compileAddress(url: URL, endpoint: Endpoint, tls: UpstreamTls | undefined): EndpointAddress {
  const isTls = url.protocol === 'https:';
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return {
    host,
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    alternates: endpoint.alternates ?? [],
    serverName: tls?.serverName ?? endpoint.hostName ?? host,
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

function compileProvider(backend: Backend, resources: ThreadResources): CompiledProvider | undefined {
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
    strictness: use.strictness ?? 'lenient',
    authorize: compileAuthorize(adapter, use.apiKey, resources),
    limitsOf: (model) => resources.costs.limitsOf(backend.name, model),
  };
}

/** Half of what proxies and load balancers commonly wait for. */
const DEFAULT_HEARTBEAT_MS = 15_000;

function compileStream({ firstTokenMs = 0, heartbeatMs = DEFAULT_HEARTBEAT_MS, minimumRate }: StreamSettings = {}) {
  const windowMs = minimumRate?.windowMs ?? 0;
  const windowBytes = Math.ceil(((minimumRate?.bytesPerSecond ?? 0) * windowMs) / 1000);
  return { firstTokenMs, heartbeatMs, windowMs, windowBytes };
}

/** What makes the credential of each request with this secret; undefined where its lines are all there is. */
export function compileAuthorize(
  { sign, tokenNeed }: ProviderAdapter,
  secret: string | undefined,
  { wallMs, tokens }: Pick<ThreadResources, 'wallMs' | 'tokens'>,
): Authorize | undefined {
  if (sign !== undefined) return (request) => sign({ ...request, wallMs: wallMs() }, secret);
  if (tokenNeed === undefined) return undefined;
  const source = tokens.sourceOf(tokenNeed, secret);
  return () => {
    const token = source.current();
    return token === undefined ? source.next().then(bearerLine) : bearerLine(token);
  };
}

function bearerLine(token: string): string {
  return `authorization: Bearer ${token}\r\n`;
}
