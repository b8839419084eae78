// Ejection of outliers: rows of failures, times, decay, and a limit that holds for every order of events and for two real threads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import {
  createOutlierMemory,
  FAILED_5XX,
  FAILED_GATEWAY,
  FAILED_LOCAL,
  type OutlierPool,
  type OutlierRules,
  OutlierTable,
} from './outlier-table.ts';

const EPOCH_MS = 1_700_000_000_000;
const RULES: OutlierRules = { inRow: [3, 0, 2], baseMs: 1000, maxMs: 3000, limit: 1, panicPercent: 0 };

function poolsOf(size: number, rules: Partial<OutlierRules> = {}): readonly OutlierPool[] {
  const memory = createOutlierMemory(size + 1);
  const rows = { endpoints: Array.from({ length: size }, (_, row) => row), backend: size };
  return [0, 1].map(() => new OutlierTable(memory, EPOCH_MS).pool(rows, { ...RULES, ...rules }));
}

function fail(pool: OutlierPool, index: number, nowMs = EPOCH_MS): void {
  for (let failure = 0; failure < 3; failure++) pool.record(index, FAILED_5XX, nowMs);
}

test('each kind of failure has a row of its own, which an attempt without that kind ends', () => {
  const [one, two] = poolsOf(2);
  one.record(0, FAILED_5XX, EPOCH_MS);
  two.record(0, FAILED_5XX + FAILED_GATEWAY, EPOCH_MS);
  one.record(0, 0, EPOCH_MS);
  one.record(0, FAILED_5XX, EPOCH_MS);
  two.record(0, FAILED_5XX + FAILED_GATEWAY + FAILED_LOCAL, EPOCH_MS);
  assert.equal(one.isEjected(0, EPOCH_MS), false);
  one.record(0, FAILED_5XX + FAILED_GATEWAY + FAILED_LOCAL, EPOCH_MS);
  assert.equal(two.isEjected(0, EPOCH_MS), true);
  assert.equal(two.ejection(0, EPOCH_MS)?.cause, 'consecutive-5xx');
  assert.equal(two.isEjected(1, EPOCH_MS), false);
});

test('each ejection lasts longer, up to the longest, and decays while the endpoint is in', () => {
  const [pool] = poolsOf(2);
  let nowMs = EPOCH_MS;
  for (const lengthMs of [1000, 2000, 3000, 3000]) {
    fail(pool, 0, nowMs);
    assert.equal(pool.isEjected(0, nowMs + lengthMs - 1), true, `${lengthMs}`);
    nowMs += lengthMs;
    assert.equal(pool.isEjected(0, nowMs), false);
  }
  for (let interval = 0; interval < 3; interval++) pool.decay(0);
  fail(pool, 0, nowMs);
  pool.decay(0);
  assert.deepEqual(pool.ejection(0, nowMs), { cause: 'consecutive-5xx', untilMs: nowMs + 2000, count: 2 });
});

test('as soon as one is back another may go', () => {
  const [one, two] = poolsOf(3);
  fail(one, 0);
  fail(two, 1);
  assert.deepEqual([one.isEjected(0, EPOCH_MS), one.isEjected(1, EPOCH_MS)], [true, false]);
  two.record(1, FAILED_5XX, EPOCH_MS + 1000);
  assert.deepEqual([one.isEjected(0, EPOCH_MS + 1000), one.isEjected(1, EPOCH_MS + 1000)], [false, true]);
});

test('in panic nobody counts as ejected, and who is out is still known', () => {
  const [pool] = poolsOf(4, { limit: 3, panicPercent: 50 });
  for (const [index, ejected] of [
    [0, 1],
    [1, 2],
    [2, 0],
  ]) {
    fail(pool, index);
    assert.equal([0, 1, 2, 3].filter((each) => pool.isEjected(each, EPOCH_MS)).length, ejected);
  }
  assert.equal(pool.ejection(2, EPOCH_MS)?.cause, 'consecutive-5xx');
});

