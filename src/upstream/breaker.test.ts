// Two breakers behind one admission: what one takes is given back when the other refuses, and outcomes reach both.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import { BreakerTable, createBreakerMemory } from '../state/breaker-table.ts';
import { createHealthMemory, HealthTable } from '../state/health-table.ts';
import type { BreakerRules } from '../state/shared-breaker.ts';
import { isGatewayFailure, isLocalFailure, outcomeOf } from './attempt-result.ts';
import { BACKEND_REFUSED, BackendGuard, ENDPOINT_REFUSED, isProbing } from './breaker.ts';

const NOW = 1_700_000_000_000;
const RULES: BreakerRules = {
  consecutiveFailures: 2,
  openAtSuccessRate: -1,
  minOutcomes: 1,
  windowMs: 1000,
  openMs: 1000,
  maxOpenMs: 1000,
  jitter: 0,
  stableMs: 1000,
  probes: 1,
  quorum: 1,
  probeMs: 1000,
};
const FAILED = { status: 500, error: undefined };
const GOOD = { status: 200, error: undefined };

function guardOf(endpoints: number): { guard: BackendGuard; table: BreakerTable } {
  const table = new BreakerTable(createBreakerMemory(endpoints + 1), NOW);
  const breaker = (row: number) => table.breaker(row, RULES, { random: () => 0 });
  const guard = new BackendGuard({
    backend: breaker(endpoints),
    endpoints: Array.from({ length: endpoints }, (_, row) => breaker(row)),
    outliers: undefined,
    health: undefined,
  });
  return { guard, table };
}

function fail(guard: BackendGuard, index: number): void {
  guard.settle(guard.admit(index, NOW), FAILED, NOW);
}

test('a failure reaches the breaker of its endpoint, whatever the index, and not that of a backend with others', () => {
  for (const index of [0, 1, 499]) {
    const { guard, table } = guardOf(500);
    fail(guard, index);
    assert.equal(table.describe(index, NOW).consecutiveFailures, 1);
    assert.equal(table.describe(500, NOW).consecutiveFailures, 0);
    assert.equal(table.describe(index === 0 ? 1 : 0, NOW).consecutiveFailures, 0);
  }
});

test('a backend whose only endpoint has no breaker of its own counts for itself', () => {
  const { guard, table } = guardOf(0);
  fail(guard, 0);
  assert.equal(table.describe(0, NOW).consecutiveFailures, 1);
  fail(guard, 0);
  assert.equal(table.describe(0, NOW).state, 'open');
});

test('any number of failures at one endpoint leaves the backend in use; it opens with its last endpoint', () => {
  const { guard, table } = guardOf(2);
  const underWay = Array.from({ length: 20 }, () => guard.admit(0, NOW));
  for (const admission of underWay) guard.settle(admission, FAILED, NOW);
  assert.deepEqual(
    [0, 1, 2].map((row) => table.describe(row, NOW).state),
    ['open', 'closed', 'closed'],
  );
  assert.ok(guard.admit(1, NOW) > 0);
  fail(guard, 1);
  assert.equal(table.describe(2, NOW).state, 'closed');
  fail(guard, 1);
  assert.deepEqual(
    [0, 1, 2].map((row) => table.describe(row, NOW).state),
    ['open', 'open', 'open'],
  );
});

test('a probe of the backend is given back when the endpoint refuses', () => {
  const { guard, table } = guardOf(2);
  for (const index of [0, 0, 1, 1]) fail(guard, index);
  assert.equal(table.describe(2, NOW).state, 'open', 'no endpoint is left');
  table.force(0, 'open');
  const later = NOW + 1000;
  assert.equal(guard.isEndpointUsable(0, later), false);
  assert.equal(guard.admit(0, later), ENDPOINT_REFUSED);
  const admission = guard.admit(1, later);
  assert.equal(isProbing(admission), true, 'the only probe is still there for the other endpoint');
  assert.equal(guard.admit(1, later), BACKEND_REFUSED);
  guard.settle(admission, GOOD, later);
  assert.equal(table.describe(2, later).state, 'closed');
  assert.equal(table.describe(0, later).force, 'open');
});

