// Fewest requests for the weight, in small pools exactly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBalancer } from '../balancer.contract.ts';
import { FakeChoice, FakePool, seededRandom } from '../testing/fake-pool.ts';
import { leastConn } from './least-conn.ts';

testBalancer(leastConn, {}, { tolerance: 0.012 });

const choice = new FakeChoice();

/** Requests that never end. */
function held(pool: FakePool, requests: number): readonly number[] {
  const balancer = leastConn.compile({}, pool, { random: seededRandom(3) });
  for (let request = 0; request < requests; request++) pool.endpoints[balancer.pick(choice)].inFlight++;
  return pool.endpoints.map(({ inFlight }) => inFlight);
}

test('up to eight endpoints: requests under way stay level, by weight', () => {
  assert.deepEqual(held(FakePool.ofWeights(1, 1, 1, 1, 1, 1, 1, 1), 80), [10, 10, 10, 10, 10, 10, 10, 10]);
  assert.deepEqual(held(FakePool.ofWeights(3, 1), 80), [60, 20]);
});

test('more than eight: two choices keep the longest queue short', () => {
  const queues = held(new FakePool(Array.from({ length: 100 }, () => ({}))), 1000);
  assert.ok(Math.max(...queues) <= 14, String(Math.max(...queues)));
});

test('the busy one is passed over until the others are as busy', () => {
  const pool = FakePool.ofWeights(1, 1);
  pool.endpoints[0].inFlight = 5;
  assert.deepEqual(held(pool, 5), [5, 5]);
});

test('slow start ramps the requests under way', () => {
  const pool = new FakePool([{}, {}, { warmth: 0.25 }]);
  assert.deepEqual(held(pool, 90), [40, 40, 10]);
});
