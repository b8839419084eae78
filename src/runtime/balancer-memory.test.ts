// Who takes over from whom: the last that served, however many were compiled and thrown away between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BalancerMemory } from './balancer-memory.ts';

/** A balancer that owes every endpoint `debt`, and takes over at its first pick. */
function succeed(memory: BalancerMemory, ids: readonly string[], debt: number) {
  const taken: (number | undefined)[] = [];
  const balancer = memory.succeed('b', ids, (earlierDebt) => ({
    pick() {
      taken.push(...ids.map(earlierDebt));
      return 0;
    },
    debt: (index) => debt + index,
  }));
  return { taken, begin: () => balancer.pick({ key: -1, region: undefined, tried: () => false }) };
}

test('debts go by the id of the endpoint; a new endpoint has none', () => {
  const memory = new BalancerMemory();
  const first = succeed(memory, ['x', 'y'], 10);
  first.begin();
  assert.deepEqual(first.taken, [undefined, undefined]);
  const second = succeed(memory, ['y', 'z', 'x'], 20);
  second.begin();
  assert.deepEqual(second.taken, [11, undefined, 10]);
});

test('a generation that never served is passed over', () => {
  const memory = new BalancerMemory();
  succeed(memory, ['x'], 10).begin();
  succeed(memory, ['x'], 20);
  succeed(memory, ['x'], 30);
  const last = succeed(memory, ['x'], 40);
  last.begin();
  assert.deepEqual(last.taken, [10]);
});

test('a backend that is gone is forgotten', () => {
  const memory = new BalancerMemory();
  succeed(memory, ['x'], 10).begin();
  memory.retain(new Set());
  const next = succeed(memory, ['x'], 20);
  next.begin();
  assert.deepEqual(next.taken, [undefined]);
});
