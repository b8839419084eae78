// What explanations say of hedging and of a backend that has no place left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import { DEFAULT_CONCURRENCY, DEFAULT_HEDGE_BUDGET } from '../model/defaults.ts';
import type { HedgeSettings } from '../model/hedge.ts';
import { backend, explain, gatewayModel, route, target } from './testing/gateway-model.ts';
import { Stage } from './testing/stage.ts';

const FIXED: HedgeSettings = { delay: { kind: 'fixed', ms: 200 }, max: 1, budget: DEFAULT_HEDGE_BUDGET };
const LEARNED: HedgeSettings = { ...FIXED, delay: { kind: 'quantile', share: 0.95 }, max: 2 };

function modelOf(hedge: HedgeSettings, count: number) {
  const endpoints = Array.from({ length: count }, (_, index) => ({
    id: `b/${index}` as Id<'endpoint'>,
    url: `http://b${index}.test`,
    weight: 1,
  }));
  return gatewayModel({ backends: [backend('b', { endpoints })], routes: [route('r', [target('b')], { hedge })] });
}

test('says when another endpoint is asked, or why none is', async () => {
  const hedges = [
    await explain(modelOf(FIXED, 2), { method: 'GET', path: '/x' }),
    await explain(modelOf(LEARNED, 2), { method: 'GET', path: '/x' }),
    await explain(modelOf(FIXED, 2), { method: 'POST', path: '/x', body: 'x' }),
    await explain(modelOf(FIXED, 1), { method: 'GET', path: '/x' }),
  ].map(({ hedge }) => hedge);
  assert.deepEqual(hedges, [
    'after 200 ms without a useful answer, one further try',
    'not yet: too few first tries to learn the delay from; then up to 2 further tries',
    'never: the request must not be sent twice',
    'never: no other endpoint',
  ]);
});

test('a candidate without a place says so', async () => {
  const concurrency = { ...DEFAULT_CONCURRENCY, min: 1, max: 1, initial: 1, isAdaptive: false };
  const stage = new Stage({ backends: [backend('b', { concurrency })], routes: [route('r', [target('b')])] });
  const request = { method: 'GET', path: '/x', query: '', authority: 'gateway.test', headers: [], body: undefined };
  const because = async () => (await stage.runtime.explain(request))?.candidates[0].because;
  assert.equal(await because(), 'tier 0, 100 % of its traffic');
  stage.request({ line: 'GET /x' });
  assert.equal(await because(), 'tier 0, 100 % of its traffic, has as many requests as it can take now');
  stage.answer(stage.open[0].call);
  assert.equal(await because(), 'tier 0, 100 % of its traffic');
  await stage.close();
});
