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

test('failed connects pause an endpoint, longer each time, until one succeeds', () => {
  const [table] = twoThreads().tables;
  const pauses: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    table.recordConnectFailure(0, EPOCH_MS + 5000);
    let ms = 0;
    while (!table.isUsable(0, EPOCH_MS + 5000 + ms)) ms += 100;
    pauses.push(ms);
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  table.recordConnected(0);
  assert.equal(table.isUsable(0, EPOCH_MS + 5000), true);
});

test('latency follows the samples', () => {
  const [table] = twoThreads().tables;
  table.recordAnswer(2, 100);
  assert.equal(table.latencyMs(2), 100);
  table.recordAnswer(2, 200);
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
  two.settle(new Int32Array(ledgers[0]));
  assert.deepEqual([two.inFlight(0), two.connections(0)], [2, 1]);
  two.settle(new Int32Array(ledgers[0]));
  assert.deepEqual([two.inFlight(0), two.connections(0)], [2, 1]);
});
