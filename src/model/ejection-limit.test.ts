// The arithmetic of small pools, written out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ejectionLimit } from './ejection-limit.ts';

// biome-ignore format: a table is read by its columns
const LIMITS: readonly (readonly [size: number, percent: number, limit: number, limitWithLast: number])[] = [
  [1, 10, 0, 0], [1, 50, 0, 0], [1, 99, 0, 0], [1, 100, 0, 1],
  [2, 10, 0, 0], [2, 49, 0, 0], [2, 50, 1, 1], [2, 100, 1, 2],
  [3, 0, 0, 0], [3, 10, 1, 1], [3, 34, 1, 1], [3, 66, 1, 1], [3, 67, 2, 2], [3, 100, 2, 3],
  [4, 25, 1, 1], [4, 50, 2, 2], [10, 10, 1, 1], [10, 30, 3, 3], [100, 29, 29, 29],
];

test('limits of pools, by size and percent', () => {
  for (const [size, maxEjectionPercent, limit, limitWithLast] of LIMITS) {
    assert.equal(
      ejectionLimit(size, { maxEjectionPercent, mayEjectLast: false }),
      limit,
      `${size} ${maxEjectionPercent}`,
    );
    assert.equal(ejectionLimit(size, { maxEjectionPercent, mayEjectLast: true }), limitWithLast);
  }
});

test('never the last, never more than the percent from three on but one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 100 }), (size, maxEjectionPercent) => {
      const limit = ejectionLimit(size, { maxEjectionPercent, mayEjectLast: false });
      assert.ok(limit < size && limit >= 0);
      if (limit > 1) assert.ok(limit * 100 <= maxEjectionPercent * size);
    }),
    { seed: 5, numRuns: 2000 },
  );
});
