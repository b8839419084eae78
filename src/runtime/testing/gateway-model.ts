// Small models and compiled runtimes for the tests of this folder: only what a test is about has to be written.
import type { Id } from '../../base/types.ts';
import type { ModelAlias } from '../../model/alias.ts';
import type { Backend } from '../../model/backend.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import type { Listener } from '../../model/listener.ts';
import type { Route, Target } from '../../model/route.ts';
import { createEndpointTableMemory, createLedgerMemory } from '../../state/endpoint-table.ts';
import { createRetryBudgetMemory, retryBudgetKey } from '../../state/retry-budget.ts';
import { AccessLogWriter } from '../../telemetry/access-log.ts';
import { createMetricMemory, MetricRegistry } from '../../telemetry/metric-registry.ts';
import { compileRuntime } from '../compile.ts';
import type { ExplainRequest, Explanation } from '../explain.ts';
import { createThreadResources, type ThreadResources } from '../thread-resources.ts';

export const ORIGIN = { source: 'gateway.yaml', dialect: 'native', pointer: '', line: 7 };

export function listener(id = 'default'): Listener {
  return {
    id: id as Id<'listener'>,
    origin: ORIGIN,
    address: '127.0.0.1',
    port: 0,
    protocol: 'http',
    hostnames: [],
    tls: undefined,
    path: { encodedSlash: 'keep', encodedBackslash: 'keep', encodedNul: 'reject', mergeSlashes: false },
    limits: {
      maxConnections: 100,
      maxHeadBytes: 32_768,
      maxTargetBytes: 8192,
      maxHeaders: 100,
      maxBufferedBodyBytes: 1_000_000,
      maxRequestsPerConnection: 0,
      headTimeoutMs: 10_000,
      bodyTimeoutMs: 30_000,
      idleTimeoutMs: 75_000,
    },
    trustedProxies: [],
  };
}

/** `isAi` = an OpenAI backend at /v1 with the key `key`. */
export function backend(
  name: string,
  parts: Partial<Backend> & { readonly model?: string; readonly isAi?: boolean } = {},
): Backend {
  const { model, isAi = false, ...own } = parts;
  const url = `http://${name}.test`;
  const provider = { name: 'openai', config: {}, basePath: '/v1', apiKey: 'key', forwardCredential: false };
  return {
    id: name as Id<'backend'>,
    name,
    origin: ORIGIN,
    endpoints: [{ id: `${name}/0` as Id<'endpoint'>, url, weight: 1 }],
    balancer: { name: 'weighted_round_robin', config: {} },
    pool: { maxConnections: 10, maxPending: 10, pendingTimeoutMs: 5000, idleTimeoutMs: 4000 },
    timeouts: {},
    filters: [],
    ...(isAi && { provider: { ...provider, ...(model !== undefined && { model }) } }),
    ...own,
  };
}

export function target(name: string, weight = 1, tier = 0): Target {
  return { backend: name as Id<'backend'>, weight, tier };
}

export function route(name: string, targets: readonly Target[], parts: Partial<Route> = {}): Route {
  return {
    id: name as Id<'route'>,
    name,
    origin: ORIGIN,
    parents: [],
    hostnames: [],
    rank: 0,
    order: 0,
    isDefault: true,
    match: [],
    filters: [],
    action: { kind: 'forward', targets },
    timeouts: {},
    ...parts,
  };
}

export function alias(name: string, targets: ModelAlias['targets']): ModelAlias {
  return { alias: name, origin: ORIGIN, targets };
}

export function gatewayModel(parts: Partial<GatewayModel>): GatewayModel {
  return {
    listeners: [listener()],
    routes: [],
    backends: [],
    policies: [],
    aliases: [],
    log: { enabled: true, requestHeaders: [] },
    ...parts,
  };
}

/** `random` is 0, so that weighted choices begin at the first target. */
export function threadResources(): ThreadResources {
  const resources = createThreadResources({
    endpointMemory: createEndpointTableMemory(16, Date.now()),
    ledger: createLedgerMemory(16),
    retryBudgetMemory: createRetryBudgetMemory(16, Date.now()),
    metrics: new MetricRegistry({ buffer: createMetricMemory(), onSeries() {} }),
    accessLog: new AccessLogWriter({ sink: () => {} }),
    instanceName: 'gateway-under-test',
    isDraining: () => false,
    reportBug: (stack) => {
      throw new Error(stack);
    },
  });
  return { ...resources, random: () => 0 };
}

/** Compiles a model and explains one request to it. `ids` get rows; those of endpoints by default. */
export async function explain(
  model: GatewayModel,
  request: Partial<ExplainRequest>,
  ids: readonly string[] = model.backends.flatMap(({ endpoints }) => endpoints.map(({ id }) => id)),
): Promise<Explanation> {
  const resources = threadResources();
  const budgets = model.backends.map(({ id }) => retryBudgetKey(id));
  const rows = Object.fromEntries([...ids.entries(), ...budgets.entries()].map(([row, id]) => [id, row]));
  const runtime = compileRuntime(model, rows, resources, 1);
  const whole = { method: 'GET', path: '/', query: '', authority: 'gateway.test', headers: [], body: undefined };
  try {
    const explanation = await runtime.explain({ ...whole, ...request });
    if (explanation === undefined) throw new Error('the model has no listener');
    return explanation;
  } finally {
    await runtime.dispose();
    resources.close();
  }
}
