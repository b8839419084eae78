// The columns of the shared table as a balancer sees them, and shares that follow slow start.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import { TablePool } from './table-pool.ts';

const EPOCH_MS = 1_700_000_000_000;
const MEMBERS = [
  { id: 'a', row: 4, weight: 2 },
  { id: 'b', row: 1, weight: 1 },
];

function setUp(): { table: EndpointTable; pool: TablePool; clock: { nowMs: number } } {
  const table = new EndpointTable(createEndpointTableMemory(5, EPOCH_MS), createLedgerMemory(5));
  const clock = { nowMs: EPOCH_MS };
  const slowStart = { durationMs: 10_000, aggression: 1, minimum: 0.1 };
  return {
    table,
    clock,
    pool: new TablePool(MEMBERS, table, { slowStart, guard: undefined, wallMs: () => clock.nowMs }),
  };
}

test('every index reads its own row, at the time of the refresh', () => {
  const { table, pool, clock } = setUp();
  table.addInFlight(4, 3);
  table.recordAnswer(1, 20, EPOCH_MS);
  table.recordConnectFailure(4, EPOCH_MS);
  table.recordFailure(4, EPOCH_MS);
  assert.deepEqual([pool.id(0), pool.inFlight(0), pool.inFlight(1)], ['a', 3, 0]);
  assert.deepEqual([pool.latencyMicroseconds(0), pool.latencyMicroseconds(1)], [0, 20_000]);
  assert.deepEqual([pool.peakLatencyMicroseconds(1), pool.errorsPerThousand(0)], [20_000, 63]);
  assert.deepEqual([pool.usable(0), pool.usable(1)], [false, true]);
  clock.nowMs += 1000;
  assert.equal(pool.usable(0), false);
  pool.refresh();
  assert.equal(pool.usable(0), true);
});

test('a share is weight times warmth in thousandths; its change shows in the revision, and only that', () => {
  const { table, pool, clock } = setUp();
  const before = pool.refresh();
  assert.deepEqual([pool.share(0), pool.share(1), pool.warmthPerThousand(1)], [2000, 1000, 1000]);
  clock.nowMs += 60_000;
  assert.equal(pool.refresh(), before);
  table.startWarmUp(1, clock.nowMs);
  clock.nowMs += 5000;
  assert.notEqual(pool.refresh(), before);
  assert.deepEqual([pool.share(0), pool.share(1), pool.warmthPerThousand(1)], [2000, 500, 500]);
  clock.nowMs += 5000;
  pool.refresh();
  assert.equal(pool.share(1), 1000);
});

test('a warming endpoint has room below its ceiling, every endpoint without one', () => {
  const { table, pool, clock } = setUp();
  table.startWarmUp(1, clock.nowMs);
  table.addInFlight(4, 40);
  clock.nowMs += 5000;
  pool.refresh();
  table.addInFlight(1, 10);
  assert.equal(pool.hasRoom(1), true, 'half of 20, and one more');
  table.addInFlight(1, 1);
  assert.deepEqual([pool.hasRoom(0), pool.hasRoom(1)], [true, false]);
  table.recordConnectFailure(4, clock.nowMs);
  clock.nowMs += 100;
  pool.refresh();
  assert.deepEqual([pool.hasRoom(1), pool.warmthPerThousand(1)], [true, 1000], 'nobody else is up');
});
