// Drawn times have the numbers that were written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeededRandom } from '../base/seeded-random.ts';
import { type Distribution, draw, percentileOf } from './distribution.ts';

function sortedDraws(distribution: Distribution): readonly number[] {
  const random = createSeededRandom(11);
  return Array.from({ length: 40_000 }, () => draw(distribution, random)).sort((a, b) => a - b);
}

function assertNear(found: number, wanted: number, part = 0.03): void {
  assert.ok(Math.abs(found - wanted) <= wanted * part, `${found} is not near ${wanted}`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('fixed and uniform', () => {
  assert.deepEqual([...new Set(sortedDraws({ kind: 'fixed', ms: 7 }))], [7]);
  const uniform = sortedDraws({ kind: 'uniform', fromMs: 10, toMs: 30 });
  assert.ok(uniform[0] >= 10 && uniform[uniform.length - 1] <= 30);
  assertNear(percentileOf(uniform, 0.25), 15);
});

test('normal is never negative, and has its mean and deviation', () => {
  const draws = sortedDraws({ kind: 'normal', meanMs: 100, deviationMs: 10 });
  assertNear(mean(draws), 100);
  assertNear(percentileOf(draws, 0.8413), 110);
  assert.ok(sortedDraws({ kind: 'normal', meanMs: 1, deviationMs: 10 })[0] >= 0);
});

test('lognormal has its median and 99th percentile, exponential its mean', () => {
  const draws = sortedDraws({ kind: 'lognormal', medianMs: 40, p99Ms: 400 });
  assertNear(percentileOf(draws, 0.5), 40);
  assertNear(percentileOf(draws, 0.99), 400, 0.08);
  assertNear(mean(sortedDraws({ kind: 'exponential', meanMs: 50 })), 50);
});

test('measured percentiles come out as they went in', () => {
  const draws = sortedDraws({
    kind: 'percentiles',
    points: [
      [0, 0],
      [0.5, 20],
      [0.99, 100],
      [1, 500],
    ],
  });
  assertNear(percentileOf(draws, 0.5), 20);
  assertNear(percentileOf(draws, 0.99), 100, 0.1);
  assert.ok(percentileOf(draws, 1) <= 500);
});

test('a percentile is the value that so many do not exceed', () => {
  assert.equal(percentileOf([], 0.5), 0);
  assert.equal(percentileOf([1, 2, 3, 4], 0.5), 2);
  assert.equal(percentileOf([1, 2, 3, 4], 0.51), 3);
  assert.equal(percentileOf([1, 2, 3, 4], 1), 4);
});
