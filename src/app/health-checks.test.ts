// What the checks of a running configuration lead to: state for the workers, warm-up, lines for people, and counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/testing/virtual-clock.ts';
import type { ProbeAnswer } from '../control/health/probe.ts';
import type { Backend } from '../model/backend.ts';
import { DEFAULT_HEALTH_CHECK, DEFAULT_OUTLIER } from '../model/defaults.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { backendRowId } from '../model/row-ids.ts';
import { BreakerTable } from '../state/breaker-table.ts';
import { ConcurrencyTable } from '../state/concurrency-table.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import { HealthTable } from '../state/health-table.ts';
import { FAILED_5XX, OutlierTable } from '../state/outlier-table.ts';
import { HealthChecks } from './health-checks.ts';
import { UpstreamState } from './upstream-state.ts';

const EPOCH_MS = 1_700_000_000_000;
const CHECK = { ...DEFAULT_HEALTH_CHECK, jitter: 0, intervalMs: 1000, failingIntervalMs: 1000, endsEjection: true };
const ROWS = { [backendRowId('b')]: 0, 'b/1': 1, 'b/2': 2 };

function backendOf(parts: Partial<Backend> = {}): Backend {
  const endpoints = ['b/1', 'b/2'].map((id) => ({ id, url: `http://${id.slice(2)}.test:80`, weight: 1 }));
  const outlier = { ...DEFAULT_OUTLIER, consecutive5xx: 1, baseEjectionMs: 600_000 };
  return { id: 'b', name: 'b', endpoints, healthCheck: CHECK, outlier, ...parts } as unknown as Backend;
}

function lab() {
  const clock = new VirtualClock(EPOCH_MS);
  const memory = createEndpointTableMemory(3, EPOCH_MS);
  const endpoints = new EndpointTable(memory, createLedgerMemory(3));
  const health = new HealthTable(memory.health, EPOCH_MS);
  const outliers = new OutlierTable(memory.outliers, EPOCH_MS);
  const state = new UpstreamState({
    endpoints,
    breakers: new BreakerTable(memory.breakers, EPOCH_MS),
    outliers,
    health,
    concurrency: new ConcurrencyTable(memory.concurrency, EPOCH_MS, new Int32Array(12)),
  });
  const lines: string[] = [];
  const counted: string[] = [];
  const sick = new Map<string, ProbeAnswer>();
  const checks = new HealthChecks({
    health,
    endpoints,
    time: { after: clock.after, nowMs: clock.now, wallMs: clock.now, random: () => 0 },
    probe: ({ url }, done) => clock.after(0, () => done(sick.get(url) ?? { reason: 'none', status: 200 })),
    say: (line) => lines.push(line),
    count: (backend, result) => counted.push(`${backend} ${result}`),
  });
  const follow = (backend: Backend): void => {
    state.follow({ backends: [backend] } as unknown as GatewayModel, ROWS);
    checks.follow(state);
  };
  return { clock, endpoints, health, state, lines, counted, sick, checks, follow };
}

test('who becomes healthy again warms up; the first good probe of all is no news', () => {
  const { clock, endpoints, state, lines, counted, sick, follow } = lab();
  follow(backendOf());
  clock.advance(0);
  assert.deepEqual([lines, counted], [[], ['b good', 'b good']]);
  assert.equal(endpoints.warmForMs(1, clock.ms), Number.POSITIVE_INFINITY);
  sick.set('http://1.test:80', { reason: 'status', status: 503 });
  clock.advance(3000);
  assert.deepEqual(state.reasons(state.backends[0], 'b/1', clock.ms), ['unhealthy']);
  sick.clear();
  clock.advance(2000);
  assert.deepEqual(state.reasons(state.backends[0], 'b/1', clock.ms), []);
  assert.equal(endpoints.warmForMs(1, clock.ms + 500), 500);
  assert.equal(endpoints.warmForMs(2, clock.ms), Number.POSITIVE_INFINITY);
  assert.deepEqual(lines, [
    'health: endpoint http://1.test:80 of backend b is unhealthy: status 503',
    'health: endpoint http://1.test:80 of backend b is healthy again',
  ]);
});

test('a good probe ends an ejection only where the author says so', () => {
  for (const endsEjection of [true, false]) {
    const { clock, state, lines, follow } = lab();
    follow(backendOf({ healthCheck: { ...CHECK, endsEjection } }));
    clock.advance(500);
    const pool = state.poolOf(state.backends[0]);
    pool?.record(0, FAILED_5XX, clock.ms);
    assert.equal(pool?.isEjected(0, clock.ms), true);
    clock.advance(1000);
    assert.equal(pool?.isEjected(0, clock.ms), !endsEjection);
    assert.equal(lines.length, endsEjection ? 1 : 0);
  }
});

test('an endpoint that says so is not probed, and counts as healthy', () => {
  const { clock, state, counted, follow } = lab();
  const backend = backendOf();
  const endpoints = backend.endpoints.map((endpoint, index) => ({ ...endpoint, healthChecked: index === 0 }));
  follow({ ...backend, endpoints });
  clock.advance(5000);
  assert.equal(counted.length, 6);
  const [view] = state.view(clock.ms);
  assert.deepEqual(
    view.endpoints.map(({ usable, health }) => [usable, health?.state]),
    [
      [true, 'healthy'],
      [true, undefined],
    ],
  );
});

test('checks that end leave no mark behind', () => {
  const { clock, state, sick, checks, follow } = lab();
  sick.set('http://1.test:80', { reason: 'timeout', status: 0 });
  follow(backendOf());
  clock.advance(0);
  assert.deepEqual(state.reasons(state.backends[0], 'b/1', clock.ms), ['unhealthy']);
  const { healthCheck: _check, ...unchecked } = backendOf();
  follow(unchecked);
  follow(backendOf());
  assert.deepEqual(state.reasons(state.backends[0], 'b/1', clock.ms), []);
  checks.stop();
  follow(backendOf());
  assert.equal(clock.pending, 0, 'at the end nothing begins again');
});
