// Latency of places: noise moves neither verdict nor order in ten minutes; what is really slow goes out and is tried again rarely.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOOK_MS, PlaceWatch } from './place-watch.ts';
import { seededRandom } from './testing/fake-pool.ts';

const TEN_MINUTES = 600;

/** Smoothed as an endpoint smooths its answers. */
function noisy(meanMs: number, seed: number): () => number {
  const random = seededRandom(seed);
  let smoothed = meanMs;
  return () => {
    // From 0.4 to 1.6 times the mean, as the sum of two: a spread of a quarter.
    const sample = meanMs * (0.4 + 0.6 * (random() + random()));
    smoothed += (sample - smoothed) / 4;
    return smoothed;
  };
}

test('ten minutes of noise below the threshold: never out, and the place stays as near as it is', () => {
  for (let seed = 0; seed < 50; seed++) {
    const watch = new PlaceWatch(0);
    const sample = noisy(170, seed);
    const nearness = new Set<number>();
    for (let second = 1; second <= TEN_MINUTES; second++) {
      assert.equal(watch.look(sample(), 200, second * LOOK_MS), false, `seed ${seed}, second ${second}`);
      if (second > 20) nearness.add(watch.nearnessMs);
    }
    assert.ok(nearness.size <= 2, `seed ${seed}: ${[...nearness]}`);
  }
});

test('a place above its threshold goes out within seventeen seconds, and is tried a few times in ten minutes', () => {
  for (let seed = 0; seed < 20; seed++) {
    const watch = new PlaceWatch(0);
    const slow = noisy(400, seed);
    const quick = noisy(100, seed);
    let changes = 0;
    for (let second = 1; second <= 10 + TEN_MINUTES; second++) {
      // What is out gets nothing, so nothing is measured.
      const sample = second <= 5 ? quick() : watch.slow.isOut ? 0 : slow();
      if (watch.look(sample, 200, second * LOOK_MS)) changes++;
      if (second === 22) assert.equal(watch.slow.isOut, true);
    }
    assert.ok(changes >= 3 && changes <= 11, `${changes}`);
  }
});

test('a latency that nobody confirms is forgotten; how near the place was is not', () => {
  const watch = new PlaceWatch(0);
  watch.look(80, undefined, 1000);
  assert.deepEqual([watch.latencyMs, watch.nearnessMs], [80, 80]);
  watch.look(0, undefined, 62_000);
  assert.deepEqual([watch.latencyMs, watch.nearnessMs], [0, 80]);
});
