// The order of the list, from a random place on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testBalancer } from '../balancer.contract.ts';
import { FakeChoice, FakePool, seededRandom } from '../testing/fake-pool.ts';
import { roundRobin } from './round-robin.ts';

testBalancer(roundRobin, {}, { tolerance: 0.001 });

test('goes through the list in order, and begins at different places', () => {
  const starts = [1, 2, 3, 4, 5].map((seed) => {
    const balancer = roundRobin.compile({}, FakePool.ofWeights(1, 1, 1, 1), { random: seededRandom(seed) });
    const picks = Array.from({ length: 8 }, () => balancer.pick(new FakeChoice()));
    for (let turn = 1; turn < 8; turn++) assert.equal(picks[turn], (picks[turn - 1] + 1) % 4);
    return picks[0];
  });
  assert.ok(new Set(starts).size > 1);
});

test('weights far apart are still kept', () => {
  const balancer = roundRobin.compile({}, FakePool.ofWeights(1, 1000), { random: seededRandom(1) });
  let light = 0;
  for (let turn = 0; turn < 10_010; turn++) if (balancer.pick(new FakeChoice()) === 0) light++;
  assert.ok(light >= 9 && light <= 11, String(light));
});
