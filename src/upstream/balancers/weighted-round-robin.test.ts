// Exact shares over any run of picks, slow start, and no bend in the shares when a generation takes over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testBalancer } from '../balancer.contract.ts';
import { FakeChoice, FakePool, seededRandom } from '../testing/fake-pool.ts';
import { weightedRoundRobin } from './weighted-round-robin.ts';

testBalancer(weightedRoundRobin, {}, { tolerance: 0.001 });

const choice = new FakeChoice();

test('70/30 is exact to 1 % over any 1,000 consecutive picks of two workers together', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(3000), (seed, skipped) => {
      const random = seededRandom(seed);
      const workers = [0, 1].map(() => weightedRoundRobin.compile({}, FakePool.ofWeights(70, 30), { random }));
      // The kernel spreads connections over the workers as it likes.
      const pick = (): number => workers[random() < 0.5 ? 0 : 1].pick(choice);
      for (let turn = 0; turn < skipped; turn++) pick();
      let first = 0;
      for (let turn = 0; turn < 1000; turn++) if (pick() === 0) first++;
      assert.ok(Math.abs(first - 700) <= 10, String(first));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a balancer that takes over goes on where the one before stood; endpoints that came begin level', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(), (seam, seed) => {
      const before = weightedRoundRobin.compile({}, FakePool.ofWeights(70, 30), { random: seededRandom(seed) });
      const counts = [0, 0];
      for (let turn = 0; turn < seam; turn++) counts[before.pick(choice)]++;
      const ids = FakePool.ofWeights(70, 30).endpoints.map(({ id }) => id);
      const after = weightedRoundRobin.compile({}, FakePool.ofWeights(70, 30), {
        random: seededRandom(seed + 1),
        earlierDebt: (id) => before.debt?.(ids.indexOf(id)),
      });
      for (let turn = seam; turn < 1000; turn++) counts[after.pick(choice)]++;
      assert.ok(Math.abs(counts[0] - 700) <= 2, String(counts));
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('an endpoint in slow start takes its weight times its warmth', () => {
  const pool = FakePool.ofWeights(1, 1, 1);
  const balancer = weightedRoundRobin.compile({}, pool, { random: seededRandom(1) });
  const shareOfLast = (): number => {
    let last = 0;
    for (let turn = 0; turn < 2100; turn++) if (balancer.pick(choice) === 2) last++;
    return last / 2100;
  };
  for (const warmth of [0.1, 0.5, 1]) {
    pool.endpoints[2].warmth = warmth;
    pool.touch();
    assert.ok(Math.abs(shareOfLast() - warmth / (2 + warmth)) < 0.002, String(warmth));
  }
});
