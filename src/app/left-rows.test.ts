// Rows of endpoints that left are given to others only when nothing counts in them any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointRows } from '../control/endpoint-rows.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import { LeftRows } from './left-rows.ts';

const MINUTE_MS = 60_000;

function lab(capacity: number) {
  const table = new EndpointTable(createEndpointTableMemory(capacity, 0), createLedgerMemory(capacity));
  // The model is not looked at: the ids are given by the test.
  let ids: readonly string[] = [];
  const rows = new EndpointRows(
    capacity,
    () => {},
    () => ids,
  );
  const left = new LeftRows(rows, table);
  let before: Readonly<Record<string, number>> = {};
  return {
    table,
    left,
    take(generation: number, wanted: readonly string[], nowMs: number): Readonly<Record<string, number>> | undefined {
      ids = wanted;
      const assigned = rows.assign(generation, {} as GatewayModel);
      if (!assigned.ok) return undefined;
      left.follow(before, new Set(wanted), nowMs);
      before = assigned.rows;
      return assigned.rows;
    },
  };
}

test('a row is free after a quiet minute without a request or a connection', () => {
  const { table, left, take } = lab(2);
  left.begin(1);
  assert.deepEqual({ ...take(1, ['a', 'b'], 0) }, { a: 0, b: 1 });
  table.addInFlight(0, 1);
  assert.deepEqual({ ...take(1, ['b'], 1000) }, { b: 1 });
  left.sweep(MINUTE_MS);
  assert.equal(take(1, ['b', 'c'], MINUTE_MS), undefined, 'too early');
  left.sweep(10 * MINUTE_MS);
  assert.equal(take(1, ['b', 'c'], MINUTE_MS), undefined, 'a request counts in it');
  table.addInFlight(0, -1);
  left.sweep(11 * MINUTE_MS);
  assert.deepEqual({ ...take(1, ['b', 'c'], 11 * MINUTE_MS) }, { b: 1, c: 0 });
});

test('who comes back keeps its row', () => {
  const { left, take } = lab(3);
  left.begin(1);
  take(1, ['a', 'b'], 0);
  take(1, ['b'], 0);
  assert.equal(take(1, ['a', 'b'], MINUTE_MS)?.a, 0);
  left.sweep(10 * MINUTE_MS);
  assert.deepEqual({ ...take(1, ['a', 'b', 'c'], 10 * MINUTE_MS) }, { a: 0, b: 1, c: 2 });
});

test('what an earlier generation still holds stays', () => {
  const { left, take } = lab(2);
  left.begin(1);
  take(1, ['a', 'b'], 0);
  left.begin(2);
  take(2, ['a', 'b'], 0);
  take(2, ['b'], 0);
  left.sweep(10 * MINUTE_MS);
  assert.equal(take(2, ['b', 'c'], 10 * MINUTE_MS), undefined);
});
