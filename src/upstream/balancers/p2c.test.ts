// Slow endpoints lose both kinds of duels, unknown ones get one request to show what they can.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBalancer } from '../balancer.contract.ts';
import { FakeChoice, FakePool, seededRandom } from '../testing/fake-pool.ts';
import { HEALTHY, p99, SLOW, simulateLoad } from '../testing/simulate-load.ts';
import { p2c } from './p2c.ts';

testBalancer(p2c, {}, { tolerance: 0.012 });

test('brown-out of one of four: p99 stays within 1.5 times that of the healthy pool', () => {
  const run = { config: {}, rate: 200, seconds: 60 };
  const healthy = simulateLoad(p2c, [HEALTHY, HEALTHY, HEALTHY, HEALTHY], run);
  const brown = simulateLoad(p2c, [HEALTHY, HEALTHY, SLOW, HEALTHY], run);
  assert.ok(p99(brown.latenciesMs) <= 1.5 * p99(healthy.latenciesMs), String(p99(brown.latenciesMs)));
});

test('an endpoint that fails at once is not taken for a new one', () => {
  const failing = { latencyMs: () => 1, fails: true };
  const { counts } = simulateLoad(p2c, [HEALTHY, HEALTHY, failing], { config: {}, rate: 200, seconds: 60 });
  assert.ok(counts[2] < 120, String(counts));
});

test('a new endpoint gets one request, and no second before the first is answered', () => {
  const pool = new FakePool([{ peakLatencyMs: 50 }, { peakLatencyMs: 50 }, {}]);
  const balancer = p2c.compile({}, pool, { random: seededRandom(1) });
  const choice = new FakeChoice();
  while (balancer.pick(choice) !== 2);
  pool.endpoints[2].inFlight = 1;
  for (let turn = 0; turn < 1000; turn++) assert.notEqual(balancer.pick(choice), 2);
});
