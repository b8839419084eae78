// Counters shared by threads: exact limits, pauses after failures, and what a dead thread leaves behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from './endpoint-table.ts';

const EPOCH_MS = 1_700_000_000_000;

function twoThreads(): { tables: readonly EndpointTable[]; ledgers: readonly SharedArrayBuffer[] } {
  const memory = createEndpointTableMemory(3, EPOCH_MS);
  const ledgers = [createLedgerMemory(3), createLedgerMemory(3)];
  return { tables: ledgers.map((ledger) => new EndpointTable(memory, ledger)), ledgers };
}

test('a limit on connections is exact over threads', () => {
  const [one, two] = twoThreads().tables;
  assert.deepEqual(
    [one, two, one, two].map((table) => table.takeConnection(1, 3)),
    [true, true, true, false],
  );
  assert.equal(one.connections(1), 3);
  assert.equal(one.connections(0), 0);
  two.giveConnection(1);
  assert.equal(one.takeConnection(1, 3), true);
});

test('a limit on waiting requests is exact over threads', () => {
  const [one, two] = twoThreads().tables;
  assert.deepEqual(
    [one, two, one, two].map((table) => table.takePending(1, 2)),
    [true, true, false, false],
  );
  one.givePending(1);
  assert.equal(two.takePending(1, 2), true);
  assert.equal(one.takePending(0, 0), false);
});

test('failed connects pause an endpoint, longer each time, until one succeeds', () => {
  const [table] = twoThreads().tables;
  const pauses: number[] = [];
  let failedMs = EPOCH_MS + 5000;
  for (let failure = 0; failure < 8; failure++) {
    table.recordConnectFailure(0, failedMs);
    let ms = 0;
    while (!table.isUsable(0, failedMs + ms)) ms += 100;
    pauses.push(ms);
    failedMs += ms;
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  table.recordConnected(0, failedMs);
  assert.equal(table.isUsable(0, failedMs), true);
});

test('connects that fail while the pause runs, in any thread, are of the same outage: it grows no longer by them', () => {
  const { tables } = twoThreads();
  for (let failure = 0; failure < 50; failure++) tables[failure % 2].recordConnectFailure(0, EPOCH_MS + 5000 + failure);
  assert.equal(tables[0].isUsable(0, EPOCH_MS + 5900), false);
  assert.equal(tables[0].isUsable(0, EPOCH_MS + 6000), true, 'one second, as after a single failure');
  for (let failure = 0; failure < 50; failure++) tables[failure % 2].recordConnectFailure(0, EPOCH_MS + 6000 + failure);
  assert.equal(tables[0].isUsable(0, EPOCH_MS + 7900), false);
  assert.equal(tables[0].isUsable(0, EPOCH_MS + 8000), true, 'two seconds, as after a second one');
});

test('latency follows the samples', () => {
  const [table] = twoThreads().tables;
  table.recordAnswer(2, 100, EPOCH_MS);
  assert.equal(table.latencyMs(2), 100);
  table.recordAnswer(2, 200, EPOCH_MS);
  assert.equal(table.latencyMs(2), 125);
  assert.equal(table.requests(2), 2);
});

test('what a dead thread held is taken back, and only that', () => {
  const { tables, ledgers } = twoThreads();
  const [one, two] = tables;
  one.addInFlight(0, 5);
  two.addInFlight(0, 2);
  one.takeConnection(0, 10);
  two.takeConnection(0, 10);
  one.takePending(0, 1);
  assert.equal(two.takePending(0, 1), false);
  two.settle(new Int32Array(ledgers[0]));
  assert.deepEqual([two.inFlight(0), two.connections(0)], [2, 1]);
  two.settle(new Int32Array(ledgers[0]));
  assert.deepEqual([two.inFlight(0), two.connections(0)], [2, 1]);
  assert.equal(two.takePending(0, 1), true);
});

test('what is not confirmed by answers fades, and the first answer after a pause counts for more', () => {
  const [table] = twoThreads().tables;
  table.recordAnswer(0, 1000, EPOCH_MS);
  assert.equal(table.latencyMicroseconds(0, 99), 1_000_000);
  assert.ok(table.latencyMicroseconds(0, 30_000) < 50_000);
  assert.equal(table.latencyMs(0), 1000);
  table.recordAnswer(0, 10, EPOCH_MS + 60_000);
  assert.ok(table.latencyMs(0) < 15);
});

test('the peak estimate jumps up and comes down slowly', () => {
  const [table, other] = twoThreads().tables;
  table.recordAnswer(0, 10, EPOCH_MS);
  table.recordAnswer(0, 500, EPOCH_MS + 1);
  assert.equal(other.peakLatencyMicroseconds(0, other.stamp(EPOCH_MS + 1)), 500_000);
  for (let ms = 2; ms <= 5001; ms++) table.recordAnswer(0, 10, EPOCH_MS + ms);
  const later = table.peakLatencyMicroseconds(0, 5001) / 1000;
  // 10 + 490 / e^0.5: many small steps lose nothing to rounding.
  assert.ok(Math.abs(later - 307.2) < 2, String(later));
});

test('one answer in twenty is longer than the estimate of the 95th percentile', () => {
  const [table] = twoThreads().tables;
  // Park and Miller's generator.
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed / 0x7fffffff;
  };
  let nowMs = EPOCH_MS;
  let longer = 0;
  const answers = 20_000;
  for (let answer = 0; answer < answers; answer++) {
    const firstByteMs = 20 * Math.exp(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) * 0.8);
    if (firstByteMs * 1000 > table.p95LatencyMicroseconds(0, table.stamp(nowMs))) longer++;
    nowMs += 1;
    table.recordAnswer(0, firstByteMs, nowMs);
  }
  assert.ok(longer / answers > 0.045 && longer / answers < 0.065, String(longer / answers));
});

