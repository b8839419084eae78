// The timer wheel against the obvious rule, with time in the test's hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Deadline, DeadlineWheel } from './deadline-wheel.ts';

class Alarm implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  readonly rangAtMs: number[] = [];

  onDeadline(nowMs: number): void {
    this.rangAtMs.push(nowMs);
  }
}

function bench(): { wheel: DeadlineWheel; runTo(ms: number): void } {
  let nowMs = 5;
  const wheel = new DeadlineWheel({ now: () => nowMs });
  return {
    wheel,
    runTo(ms) {
      while (nowMs < ms) {
        nowMs = Math.min(ms, nowMs + DeadlineWheel.tickMs);
        wheel.advance();
      }
    },
  };
}

test('rings once, not before its time and at most two ticks after', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 6, max: 40_000 }), { maxLength: 30 }), (times) => {
      const { wheel, runTo } = bench();
      const alarms = times.map((ms) => {
        const alarm = new Alarm();
        wheel.set(alarm, ms);
        return { alarm, ms };
      });
      runTo(41_000);
      for (const { alarm, ms } of alarms) {
        assert.equal(alarm.rangAtMs.length, 1);
        assert.ok(
          alarm.rangAtMs[0] >= ms && alarm.rangAtMs[0] <= ms + 2 * DeadlineWheel.tickMs,
          `${alarm.rangAtMs[0]} for ${ms}`,
        );
      }
      assert.equal(wheel.size, 0);
    }),
    { seed: 30, numRuns: 60 },
  );
});

test('moved later, moved earlier, cleared and disarmed', () => {
  const { wheel, runTo } = bench();
  const [later, earlier, cleared, disarmed] = [new Alarm(), new Alarm(), new Alarm(), new Alarm()];
  for (const alarm of [later, earlier, cleared, disarmed]) wheel.set(alarm, 500);
  wheel.set(later, 900);
  wheel.set(earlier, 100);
  cleared.deadlineMs = 0;
  wheel.disarm(disarmed);
  runTo(600);
  assert.deepEqual(
    [later, earlier, cleared, disarmed].map(({ rangAtMs }) => rangAtMs.length),
    [0, 1, 0, 0],
  );
  assert.ok(earlier.rangAtMs[0] <= 120);
  runTo(1000);
  assert.equal(later.rangAtMs.length, 1);
});

test('one that is set again while ringing rings again', () => {
  const { wheel, runTo } = bench();
  const alarm = new Alarm();
  alarm.onDeadline = (nowMs) => {
    alarm.rangAtMs.push(nowMs);
    if (alarm.rangAtMs.length < 3) wheel.set(alarm, nowMs + 50);
  };
  wheel.set(alarm, 50);
  runTo(1000);
  assert.equal(alarm.rangAtMs.length, 3);
});

test('a thread that slept through a whole turn rings everything that is due', () => {
  let nowMs = 0;
  const wheel = new DeadlineWheel({ now: () => nowMs });
  const alarms = Array.from({ length: 200 }, (_, index) => {
    const alarm = new Alarm();
    wheel.set(alarm, 100 + index * 60);
    return alarm;
  });
  nowMs = 60_000;
  wheel.advance();
  assert.ok(alarms.every(({ rangAtMs }) => rangAtMs.length === 1));
});
