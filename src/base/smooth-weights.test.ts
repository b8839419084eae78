// Smooth weights keep to their shares whatever is out, and start at different places.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SmoothWeights } from './smooth-weights.ts';

const all = (): boolean => true;

test('any 1,000 consecutive picks keep to the weights within one pick, whatever the phase', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (weights, phase) => {
        const picker = new SmoothWeights(weights, () => phase);
        const counts = weights.map(() => 0);
        for (let turn = 0; turn < 1000; turn++) counts[picker.pick(all)]++;
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        // The algorithm's own bound: each member is never further from its share than one pick per other member.
        for (const [index, weight] of weights.entries()) {
          assert.ok(Math.abs(counts[index] - (1000 * weight) / total) <= weights.length);
        }
      },
    ),
    { seed: 7 },
  );
});

test('a member with weight 0 is never picked, and nothing is when nobody is eligible', () => {
  const picker = new SmoothWeights([0, 3, 0], Math.random);
  for (let turn = 0; turn < 50; turn++) assert.equal(picker.pick(all), 1);
  assert.equal(
    picker.pick(() => false),
    -1,
  );
});

test('while one is out, the others share its traffic in proportion', () => {
  const picker = new SmoothWeights([2, 1, 1], () => 0);
  const counts = [0, 0, 0];
  for (let turn = 0; turn < 100; turn++) counts[picker.pick((index) => index !== 0)]++;
  assert.deepEqual(counts, [0, 50, 50]);
});

test('the phase differs: two instances do not all begin with the heaviest', () => {
  const first = [0, 0.3, 0.6, 0.9].map((phase) => new SmoothWeights([5, 4, 3], () => phase).pick(all));
  assert.ok(new Set(first).size > 1);
});

test('a clone moves on its own', () => {
  const picker = new SmoothWeights([1, 1], () => 0);
  const copy = picker.clone();
  const next = picker.clone().pick(all);
  copy.pick(all);
  copy.pick(all);
  assert.equal(picker.pick(all), next);
});

test('debts carried over a change keep the shares over the seam, whatever the scale of the weights', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.constantFrom(1, 0.01, 1000), (seam, scale) => {
      const before = new SmoothWeights([70, 30], () => 0);
      const counts = [0, 0];
      for (let turn = 0; turn < seam; turn++) counts[before.pick(all)]++;
      const after = new SmoothWeights([70 * scale, 30 * scale], () => 0.5);
      for (const index of [0, 1]) after.setDebt(index, before.debt(index));
      for (let turn = seam; turn < 1000; turn++) counts[after.pick(all)]++;
      assert.ok(Math.abs(counts[0] - 700) <= 1, `${counts}`);
    }),
    { seed: 7 },
  );
});

test('a changed weight counts from the next pick on', () => {
  const picker = new SmoothWeights([1, 1], () => 0);
  for (let turn = 0; turn < 10; turn++) picker.pick(all);
  picker.setWeight(1, 0.25);
  const counts = [0, 0];
  for (let turn = 0; turn < 1000; turn++) counts[picker.pick(all)]++;
  assert.ok(Math.abs(counts[0] - 800) <= 2, `${counts}`);
});