test('a backend that is out refuses before any endpoint is asked', () => {
  const { guard, table } = guardOf(2);
  table.force(2, 'open');
  assert.equal(guard.isBackendUsable(NOW), false);
  assert.equal(guard.admit(0, NOW), BACKEND_REFUSED);
  assert.deepEqual(
    [0, 1].map((row) => table.describe(row, NOW).state),
    ['closed', 'closed'],
  );
});

test('every error code of an attempt is read in one way', () => {
  const abandoned = (code: string) => outcomeOf({ status: 0, error: code }) === 'abandoned';
  const ofUpstream = (Object.keys(ERROR_CODES) as ErrorCode[]).filter(
    (code) => ERROR_CODES[code].source === 'upstream',
  );
  for (const code of ofUpstream) assert.equal(abandoned(code), false, code);
  for (const code of ['request.aborted', 'request.body-timeout', 'upstream.connection-limit', 'gateway.draining'])
    assert.equal(abandoned(code), true, code);
  const outcomes = [0, 101, 200, 404, 429, 500, 503].map((status) => outcomeOf({ status, error: undefined }));
  assert.deepEqual(outcomes, ['abandoned', 'success', 'success', 'success', 'throttled', 'failure', 'failure']);
  assert.equal(outcomeOf({ status: 200, error: 'upstream.cut' }), 'failure');
  assert.deepEqual(
    [500, 502, 503, 504, 505].map((status) => isGatewayFailure({ status, error: undefined })),
    [false, true, true, true, false],
  );
  assert.equal(isGatewayFailure({ status: 0, error: 'upstream.first-byte-timeout' }), true);
  assert.equal(isLocalFailure({ status: 0, error: 'upstream.dns-failed' }), true);
  assert.equal(isLocalFailure({ status: 0, error: 'upstream.reset' }), false);
});

test('an unhealthy endpoint is refused where an ejected one is only passed over, and the backend is not', () => {
  const health = new HealthTable(createHealthMemory(3), NOW);
  const rows = { endpoints: [0, 1], backend: 2 };
  const guard = new BackendGuard({
    backend: undefined,
    endpoints: [],
    outliers: undefined,
    health: health.pool(rows, 0),
  });
  const rules = { healthyThreshold: 1, unhealthyThreshold: 1 };
  const record = (reason: 'none' | 'timeout') =>
    health.record({ row: 0, backendRow: 2 }, { result: { reason, status: 0, latencyMs: 1 }, nowMs: NOW }, rules);
  assert.equal(guard.isEndpointUsable(0, NOW), true, 'not probed yet');
  record('timeout');
  assert.deepEqual([guard.isEndpointUsable(0, NOW), guard.isUnhealthy(0), guard.admit(0, NOW)], [false, true, 0]);
  assert.ok(guard.isBackendUsable(NOW) && guard.admit(1, NOW) > 0);
  record('none');
  assert.ok(guard.isEndpointUsable(0, NOW) && guard.admit(0, NOW) > 0);
});

test('an endpoint whose breaker closed warms up, once', () => {
  const table = new BreakerTable(createBreakerMemory(1), NOW);
  const closedAt: number[] = [];
  const breaker = table.breaker(0, RULES, { random: () => 0, onClosed: (nowMs) => closedAt.push(nowMs) });
  for (let failure = 0; failure < 2; failure++) breaker.record('failure', breaker.admit(NOW), NOW);
  const probe = breaker.admit(NOW + 1000);
  breaker.record('success', probe, NOW + 1500);
  breaker.record('success', breaker.admit(NOW + 1600), NOW + 1600);
  assert.deepEqual(closedAt, [NOW + 1500]);
});
