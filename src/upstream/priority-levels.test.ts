// Load moves from level to level as endpoints go down, gradually and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weightedRoundRobin } from './balancers/weighted-round-robin.ts';
import { PriorityLevels } from './priority-levels.ts';
import { FakeChoice, FakePool, seededRandom } from './testing/fake-pool.ts';

function levels(pool: FakePool, priorities: readonly number[]): PriorityLevels {
  const options = {
    priorities,
    overprovisioning: 1.4,
    compile: (level: Parameters<typeof weightedRoundRobin.compile>[1], deps: { random(): number }) =>
      weightedRoundRobin.compile({}, level, deps),
  };
  return new PriorityLevels(pool, options, { random: seededRandom(5) });
}

function percents(balancer: PriorityLevels, size: number): readonly number[] {
  const counts = new Array<number>(size).fill(0);
  for (let turn = 0; turn < 20_000; turn++) counts[balancer.pick(new FakeChoice())]++;
  return counts.map((count) => Math.round(count / 200));
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  for (const [index, percent] of expected.entries())
    assert.ok(Math.abs(actual[index] - percent) <= 1, `${actual}, expected ${expected}`);
}

test('the lowest number carries everything until less than 71 % of it is up; then the next takes what is over', () => {
  const pool = FakePool.ofWeights(1, 1, 1, 1, 1, 1);
  const balancer = levels(pool, [3, 3, 3, 3, 7, 7]);
  assertNear(percents(balancer, 6), [25, 25, 25, 25, 0, 0]);
  pool.endpoints[0].isUp = false;
  assertNear(percents(balancer, 6), [0, 33, 33, 33, 0, 0]);
  pool.endpoints[1].isUp = false;
  assertNear(percents(balancer, 6), [0, 0, 35, 35, 15, 15]);
  pool.endpoints[2].isUp = false;
  assertNear(percents(balancer, 6), [0, 0, 0, 35, 33, 33]);
  pool.endpoints[3].isUp = false;
  assertNear(percents(balancer, 6), [0, 0, 0, 0, 50, 50]);
  for (const index of [0, 1, 2, 3]) pool.endpoints[index].isUp = true;
  assertNear(percents(balancer, 6), [25, 25, 25, 25, 0, 0]);
});

test('when all levels together cannot carry the whole, they share it in proportion to what they can', () => {
  const pool = FakePool.ofWeights(1, 1, 1, 1, 1, 1, 1, 1);
  for (const index of [1, 2, 3, 5, 6, 7]) pool.endpoints[index].isUp = false;
  assertNear(percents(levels(pool, [0, 0, 0, 0, 1, 1, 1, 1]), 8), [50, 0, 0, 0, 50, 0, 0, 0]);
});

test('a request that failed at one level goes on to the others, every endpoint once, live ones first', () => {
  const pool = FakePool.ofWeights(1, 1, 0, 1);
  pool.endpoints[1].isUp = false;
  const balancer = levels(pool, [0, 0, 0, 1]);
  const choice = new FakeChoice();
  const order: number[] = [];
  for (let index = balancer.pick(choice); index !== -1; index = balancer.pick(choice)) {
    order.push(index);
    choice.triedIndexes.add(index);
  }
  assert.deepEqual(order.slice(0, 2).sort(), [0, 3]);
  assert.deepEqual(order.slice(2), [1]);
});

test('debts are those of the level', () => {
  const balancer = levels(FakePool.ofWeights(70, 30, 1), [0, 0, 1]);
  balancer.pick(new FakeChoice());
  assert.ok(Math.abs(balancer.debt(0) + balancer.debt(1)) < 1e-9);
  assert.notEqual(balancer.debt(0), 0);
});
