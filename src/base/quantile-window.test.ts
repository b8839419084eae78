// Quantiles of recent durations against sorted samples.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QuantileWindow } from './quantile-window.ts';

test('is at most a fifth above the sample that is the quantile', () => {
  const samples = fc.array(fc.double({ min: 0.3, max: 600_000, noNaN: true }), { minLength: 20, maxLength: 300 });
  fc.assert(
    fc.property(samples, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (values, share) => {
      const window = new QuantileWindow(10_000);
      for (const value of values) window.add(value, 0);
      const exact = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];
      const found = window.quantile(share, 20, 0);
      assert.ok(found >= exact * 0.999 && found <= exact * 1.2, `${found} for ${exact}`);
    }),
  );
});

test('says nothing before it has enough samples, and forgets those of long ago', () => {
  const window = new QuantileWindow(10_000);
  for (let sample = 0; sample < 19; sample++) window.add(100, 0);
  assert.equal(window.quantile(0.95, 20, 0), -1);
  window.add(100, 0);
  assert.ok(window.quantile(0.95, 20, 15_000) > 99);
  assert.equal(window.quantile(0.95, 20, 40_000), -1);
});

test('follows a change after one to two spans', () => {
  const window = new QuantileWindow(10_000);
  for (let ms = 0; ms < 60_000; ms += 100) window.add(ms < 30_000 ? 20 : 500, ms);
  assert.ok(window.quantile(0.5, 20, 60_000) > 499);
});