test('the limit holds in every order of events over two threads, for pools of one to four', () => {
  const event = fc.oneof(
    fc.record({ does: fc.constant('fail' as const), thread: fc.nat({ max: 1 }), index: fc.nat({ max: 3 }) }),
    fc.record({ does: fc.constant('laggard' as const), thread: fc.nat({ max: 1 }), index: fc.nat({ max: 3 }) }),
    fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12 }) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.nat({ max: 4 }),
      fc.array(event, { maxLength: 60 }),
      (size, most, events) => {
        const limit = Math.min(most, size);
        const pools = poolsOf(size, { limit });
        const outUntil = new Array<number>(size).fill(0);
        let nowMs = EPOCH_MS;
        for (const one of events) {
          if (one.does === 'wait') nowMs += one.ms * 100;
          else {
            const index = one.index % size;
            const mayGo = outUntil[index] <= nowMs && outUntil.filter((until) => until > nowMs).length < limit;
            // One that is out by the calendar but that nobody looked at since may still be marked: looking is what takes it back.
            pools[one.thread].isEjected(index, nowMs);
            if (one.does === 'fail') fail(pools[one.thread], index, nowMs);
            else assert.equal(pools[one.thread].ejectLaggard(index, nowMs), mayGo);
            if (mayGo) outUntil[index] = pools[0].ejection(index, nowMs)?.untilMs ?? 0;
          }
          const isOut = outUntil.map((until) => until > nowMs);
          assert.deepEqual(
            isOut,
            Array.from({ length: size }, (_, index) => pools[1].isEjected(index, nowMs)),
          );
          assert.equal(pools[0].outCount, isOut.filter((out) => out).length);
          assert.ok(pools[0].outCount <= limit);
        }
      },
    ),
    { seed: 17, numRuns: 1500 },
  );
});

test('two threads at once eject exactly as many as may go', async () => {
  const rounds = 300;
  const memory = createOutlierMemory(rounds * 4);
  const barrier = new SharedArrayBuffer(rounds * 4);
  const workerData = { memory, barrier, epochMs: EPOCH_MS, rounds, rules: { ...RULES, limit: 2 } };
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./testing/hammer-outliers.ts', import.meta.url), { workerData });
      worker.once('exit', () => resolve());
      worker.once('error', reject);
    });
  await Promise.all([run(), run()]);
  for (let round = 0; round < rounds; round++) {
    const first = round * 4;
    const rows = { endpoints: [first, first + 1, first + 2], backend: first + 3 };
    const pool = new OutlierTable(memory, EPOCH_MS).pool(rows, RULES);
    assert.equal(pool.outCount, 2);
    assert.equal([0, 1, 2].filter((index) => pool.isEjected(index, EPOCH_MS)).length, 2);
  }
});

test('after the death of a thread in the middle of an ejection the count is right again', () => {
  const memory = createOutlierMemory(3);
  const pool = new OutlierTable(memory, EPOCH_MS).pool({ endpoints: [0, 1], backend: 2 }, RULES);
  const cells = new Int32Array(memory);
  cells[5] = 1;
  cells[2 * 12 + 9] = 1;
  fail(pool, 1);
  assert.equal(pool.isEjected(1, EPOCH_MS), false, 'the place is taken by nobody');
  pool.recount();
  fail(pool, 1);
  assert.equal(pool.isEjected(1, EPOCH_MS), true);
});

test('who comes back is told once, to whoever saw it first, and may come back before the time', () => {
  const memory = createOutlierMemory(3);
  const told: number[][] = [];
  const rows = { endpoints: [0, 1], backend: 2 };
  const [one, two] = [0, 1].map(() =>
    new OutlierTable(memory, EPOCH_MS).pool(rows, RULES, (row, nowMs) => told.push([row, nowMs - EPOCH_MS])),
  );
  fail(one, 0);
  assert.equal(two.isEjected(0, EPOCH_MS + 999), true);
  assert.equal(two.isEjected(0, EPOCH_MS + 1000), false);
  assert.equal(one.isEjected(0, EPOCH_MS + 1100), false);
  fail(one, 1, EPOCH_MS + 2000);
  assert.equal(two.readmit(1, EPOCH_MS + 2100), true);
  assert.equal(one.readmit(1, EPOCH_MS + 2100), false);
  assert.deepEqual(told, [
    [0, 1000],
    [1, 2100],
  ]);
  assert.equal(one.outCount, 0);
});
