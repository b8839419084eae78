// The retry budget against a slow list of moments, and exact while two threads hammer one row.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { createRetryBudgetMemory, RetryBudgetTable, WINDOW_SECONDS } from './retry-budget.ts';

const USUAL = { ratio: 0.2, minPerSecond: 10 };

test('a share of the requests, and a minimum', () => {
  const table = new RetryBudgetTable(createRetryBudgetMemory(2, 1000));
  const taken = (allowance: typeof USUAL) =>
    Array.from({ length: 1000 }, () => table.take(1, allowance, 1000)).filter((isTaken) => isTaken).length;
  assert.equal(taken(USUAL), 100, 'the minimum of a window, before the first request');
  for (let request = 0; request < 500; request++) table.recordRequest(1, 1000);
  assert.equal(taken(USUAL), 100, 'and a fifth of 500');
  assert.equal(taken({ ratio: 1, minPerSecond: 0 }), 300);
  assert.equal(table.retries(0, 1000), 0, 'rows know nothing of each other');
  table.clear(1);
  assert.equal(table.requests(1, 1000), 0);
});

test('what is older than the window counts no more, and a long silence leaves nothing behind', () => {
  const table = new RetryBudgetTable(createRetryBudgetMemory(1, 0));
  for (let request = 0; request < 100; request++) table.recordRequest(0, 500);
  assert.equal(table.requests(0, 9999), 100);
  assert.equal(table.requests(0, 10_000), 0);
  assert.equal(table.take(0, { ratio: 0.2, minPerSecond: 0 }, 10_000), false);
  assert.equal(table.requests(0, 3_600_000), 0);
});

test('property: as a list of moments would say', () => {
  const event = fc.record({ afterMs: fc.integer({ min: 0, max: 4000 }), isRetry: fc.boolean() });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), fc.integer({ min: 0, max: 3 }), (events, minPerSecond) => {
      const table = new RetryBudgetTable(createRetryBudgetMemory(1, 0));
      const allowance = { ratio: 0.2, minPerSecond };
      const requests: number[] = [];
      const retries: number[] = [];
      let nowMs = 0;
      for (const { afterMs, isRetry } of events) {
        nowMs += afterMs;
        const second = Math.floor(nowMs / 1000);
        const recent = (moments: readonly number[]) => moments.filter((at) => second - at < WINDOW_SECONDS).length;
        if (!isRetry) {
          table.recordRequest(0, nowMs);
          requests.push(second);
          continue;
        }
        const expected = recent(retries) + 1 <= 0.2 * recent(requests) + minPerSecond * WINDOW_SECONDS;
        assert.equal(table.take(0, allowance, nowMs), expected);
        if (expected) retries.push(second);
        assert.equal(table.retries(0, nowMs), recent(retries));
      }
    }),
    { seed: 4, numRuns: 500 },
  );
});

interface Hammered {
  readonly requests: number;
  readonly attempts: number;
}

/** One thread of a retry storm: half of all tries fail, each failure asks for a retry, up to five tries. */
const STORM = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData.module).then(({ RetryBudgetTable }) => {
    const table = new RetryBudgetTable(workerData.memory);
    const gate = new Int32Array(workerData.gate);
    let state = workerData.seed;
    const fails = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state < 0x80000000; };
    Atomics.add(gate, 0, 1);
    while (Atomics.load(gate, 0) < 2);
    let attempts = 0;
    for (let request = 0; request < workerData.requests; request++) {
      const nowMs = workerData.stepMs * Atomics.add(gate, 1, 1);
      table.recordRequest(0, nowMs);
      for (let tries = 1; ; tries++) {
        attempts++;
        if (!fails() || tries === 5 || !table.take(0, { ratio: 0.2, minPerSecond: 10 }, nowMs)) break;
      }
    }
    parentPort.postMessage({ requests: workerData.requests, attempts });
  });
`;

async function storm(requests: number, stepMs: number): Promise<Hammered & { readonly table: RetryBudgetTable }> {
  const memory = createRetryBudgetMemory(1, 0);
  // How many threads are ready, and requests so far: the clock of both.
  const gate = new SharedArrayBuffer(8);
  const module = new URL('./retry-budget.ts', import.meta.url).href;
  const done = await Promise.all(
    [1, 2].map(
      (seed) =>
        new Promise<Hammered>((resolve, reject) => {
          const workerData = { module, memory, gate, seed, requests, stepMs };
          const worker = new Worker(STORM, { eval: true, workerData });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  return {
    requests: done[0].requests + done[1].requests,
    attempts: done[0].attempts + done[1].attempts,
    table: new RetryBudgetTable(memory),
  };
}

test('two threads in one window: not one retry too many, none lost', async () => {
  const { requests, attempts, table } = await storm(50_000, 0);
  const retries = attempts - requests;
  assert.equal(table.requests(0, 0), requests);
  assert.equal(table.retries(0, 0), retries);
  assert.ok(retries <= 0.2 * requests + 100, `${retries} retries of ${requests} requests`);
  assert.ok(
    retries >= 0.19 * requests,
    `${retries} retries of ${requests} requests: nearly all that is allowed is used`,
  );
});

test('two threads, two minutes of half of all tries failing: attempts at most 1.25 × requests', async () => {
  const { requests, attempts } = await storm(60_000, 1);
  assert.ok(attempts <= 1.25 * requests, `${attempts} attempts for ${requests} requests`);
  assert.ok(attempts >= 1.15 * requests, `${attempts} attempts for ${requests} requests`);
});
