// A backend whose endpoints are replaced: who stays keeps connections and state, tries under way settle where they came from, and
// who is gone leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import type { Backend } from '../model/backend.ts';
import { DEFAULT_BREAKER, DEFAULT_OUTLIER } from '../model/defaults.ts';
import { backendRowId } from '../model/row-ids.ts';
import { retryBudgetKey } from '../state/retry-budget.ts';
import type { Choice } from '../upstream/balancer.ts';
import { BackendCompilation } from './compile-backend.ts';
import { backend, threadResources } from './testing/gateway-model.ts';

const CHOICE: Choice = { key: -1, region: undefined, tried: () => false };
const FAILED = { status: 500, error: undefined };
const ROWS = { [retryBudgetKey('b')]: 0, [backendRowId('b')]: 5, 'b/1': 1, 'b/2': 2, 'b/3': 3, 'b/4': 4 };

function withEndpoints(...numbers: readonly number[]): Backend {
  const endpoints = numbers.map((number) => ({
    id: `b/${number}` as Id<'endpoint'>,
    url: `http://10.0.0.${number}:80`,
    weight: 1,
    hostName: 'svc.test',
  }));
  return backend('b', {
    endpoints,
    dns: { kind: 'address', name: 'svc.test', port: 80, isTls: false, family: 'auto' },
    breaker: { ...DEFAULT_BREAKER, consecutiveFailures: 10 },
    outlier: { ...DEFAULT_OUTLIER, consecutive5xx: 2, maxEjectionPercent: 50 },
  });
}

test('who stays keeps its connections and its row; the pool of who goes is closed', (context) => {
  const resources = threadResources();
  context.after(() => resources.close());
  const compilation = new BackendCompilation(withEndpoints(1, 2), ROWS, resources);
  const before = compilation.backend.set;
  compilation.replaceEndpoints(withEndpoints(2, 3), ROWS);
  const after = compilation.backend.set;
  assert.deepEqual(
    after.endpoints.map(({ id, row }) => [id, row]),
    [
      ['b/2', 2],
      ['b/3', 3],
    ],
  );
  assert.equal(after.endpoints[0].pool, before.endpoints[1].pool);
  compilation.replaceEndpoints(withEndpoints(1, 2), ROWS);
  assert.notEqual(compilation.backend.set.endpoints[0].pool, before.endpoints[0].pool, 'that one was closed');
  compilation.release();
});

test('a try settles in the set it was chosen from, by its index there', (context) => {
  const resources = threadResources();
  context.after(() => resources.close());
  const compilation = new BackendCompilation(withEndpoints(1, 2), ROWS, resources);
  const before = compilation.backend.set;
  const nowMs = Date.now();
  const admission = before.admit(1, nowMs);
  compilation.replaceEndpoints(withEndpoints(3, 4, 2), ROWS);
  before.settle(admission, FAILED, nowMs);
  const failures = [1, 2, 3, 4, 5].map((row) => resources.breakers.describe(row, nowMs).consecutiveFailures);
  assert.deepEqual(failures, [0, 1, 0, 0, 0]);
});

test('who is gone is no longer counted as ejected, and cannot be any more', (context) => {
  const resources = threadResources();
  context.after(() => resources.close());
  const compilation = new BackendCompilation(withEndpoints(1, 2), ROWS, resources);
  const nowMs = Date.now();
  const before = compilation.backend.set;
  const fail = (set: typeof before, index: number): void => set.settle(set.admit(index, nowMs), FAILED, nowMs);
  const late = before.admit(0, nowMs);
  fail(before, 0);
  fail(before, 0);
  assert.equal(before.guard?.isEndpointUsable(0, nowMs), false);
  compilation.replaceEndpoints(withEndpoints(2, 3), ROWS);
  for (let failure = 0; failure < 5; failure++) before.settle(late, FAILED, nowMs);
  const after = compilation.backend.set;
  fail(after, 0);
  fail(after, 0);
  assert.equal(after.guard?.isEndpointUsable(0, nowMs), false, 'the one that may be out is free');
});

test('the turns of those that stay go on', (context) => {
  const resources = threadResources();
  context.after(() => resources.close());
  const compilation = new BackendCompilation(withEndpoints(1, 2, 3), ROWS, resources);
  const picked = () => {
    const { set } = compilation.backend;
    return set.endpoints[set.balancer.pick(CHOICE)].row;
  };
  const counts = new Map<number, number>();
  for (let pick = 0; pick < 300; pick++) {
    // Replaced by the same ones, in another order, at every pick.
    compilation.replaceEndpoints(withEndpoints(...(pick % 2 === 0 ? [3, 1, 2] : [1, 2, 3])), ROWS);
    const row = picked();
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  assert.deepEqual([...counts.values()], [100, 100, 100]);
});

test('without an endpoint nobody is picked, and one that comes is', (context) => {
  const resources = threadResources();
  context.after(() => resources.close());
  const compilation = new BackendCompilation(withEndpoints(), ROWS, resources);
  const { backend: compiled } = compilation;
  assert.equal(compiled.set.balancer.pick(CHOICE), -1);
  assert.deepEqual([compiled.isUsable(Date.now()), compiled.hasChoice], [false, true]);
  assert.match(compiled.whyOut(Date.now()), /no address/);
  compilation.replaceEndpoints(withEndpoints(4), ROWS);
  assert.equal(compiled.set.balancer.pick(CHOICE), 0);
});
