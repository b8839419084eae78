// Slow endpoints are left alone, failing ones never look fast, and like ones share by weight.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testBalancer } from '../balancer.contract.ts';
import { FakeChoice, FakePool, seededRandom } from '../testing/fake-pool.ts';
import { HEALTHY, p99, SLOW, simulateLoad } from '../testing/simulate-load.ts';
import { leastConnRt } from './least-conn-rt.ts';
import { roundRobin } from './round-robin.ts';

const config = { response_time_weight: 0.7, connection_count_weight: 0.3 };
testBalancer(leastConnRt, config, { tolerance: 0.012 });

const choice = new FakeChoice();

function first(pool: FakePool): number {
  return leastConnRt.compile(config, pool, { random: seededRandom(1) }).pick(choice);
}

test('brown-out of one of four: p99 stays within 1.5 times that of the healthy pool', () => {
  const run = { config, rate: 200, seconds: 60 };
  const healthy = simulateLoad(leastConnRt, [HEALTHY, HEALTHY, HEALTHY, HEALTHY], run);
  const brown = simulateLoad(leastConnRt, [HEALTHY, HEALTHY, SLOW, HEALTHY], run);
  assert.ok(p99(brown.latenciesMs) <= 1.5 * p99(healthy.latenciesMs), String(p99(brown.latenciesMs)));
  assert.ok(brown.counts[2] > 1, 'the slow one is tried again now and then');
  const turns = simulateLoad(roundRobin, [HEALTHY, HEALTHY, SLOW, HEALTHY], run);
  assert.ok(p99(turns.latenciesMs) > 10 * p99(healthy.latenciesMs), 'round robin shows what is avoided');
});

test('an endpoint that recovers gets its part again', () => {
  const recovering = { latencyMs: (random: number, nowMs: number) => (nowMs < 20_000 ? 20 : 1) * (20 + 20 * random) };
  const { counts } = simulateLoad(leastConnRt, [HEALTHY, HEALTHY, recovering], { config, rate: 100, seconds: 120 });
  assert.ok(counts[2] > 1500, String(counts));
});

test('an endpoint that fails at once is not taken for a fast one', () => {
  const failing = { latencyMs: () => 1, fails: true };
  const { counts } = simulateLoad(leastConnRt, [HEALTHY, HEALTHY, failing], { config, rate: 200, seconds: 60 });
  assert.ok(counts[2] < 120, String(counts));
});

test('property: with a tenth of errors or more, no latency and no idleness make an endpoint better than the median', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      fc.double({ min: 0.001, max: 1000, noNaN: true }),
      fc.nat(10),
      (errorRate, latencyMs, inFlight) => {
        const like = { latencyMs: 50, inFlight: 4 };
        const pool = new FakePool([{ latencyMs, inFlight: Math.min(inFlight, 4), errorRate }, like, like, like]);
        assert.notEqual(first(pool), 0);
      },
    ),
    { seed: 9 },
  );
});

test('both parts count: the quick one until it is busy, as their weights say', () => {
  const pick = (inFlight: number, response: number): number => {
    const pool = new FakePool([{ latencyMs: 10, inFlight }, { latencyMs: 100 }, { latencyMs: 100 }]);
    const parts = { response_time_weight: response, connection_count_weight: 1 - response };
    return leastConnRt.compile(parts, pool, { random: seededRandom(1) }).pick(choice);
  };
  assert.equal(pick(1, 0.7), 0);
  assert.notEqual(pick(5, 0.7), 0);
  assert.equal(pick(5, 1), 0);
  assert.notEqual(pick(1, 0), 0);
});

test('one very slow endpoint does not make the others look alike', () => {
  const pool = new FakePool([{ latencyMs: 10 }, { latencyMs: 20 }, { latencyMs: 20 }, { latencyMs: 60_000 }]);
  assert.equal(first(pool), 0);
});

const weights = { response_time_weight: 0.7, connection_count_weight: 0.3 };

function firstBy(metrics: NonNullable<Parameters<typeof leastConnRt.compile>[0]['metrics']>, pool: FakePool): number {
  return leastConnRt.compile({ ...weights, metrics }, pool, { random: seededRandom(1) }).pick(choice);
}

test('metrics choose what the score is made of', () => {
  const quickOnAverage = { latencyMs: 10, p95LatencyMs: 900, inFlight: 6 };
  const steady = { latencyMs: 40, p95LatencyMs: 50, inFlight: 2 };
  const failing = { latencyMs: 20, p95LatencyMs: 20, inFlight: 0, errorRate: 0.5 };
  const pool = () => new FakePool([quickOnAverage, steady, failing, { ...steady, p95LatencyMs: 80, inFlight: 5 }]);
  assert.equal(firstBy(['response_time', 'error_rate'], pool()), 0);
  assert.equal(firstBy(['response_time_p95', 'error_rate'], pool()), 1);
  assert.equal(firstBy(['active_connections', 'error_rate'], pool()), 1);
  assert.equal(firstBy(['active_connections'], pool()), 2, 'errors are not looked at');
});

test('metrics that leave nothing to compare by are refused', () => {
  const isAccepted = (config: object): boolean => leastConnRt.schema.parse(config).ok;
  assert.equal(isAccepted({ metrics: ['error_rate'] }), false);
  assert.equal(isAccepted({ metrics: ['active_connections'], connection_count_weight: 0 }), false);
  assert.equal(isAccepted({ metrics: ['active_connections', 'error_rate'], response_time_weight: 0 }), true);
  assert.equal(isAccepted({ metrics: ['response_times'] }), false);
});

test('update_interval: estimates are as old as it allows, requests under way never are', () => {
  const pool = new FakePool([{ latencyMs: 10 }, { latencyMs: 30 }, { latencyMs: 30 }]);
  const balancer = leastConnRt.compile({ ...weights, update_interval: 5000 }, pool, { random: seededRandom(1) });
  pool.nowMs = 0x7fffffff - 1000;
  assert.equal(balancer.pick(choice), 0);
  pool.endpoints[0].latencyMs = 3000;
  pool.nowMs += 900;
  assert.equal(balancer.pick(choice), 0, 'not looked at again yet');
  pool.endpoints[0].inFlight = 50;
  assert.notEqual(balancer.pick(choice), 0, 'it is busy now');
  pool.endpoints[0].inFlight = 0;
  pool.nowMs = (pool.nowMs + 4100) | 0;
  assert.notEqual(balancer.pick(choice), 0, 'five seconds on, over the wrap of the clock');
});

test('with old estimates a brown-out is noticed after the interval, and its p99 stays near that of the healthy pool', () => {
  const slowed = { ...config, metrics: ['active_connections', 'response_time_p95', 'error_rate'] as const };
  const run = { config: { ...slowed, update_interval: 2000 }, rate: 200, seconds: 60 };
  const healthy = simulateLoad(leastConnRt, [HEALTHY, HEALTHY, HEALTHY, HEALTHY], run);
  const brown = simulateLoad(leastConnRt, [HEALTHY, HEALTHY, SLOW, HEALTHY], run);
  assert.ok(p99(brown.latenciesMs) <= 1.5 * p99(healthy.latenciesMs), String(p99(brown.latenciesMs)));
});

test('weights that sum to nothing are refused', () => {
  const parsed = leastConnRt.schema.parse({ response_time_weight: 0, connection_count_weight: 0 });
  assert.equal(parsed.ok, false);
  assert.deepEqual(parsed.ok ? [] : parsed.problems.map(({ code, message }) => [code, message]), [
    ['config.wrong-value', 'expected weights that leave active_connections or a response time a part of the score'],
  ]);
});
