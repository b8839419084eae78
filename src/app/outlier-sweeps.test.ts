// The rhythm of comparisons is kept while endpoints come and go, however often.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutlierSweeps } from './outlier-sweeps.ts';
import type { UpstreamState } from './upstream-state.ts';

test('an interval that stays the same goes on; another one begins anew; one that is gone ends', () => {
  const started: number[] = [];
  let stopped = 0;
  const sweeps = new OutlierSweeps({
    now: () => 0,
    every(intervalMs) {
      started.push(intervalMs);
      return () => stopped++;
    },
  });
  const follow = (...intervals: readonly number[]): void => {
    const backends = intervals.map((intervalMs, index) => ({ name: `b${index}`, outlier: { intervalMs } }));
    sweeps.follow({ backends, poolOf: () => undefined } as unknown as UpstreamState);
  };
  follow(1000, 2000);
  for (let change = 0; change < 5; change++) follow(1000, 2000);
  assert.deepEqual([started, stopped], [[1000, 2000], 0]);
  follow(500, 2000);
  assert.deepEqual([started, stopped], [[1000, 2000, 500], 1]);
  follow(500);
  assert.equal(stopped, 2);
  sweeps.stop();
  assert.equal(stopped, 3);
});
