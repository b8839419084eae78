// The middle value, by either way of sorting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sortToMedian } from './median.ts';

test('is the lower middle of the values, whatever lies behind them', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 40 }), fc.nat(5), (list, spare) => {
      const values = new Float64Array(list.length + spare);
      values.set(list);
      const sorted = Float64Array.from(list).sort();
      const index = sortToMedian(values, list.length);
      assert.equal(values[index], sorted[(list.length - 1) >> 1]);
      assert.equal(index === -1, list.length === 0);
    }),
    { seed: 3 },
  );
});
