// Rows of the shared table: kept over generations, given on only when everybody let go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayModel } from '../model/gateway-model.ts';
import { EndpointRows } from './endpoint-rows.ts';

function modelWith(...ids: readonly string[]): GatewayModel {
  return { backends: [{ endpoints: ids.map((id) => ({ id })) }] } as unknown as GatewayModel;
}

function assigned(rows: EndpointRows, generation: number, ...ids: readonly string[]): Readonly<Record<string, number>> {
  const assignment = rows.assign(generation, modelWith(...ids));
  assert.ok(assignment.ok);
  return { ...assignment.rows };
}

test('an endpoint keeps its row over generations', () => {
  const rows = new EndpointRows(4, () => {});
  assert.deepEqual(assigned(rows, 1, 'a', 'b'), { a: 0, b: 1 });
  assert.deepEqual(assigned(rows, 2, 'c', 'b'), { b: 1, c: 2 });
  rows.release(1);
  assert.deepEqual(assigned(rows, 3, 'b'), { b: 1 });
});

test('a row is given on only after every generation that used it has drained, and prepared for each new endpoint', () => {
  const prepared: number[] = [];
  const rows = new EndpointRows(2, (row) => prepared.push(row));
  assigned(rows, 1, 'a', 'b');
  assigned(rows, 2, 'b');
  assert.deepEqual(rows.assign(3, modelWith('b', 'c')), { ok: false, wanted: 2, capacity: 2 });
  rows.release(1);
  assert.deepEqual(assigned(rows, 3, 'b', 'c'), { b: 1, c: 0 });
  assert.deepEqual(prepared, [0, 1, 0]);
});

test('a refused assignment holds nothing', () => {
  const rows = new EndpointRows(1, () => {});
  assert.equal(rows.assign(1, modelWith('a', 'b')).ok, false);
  assert.deepEqual(assigned(rows, 2, 'c'), { c: 0 });
});

test('free rows are taken oldest first', () => {
  const rows = new EndpointRows(3, () => {});
  assigned(rows, 1, 'a', 'b', 'c');
  rows.release(1);
  assert.deepEqual(assigned(rows, 2, 'x', 'y'), { x: 0, y: 1 });
});
