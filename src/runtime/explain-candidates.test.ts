// What an explanation says of candidates, from the tables that live requests read: order by cost, reasons of those that are out,
// breaker, budget and concurrency.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import { DEFAULT_BREAKER } from '../model/defaults.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { backendRowId, rowIdsOf } from '../model/row-ids.ts';
import { retryBudgetKey } from '../state/retry-budget.ts';
import { compileRuntime } from './compile.ts';
import type { ExplainedCandidate } from './explain-candidates.ts';
import { backend, gatewayModel, route, target, threadResources } from './testing/gateway-model.ts';
import type { ThreadResources } from './thread-resources.ts';

const ENDPOINTS = [1, 2, 3].map((number) => ({
  id: `up/${number}` as Id<'endpoint'>,
  url: `http://e${number}.test:80`,
  weight: number === 3 ? 0 : 1,
}));

interface Asked {
  readonly candidates: readonly ExplainedCandidate[];
  readonly endpoint: string | undefined;
}

async function ask(
  model: GatewayModel,
  prepare: (resources: ThreadResources, rowOf: (id: string) => number) => void,
): Promise<Asked> {
  const resources = threadResources();
  const keys = [...rowIdsOf(model), ...model.backends.map(({ id }) => retryBudgetKey(id))];
  const rows = Object.fromEntries(keys.map((key, row) => [key, row]));
  const runtime = compileRuntime(model, rows, resources, 1);
  prepare(resources, (id) => rows[id]);
  const request = { method: 'GET', path: '/', query: '', authority: 'gateway.test', headers: [], body: undefined };
  const { candidates = [], result } = (await runtime.explain(request)) ?? {};
  await runtime.dispose();
  resources.close();
  return { candidates, endpoint: result?.kind === 'forward' ? result.endpoint : undefined };
}

const model = gatewayModel({
  backends: [
    backend('up', {
      endpoints: ENDPOINTS,
      balancer: { name: 'least_conn', config: {} },
      breaker: { ...DEFAULT_BREAKER, consecutiveFailures: 3 },
    }),
  ],
  routes: [route('r', [target('up')])],
});

test('endpoints come in the order their balancer would rather have them, those that are out last, with the reason', async () => {
  const { candidates, endpoint } = await ask(model, ({ table }, rowOf) => table.addInFlight(rowOf('up/1'), 4));
  assert.deepEqual(candidates[0].endpoints, [
    { url: 'http://e2.test:80', cost: 0, share: 0.5, inFlight: 0, out: [] },
    { url: 'http://e1.test:80', cost: 4 / 1000, share: 0.5, inFlight: 4, out: [] },
    { url: 'http://e3.test:80', share: 0, inFlight: 0, out: ['its weight is 0'] },
  ]);
  assert.equal(endpoint, 'http://e2.test:80', 'and the first is where the request goes');
  assert.equal(candidates[0].algorithm, 'least_conn');
});

test('an endpoint that is out says why: breaker, connections', async () => {
  const { candidates, endpoint } = await ask(model, ({ table, breakers }, rowOf) => {
    breakers.force(rowOf('up/2'), 'open');
    table.recordConnectFailure(rowOf('up/2'), Date.now());
  });
  assert.deepEqual(candidates[0].endpoints.find(({ url }) => url.includes('e2'))?.out, [
    'connections failed lately',
    'its circuit breaker is forced open',
  ]);
  assert.equal(endpoint, 'http://e1.test:80');
});

test('breaker and budget of the backend', async () => {
  const { candidates } = await ask(model, ({ breakers, retryBudgets }, rowOf) => {
    breakers.force(rowOf(backendRowId('up')), 'closed');
    const budget = rowOf(retryBudgetKey('up'));
    for (let request = 0; request < 50; request++) retryBudgets.recordRequest(budget, Date.now());
    retryBudgets.take(budget, { ratio: 0.2, minPerSecond: 10 }, Date.now());
  });
  assert.equal(candidates[0].breaker, 'forced closed');
  assert.deepEqual(candidates[0].budget, { requests: 50, retries: 1, left: 109 });
});
