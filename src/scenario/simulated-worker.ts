// One data-plane thread of a simulation: its own resources over the shared memory of all, its own compiled runtime.
import type { GatewayModel } from '../model/gateway-model.ts';
import { compileRuntime } from '../runtime/compile.ts';
import type { ExchangeHandlerOf } from '../runtime/dispatch.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createThreadResources, type ThreadResources, type ThreadSurroundings } from '../runtime/thread-resources.ts';
import { createLedgerMemory, type EndpointTableMemory } from '../state/endpoint-table.ts';
import type { RetryBudgetMemory } from '../state/retry-budget.ts';
import { AccessLogWriter } from '../telemetry/access-log.ts';
import { createMetricMemory, MetricRegistry } from '../telemetry/metric-registry.ts';

export interface WorkerMemory {
  readonly endpoints: EndpointTableMemory;
  readonly retryBudgets: RetryBudgetMemory;
  readonly endpointRows: number;
}

export class SimulatedWorker {
  readonly resources: ThreadResources;
  private current: Runtime | undefined;

  constructor(memory: WorkerMemory, surroundings: ThreadSurroundings, reportBug: (stack: string) => void) {
    const accessLog = new AccessLogWriter({ sink: () => {} });
    accessLog.configure({ enabled: false, requestHeaders: [] });
    this.resources = createThreadResources({
      endpointMemory: memory.endpoints,
      ledger: createLedgerMemory(memory.endpointRows),
      retryBudgetMemory: memory.retryBudgets,
      metrics: new MetricRegistry({ buffer: createMetricMemory(), onSeries: () => {} }),
      accessLog,
      instanceName: 'switchyard-scenario',
      processSecret: 'scenario',
      surroundings,
      isDraining: () => false,
      reportBug,
    });
  }

  compile(model: GatewayModel, rows: Readonly<Record<string, number>>, generation: number): Runtime {
    return compileRuntime(model, rows, this.resources, generation);
  }

  /** From now on requests are answered by it; gives what answered before. */
  commit(runtime: Runtime): Runtime | undefined {
    const before = this.current;
    this.current = runtime;
    return before;
  }

  handlerFor(listenerId: string): ExchangeHandlerOf | undefined {
    return this.current?.handlerFor(listenerId);
  }

  close(): void {
    this.resources.close();
  }
}
