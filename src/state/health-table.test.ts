// Health by probes in a row, against the obvious reading of their history; panic; and that other threads see what was written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { createHealthMemory, type HealthState, HealthTable, type ProbeResult } from './health-table.ts';

const EPOCH_MS = 1_700_000_000_000;
const GOOD: ProbeResult = { reason: 'none', status: 200, latencyMs: 1.5 };
const BAD: ProbeResult = { reason: 'status', status: 503, latencyMs: 2 };
const RULES = { healthyThreshold: 2, unhealthyThreshold: 3 };

/** The state after a history, read from its beginning: the definition, not the counters. */
function stateAfter(history: readonly boolean[], healthy: number, unhealthy: number): HealthState {
  let state: HealthState = 'unknown';
  for (let end = 1; end <= history.length; end++) {
    const all = (length: number, value: boolean) =>
      end >= length && history.slice(end - length, end).every((each) => each === value);
    if (state === 'unknown') state = history[0] ? 'healthy' : 'unhealthy';
    else if (all(healthy, true)) state = 'healthy';
    else if (all(unhealthy, false)) state = 'unhealthy';
  }
  return state;
}

test('the state is what the history of probes says, whatever the thresholds, and the count of unhealthy ones is exact', () => {
  const step = fc.record({ endpoint: fc.integer({ min: 0, max: 2 }), isGood: fc.boolean() });
  const thresholds = fc.record({
    healthyThreshold: fc.integer({ min: 1, max: 4 }),
    unhealthyThreshold: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), thresholds, (steps, rules) => {
      const table = new HealthTable(createHealthMemory(4), EPOCH_MS);
      const histories: boolean[][] = [[], [], []];
      let now = EPOCH_MS;
      for (const { endpoint, isGood } of steps) {
        const before = table.describe(endpoint).state;
        histories[endpoint].push(isGood);
        now += 1000;
        const change = table.record(
          { row: endpoint, backendRow: 3 },
          { result: isGood ? GOOD : BAD, nowMs: now },
          rules,
        );
        const { state, sinceMs } = table.describe(endpoint);
        assert.equal(state, stateAfter(histories[endpoint], rules.healthyThreshold, rules.unhealthyThreshold));
        assert.equal(change, state === before ? undefined : state);
        if (change !== undefined) assert.equal(sinceMs, now);
      }
      const out = histories.filter(
        (history) => stateAfter(history, rules.healthyThreshold, rules.unhealthyThreshold) === 'unhealthy',
      ).length;
      // Below 34 % of three healthy, which is at none, marks are ignored: out only while at least one is not.
      const pool = table.pool({ endpoints: [0, 1, 2], backend: 3 }, 34);
      const strict = table.pool({ endpoints: [0, 1, 2], backend: 3 }, 0);
      assert.equal([0, 1, 2].filter((index) => strict.isOut(index)).length, out);
      assert.equal([0, 1, 2].filter((index) => pool.isOut(index)).length, out >= 2 ? 0 : out);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('what the last probe found is kept, and a cleared row knows nothing', () => {
  const table = new HealthTable(createHealthMemory(2), EPOCH_MS);
  table.record({ row: 0, backendRow: 1 }, { result: BAD, nowMs: EPOCH_MS + 5000 }, RULES);
  assert.deepEqual(table.describe(0), {
    state: 'unhealthy',
    reason: 'status',
    status: 503,
    sinceMs: EPOCH_MS + 5000,
    goodInRow: 0,
    failedInRow: 1,
    latencyMs: 2,
    checkedAtMs: EPOCH_MS + 5000,
    probes: 1,
  });
  table.clear(0);
  assert.deepEqual([table.describe(0).state, table.describe(0).checkedAtMs], ['unknown', 0]);
});

test('probes in a row are counted anew by new rules, and the state stays', () => {
  const table = new HealthTable(createHealthMemory(2), EPOCH_MS);
  const record = (result: ProbeResult) => table.record({ row: 0, backendRow: 1 }, { result, nowMs: EPOCH_MS }, RULES);
  record(GOOD);
  record(BAD);
  record(BAD);
  table.restart(0);
  record(BAD);
  record(BAD);
  assert.equal(table.describe(0).state, 'healthy');
  record(BAD);
  assert.equal(table.describe(0).state, 'unhealthy');
});

test('a backend with other endpoints than before counts again', () => {
  const table = new HealthTable(createHealthMemory(4), EPOCH_MS);
  for (const row of [0, 1]) table.record({ row, backendRow: 3 }, { result: BAD, nowMs: EPOCH_MS }, RULES);
  const rows = { endpoints: [1, 2], backend: 3 };
  assert.equal(table.pool(rows, 50).isOut(0), false, 'still counted with the endpoint that is gone: panic');
  table.recount(rows);
  assert.equal(table.pool(rows, 50).isOut(0), true);
});

test('another thread sees each change at once and whole', async () => {
  const rounds = 500;
  const memory = createHealthMemory(3);
  const gates = new SharedArrayBuffer(12);
  const cells = new Int32Array(gates);
  const worker = new Worker(new URL('./testing/follow-health.ts', import.meta.url), {
    workerData: { memory, rounds, gates },
  });
  const ended = new Promise<number>((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  const table = new HealthTable(memory, 0);
  for (let round = 1; round <= rounds; round++) {
    const result = round % 2 === 1 ? BAD : GOOD;
    table.record({ row: 1, backendRow: 2 }, { result, nowMs: round }, { healthyThreshold: 1, unhealthyThreshold: 1 });
    Atomics.store(cells, 0, round);
    Atomics.notify(cells, 0);
    while (Atomics.load(cells, 1) < round) {
      const waiting = Atomics.waitAsync(cells, 1, round - 1, 1000);
      if (waiting.async) await waiting.value;
    }
  }
  assert.equal(await ended, 0);
  assert.equal(cells[2], 0);
});
