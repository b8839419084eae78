// A whole data plane in this process: a model with one listener, one route and one backend, compiled as a worker would compile it.
import type { Id } from '../../src/base/types.ts';
import type { Endpoint, PoolLimits, UpstreamTls } from '../../src/model/backend.ts';
import { DEFAULT_BALANCER, DEFAULT_LOG, DEFAULT_POOL } from '../../src/model/defaults.ts';
import type { GatewayModel } from '../../src/model/gateway-model.ts';
import type { Listener, ListenerLimits, ListenerTls } from '../../src/model/listener.ts';
import type { FilterUse, Timeouts } from '../../src/model/route.ts';
import { compileRuntime } from '../../src/runtime/compile.ts';
import { createThreadResources, type ThreadResources } from '../../src/runtime/thread-resources.ts';
import { ListenerServer } from '../../src/server/listener-server.ts';
import { createEndpointTableMemory, createLedgerMemory } from '../../src/state/endpoint-table.ts';
import { createRetryBudgetMemory, retryBudgetKey } from '../../src/state/retry-budget.ts';
import { AccessLogWriter } from '../../src/telemetry/access-log.ts';
import { createMetricMemory, MetricRegistry } from '../../src/telemetry/metric-registry.ts';
import { listenerModel } from './listener.ts';

export interface TestGatewayOptions {
  /** `http://127.0.0.1:port` of the endpoint. */
  readonly url: string;
  readonly limits?: Partial<ListenerLimits>;
  readonly pool?: Partial<PoolLimits>;
  readonly timeouts?: Partial<Timeouts>;
  readonly tls?: UpstreamTls;
  /** Makes it an HTTPS listener. */
  readonly listenerTls?: ListenerTls;
  readonly filters?: readonly FilterUse[];
}

export interface TestGateway {
  readonly port: number;
  readonly server: ListenerServer;
  readonly resources: ThreadResources;
  /** Stacks of bugs; a test that meets one fails. */
  readonly bugs: string[];
  close(): void;
}

const ORIGIN = { source: 'test', dialect: 'test', pointer: '' };
const BACKEND = 'endpoint' as Id<'backend'>;
const ROW = 'endpoint/0' as Id<'endpoint'>;

function listenerOf({ limits, listenerTls }: TestGatewayOptions): Listener {
  const listener = listenerModel(limits);
  return listenerTls === undefined ? listener : { ...listener, protocol: 'https', tls: listenerTls };
}

function modelOf(options: TestGatewayOptions): GatewayModel {
  const endpoint: Endpoint = { id: ROW, url: options.url, weight: 1 };
  return {
    listeners: [listenerOf(options)],
    routes: [
      {
        id: 'all' as Id<'route'>,
        name: 'all',
        origin: ORIGIN,
        parents: [],
        hostnames: [],
        rank: 0,
        order: 0,
        isDefault: true,
        match: [],
        filters: options.filters ?? [],
        action: { kind: 'forward', targets: [{ backend: BACKEND, weight: 1, tier: 0 }] },
        timeouts: options.timeouts ?? {},
      },
    ],
    backends: [
      {
        id: BACKEND,
        name: 'endpoint',
        origin: ORIGIN,
        endpoints: [endpoint],
        balancer: { name: DEFAULT_BALANCER, config: {} },
        pool: { ...DEFAULT_POOL, ...options.pool },
        ...(options.tls === undefined ? {} : { tls: options.tls }),
        timeouts: {},
        filters: [],
      },
    ],
    policies: [],
    aliases: [],
    log: { ...DEFAULT_LOG, enabled: false },
  };
}

export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const bugs: string[] = [];
  let isDraining = false;
  const resources = createThreadResources({
    endpointMemory: createEndpointTableMemory(4, Date.now()),
    ledger: createLedgerMemory(4),
    retryBudgetMemory: createRetryBudgetMemory(4, Date.now()),
    metrics: new MetricRegistry({ buffer: createMetricMemory(), onSeries() {} }),
    accessLog: new AccessLogWriter({ sink: () => {} }),
    instanceName: 'gateway-under-test',
    isDraining: () => isDraining,
    reportBug: (stack) => bugs.push(stack),
  });
  const model = modelOf(options);
  const runtime = compileRuntime(model, { [ROW]: 0, [retryBudgetKey(BACKEND)]: 0 }, resources, 1);
  const server = new ListenerServer(model.listeners[0], {
    handler: () => {
      const handler = runtime.handlerFor('test');
      if (handler === undefined) throw new Error('the model has no listener');
      return handler;
    },
    wheel: resources.wheel,
    observer: resources.metrics,
    nowMs: resources.nowMs,
    tick: resources.tick,
    isDraining: () => isDraining,
  });
  const { port } = await server.listen({ port: 0, reusePort: false });
  return {
    port,
    server,
    resources,
    bugs,
    close() {
      isDraining = true;
      server.closeAll();
      resources.close();
    },
  };
}
