// Things happen in order of time, then of asking, and none that was called off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualTime } from './virtual-time.ts';

function runAll(time: VirtualTime, untilMs: number): void {
  while (time.step(untilMs));
}

test('property: what is asked for happens in order of time, then of asking', () => {
  const asked = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 50 }), isCalledOff: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(asked, (all) => {
      const time = new VirtualTime();
      const seen: number[] = [];
      const cancels = all.map(({ atMs }, index) => time.after(atMs, () => seen.push(index)));
      all.forEach(({ isCalledOff }, index) => {
        if (isCalledOff) cancels[index]();
      });
      runAll(time, 50);
      const kept = all.map((each, index) => ({ ...each, index })).filter(({ isCalledOff }) => !isCalledOff);
      const wanted = kept.sort((a, b) => a.atMs - b.atMs || a.index - b.index).map(({ index }) => index);
      assert.deepEqual(seen, wanted);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('time stands at what happens, and at the end of a step when nothing is left', () => {
  const time = new VirtualTime();
  const times: number[] = [];
  time.at(30, () => times.push(time.elapsedMs));
  time.at(10, () => time.after(5, () => times.push(time.elapsedMs)));
  time.at(101, () => times.push(time.elapsedMs));
  runAll(time, 100);
  assert.deepEqual(times, [15, 30]);
  assert.equal(time.elapsedMs, 100);
  assert.equal(time.wall() - time.beginWallMs, 100);
});

test('what repeats goes on until it is stopped', () => {
  const time = new VirtualTime();
  const times: number[] = [];
  const stop = time.every(10, () => {
    times.push(time.elapsedMs);
    if (times.length === 3) stop();
  });
  runAll(time, 100);
  assert.deepEqual(times, [10, 20, 30]);
});
