// The ramp, and when there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillCeilings, fillWarmth, NO_CEILING, type SlowStart, warmthAt } from './slow-start.ts';

const LINEAR: SlowStart = { durationMs: 30_000, aggression: 1, minimum: 0.1 };

function warmthOf(agesMs: readonly number[], weights: readonly number[] = agesMs.map(() => 1)): readonly number[] {
  const warmth = new Float64Array(agesMs.length);
  fillWarmth(LINEAR, { ms: Float64Array.from(agesMs), weights: Float64Array.from(weights) }, warmth);
  return [...warmth];
}

test('the ramp goes from the minimum to one, by the aggression', () => {
  assert.deepEqual(
    [0, 3000, 15_000, 29_999, 30_000, Number.POSITIVE_INFINITY].map((ms) => Math.round(warmthAt(LINEAR, ms) * 100)),
    [10, 10, 50, 100, 100, 100],
  );
  assert.equal(Math.round(warmthAt({ ...LINEAR, aggression: 2 }, 7500) * 100), 50);
  assert.equal(Math.round(warmthAt({ ...LINEAR, aggression: 0.5 }, 15_000) * 100), 25);
  assert.equal(warmthAt({ ...LINEAR, durationMs: 500 }, 0), 1);
});

test('it is skipped when more than half of the weight is new', () => {
  assert.deepEqual(warmthOf([0, 15_000, 60_000]), [1, 1, 1]);
  assert.deepEqual(warmthOf([0, 60_000]), [0.1, 1]);
  assert.deepEqual(warmthOf([15_000, 15_000, 60_000], [1, 1, 8]), [0.5, 0.5, 1]);
  assert.deepEqual(warmthOf([15_000, 60_000], [8, 1]), [1, 1]);
});

function ceilingsOf(inFlight: readonly number[], warmth: readonly number[], weights = warmth.map(() => 1)) {
  const ceilings = new Int32Array(warmth.length);
  const load = { inFlight: Float64Array.from(inFlight), weights: Float64Array.from(weights) };
  return fillCeilings(load, Float64Array.from(warmth), ceilings) ? [...ceilings] : undefined;
}

test('a warming endpoint may have its warmth of what warm ones have under way, and one more', () => {
  assert.deepEqual(ceilingsOf([40, 60, 7], [1, 1, 0.1]), [NO_CEILING, NO_CEILING, 6]);
  assert.deepEqual(ceilingsOf([0, 0, 9], [1, 1, 0.9]), [NO_CEILING, NO_CEILING, 1]);
  assert.deepEqual(ceilingsOf([20, 0], [1, 0.5], [1, 4]), [NO_CEILING, 41], 'by weight');
});

test('there is no ceiling where nobody is cold, or nobody warm is up', () => {
  assert.equal(ceilingsOf([5, 5], [1, 1]), undefined);
  assert.equal(ceilingsOf([5, 5], [1, 0.1], [0, 1]), undefined);
});