test('the percentile follows a brown-out within a dozen answers, and fades like the other estimates', () => {
  const [table] = twoThreads().tables;
  const p95Ms = (nowMs: number): number => table.p95LatencyMicroseconds(0, table.stamp(nowMs)) / 1000;
  for (let answer = 0; answer < 100; answer++) table.recordAnswer(0, 20, EPOCH_MS + answer);
  assert.ok(p95Ms(EPOCH_MS + 100) >= 18 && p95Ms(EPOCH_MS + 100) < 26, String(p95Ms(EPOCH_MS + 100)));
  for (let answer = 0; answer < 13; answer++) table.recordAnswer(0, 200, EPOCH_MS + 100 + answer);
  assert.ok(p95Ms(EPOCH_MS + 113) > 150, String(p95Ms(EPOCH_MS + 113)));
  assert.ok(p95Ms(EPOCH_MS + 60_000) < 2);
});

test('failing quickly is no speed, and shows as an error rate', () => {
  const [table] = twoThreads().tables;
  table.recordErrorAnswer(0, 1, EPOCH_MS);
  assert.equal(table.latencyMs(0), 0);
  table.recordAnswer(1, 100, EPOCH_MS);
  for (let turn = 0; turn < 100; turn++) table.recordErrorAnswer(1, 1, EPOCH_MS);
  assert.equal(table.latencyMs(1), 100);
  assert.ok(table.errorsPerThousand(1, 0) > 990);
  assert.ok(table.errorsPerThousand(1, 30_000) < 60);
  for (let turn = 0; turn < 200; turn++) table.recordAnswer(1, 100, EPOCH_MS);
  assert.equal(table.errorsPerThousand(1, 0), 0);
  table.recordFailure(2, EPOCH_MS);
  assert.equal(table.errorsPerThousand(2, 0), 63);
  assert.equal(table.failures(2), 1);
});

test('warm-up counts from the start, and again when an endpoint comes back', () => {
  const [table] = twoThreads().tables;
  assert.equal(table.warmForMs(0, EPOCH_MS), Number.POSITIVE_INFINITY);
  table.startWarmUp(0, EPOCH_MS);
  assert.equal(table.warmForMs(0, EPOCH_MS + 700), 700);
  table.recordConnected(0, EPOCH_MS + 5000);
  assert.equal(table.warmForMs(0, EPOCH_MS + 6000), 6000);
  table.recordConnectFailure(0, EPOCH_MS + 6000);
  table.recordConnected(0, EPOCH_MS + 8000);
  assert.equal(table.warmForMs(0, EPOCH_MS + 9000), 1000);
});
