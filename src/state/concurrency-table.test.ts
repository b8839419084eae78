// Places over threads, and what the limit learns from latency.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  CONCURRENCY_LEDGER_CELLS,
  ConcurrencyTable,
  createConcurrencyMemory,
  STREAMED,
  WHOLE,
} from './concurrency-table.ts';
import type { Hammering, HammerResult } from './testing/hammer-concurrency.ts';

const EPOCH_MS = 1_700_000_000_000;
const RULES = { min: 20, max: 200, initial: 20, tolerance: 1.5 };
const ROW = 2;

function createTable(memory = createConcurrencyMemory(4)) {
  const ledger = new Int32Array(4 * CONCURRENCY_LEDGER_CELLS);
  return { table: new ConcurrencyTable(memory, EPOCH_MS, ledger), ledger, memory };
}

/** Windows in which the backend is busy and every answer takes `ms`. */
function work(
  table: ConcurrencyTable,
  windows: number,
  ms: number,
  from = 0,
  kind: typeof WHOLE | typeof STREAMED = WHOLE,
): number {
  let nowMs = EPOCH_MS + from;
  for (let window = 0; window < windows; window++) {
    const limit = table.limit(ROW, RULES);
    let taken = 0;
    while (table.take(ROW, limit)) taken++;
    for (let sample = 0; sample < 20; sample++) table.sample(ROW, RULES, { kind, ms, nowMs });
    nowMs += 100;
    table.sample(ROW, RULES, { kind, ms, nowMs });
    while (taken-- > 0) table.give(ROW);
  }
  return nowMs - EPOCH_MS;
}

test('no place above the limit, and one again for each that is given back', () => {
  const { table } = createTable();
  assert.deepEqual(
    [1, 2, 3].map(() => table.take(ROW, 2)),
    [true, true, false],
  );
  table.give(ROW);
  assert.deepEqual([table.take(ROW, 2), table.take(ROW, 2), table.inFlight(ROW)], [true, false, 2]);
});

test('threads that take and give at the same time never hold more than the limit together', async () => {
  const limit = 7;
  const memory = createConcurrencyMemory(4);
  const most = new SharedArrayBuffer(8);
  const hammering: Hammering = { memory, most, row: ROW, limit, admissions: 5000 };
  const run = () =>
    new Promise<HammerResult>((resolve, reject) => {
      const worker = new Worker(new URL('./testing/hammer-concurrency.ts', import.meta.url), { workerData: hammering });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  const results = await Promise.all([run(), run(), run()]);
  assert.ok(results.every(({ admitted }) => admitted === 5000));
  assert.ok(new Int32Array(most)[1] <= limit, `${new Int32Array(most)[1]} at once`);
  assert.equal(createTable(memory).table.inFlight(ROW), 0);
});

test('what a dead thread held is taken back, in flight and waiting', () => {
  const { table, memory } = createTable();
  const dead = createTable(memory);
  table.take(ROW, 5);
  dead.table.take(ROW, 5);
  dead.table.take(ROW, 5);
  dead.table.addWaiting(ROW, 0, 1);
  dead.table.addWaiting(ROW, 2, 1);
  table.addWaiting(ROW, 2, 1);
  table.settle(dead.ledger);
  assert.deepEqual(table.describe(ROW, RULES), { limit: 20, inFlight: 1, waiting: [0, 0, 1] });
  table.settle(dead.ledger);
  assert.equal(table.inFlight(ROW), 1, 'only once');
});

test('a busy backend whose latency stays the same is given more, up to the bound', () => {
  const { table } = createTable();
  work(table, 20, 50);
  assert.ok(table.limit(ROW, RULES) > 30);
  work(table, 400, 50, 10_000);
  assert.equal(table.limit(ROW, RULES), 200);
});

test('latency three times its usual one brings the limit down, and it recovers', () => {
  const { table } = createTable();
  const calmMs = work(table, 300, 50);
  const before = table.limit(ROW, RULES);
  const slowMs = work(table, 30, 150, calmMs);
  const during = table.limit(ROW, RULES);
  assert.ok(during < before / 2, `${before} → ${during}`);
  work(table, 400, 50, slowMs);
  assert.ok(table.limit(ROW, RULES) > during * 1.5);
});

test('an idle backend keeps its limit whatever its latency does', () => {
  const { table } = createTable();
  const nowMs = EPOCH_MS + work(table, 100, 50);
  // The window in which it became idle still saw it busy.
  for (let sample = 0; sample < 20; sample++)
    table.sample(ROW, RULES, { kind: WHOLE, ms: 50, nowMs: nowMs + sample * 20 });
  const before = table.limit(ROW, RULES);
  for (let sample = 0; sample < 400; sample++)
    table.sample(ROW, RULES, { kind: WHOLE, ms: 900, nowMs: nowMs + 1000 + sample * 20 });
  assert.equal(table.limit(ROW, RULES), before);
});

test('a clock that was set back does not stop the learning', () => {
  const { table } = createTable();
  work(table, 20, 50, 3_600_000);
  const before = table.limit(ROW, RULES);
  work(table, 20, 50, 0);
  assert.ok(table.limit(ROW, RULES) > before);
});

test('one answer a hundred times slower than the others of a window moves nothing', () => {
  const { table } = createTable();
  let nowMs = EPOCH_MS + work(table, 200, 50);
  const before = table.limit(ROW, RULES);
  while (table.take(ROW, before));
  for (let window = 0; window < 20; window++) {
    for (let sample = 0; sample < 20; sample++)
      table.sample(ROW, RULES, { kind: WHOLE, ms: sample === 0 ? 5000 : 50, nowMs });
    nowMs += 100;
  }
  assert.ok(table.limit(ROW, RULES) >= before);
});

test('streams and whole answers are each compared with their own past', () => {
  const { table } = createTable();
  let from = work(table, 100, 20_000, 0, WHOLE);
  from = work(table, 100, 400, from, STREAMED);
  const before = table.limit(ROW, RULES);
  // Whole answers take fifty times as long as streams: their return is no sign of overload.
  work(table, 20, 20_000, from, WHOLE);
  assert.ok(table.limit(ROW, RULES) >= before);
});

test('bounds of a new configuration hold at once, and a row given to another backend starts afresh', () => {
  const { table } = createTable();
  work(table, 400, 50);
  assert.equal(table.limit(ROW, { ...RULES, max: 60 }), 60);
  table.clear(ROW);
  assert.equal(table.limit(ROW, RULES), 20);
});

test('a thread that waits is woken by one that gives a place back, and not missed when that came first', async () => {
  const { table } = createTable();
  const woken = table.whenWoken(ROW, table.wakeMark(ROW));
  assert.ok(woken !== undefined);
  table.wakeOne(ROW);
  await woken;
  const mark = table.wakeMark(ROW);
  table.wakeOne(ROW);
  assert.equal(table.whenWoken(ROW, mark), undefined);
});
