// Explains a request against a configuration that nobody serves: the same runtime as live, compiled without listeners.
import type { ExplainInput } from '../admin/admin-view.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { rowIdsOf } from '../model/row-ids.ts';
import { compileRuntime } from '../runtime/compile.ts';
import type { Explanation } from '../runtime/explain.ts';
import { createThreadResources } from '../runtime/thread-resources.ts';
import { createEndpointTableMemory, createLedgerMemory } from '../state/endpoint-table.ts';
import { createRetryBudgetMemory, retryBudgetKey } from '../state/retry-budget.ts';
import { AccessLogWriter } from '../telemetry/access-log.ts';
import { createMetricMemory, MetricRegistry } from '../telemetry/metric-registry.ts';
import { toExplainRequest } from './explain-input.ts';
import { PriceSource } from './price-source.ts';

export type { Explanation } from '../runtime/explain.ts';

/** Undefined when the model has no listener. No connection is opened and nothing is logged. */
export async function explainOffline(model: GatewayModel, input: ExplainInput): Promise<Explanation | undefined> {
  const ids = rowIdsOf(model);
  const budgets = model.backends.map(({ id }) => retryBudgetKey(id));
  const size = Math.max(1, ids.length, budgets.length);
  const resources = createThreadResources({
    endpointMemory: createEndpointTableMemory(size, Date.now()),
    ledger: createLedgerMemory(size),
    retryBudgetMemory: createRetryBudgetMemory(size, Date.now()),
    metrics: new MetricRegistry({ buffer: createMetricMemory(), onSeries: () => {} }),
    accessLog: new AccessLogWriter({ sink: () => {} }),
    instanceName: 'switchyard-explain',
    isDraining: () => false,
    reportBug: (stack) => {
      throw new Error(stack);
    },
  });
  try {
    const rows = Object.fromEntries([...ids.entries(), ...budgets.entries()].map(([row, id]) => [id, row]));
    resources.costs.use(await new PriceSource().settingsFor(model));
    const runtime = compileRuntime(model, rows, resources, 1);
    return await runtime.explain(toExplainRequest(input));
  } finally {
    resources.close();
  }
}
