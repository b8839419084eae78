// The clock stands still inside a turn and follows both clocks of the system from turn to turn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnClock } from './turn-clock.ts';

test('time moves at ticks only', () => {
  let monotonic = 10;
  const clock = new TurnClock(
    () => monotonic,
    () => 1000,
  );
  monotonic = 15;
  assert.equal(clock.now(), 10);
  assert.equal(clock.wall(), 1000);
  clock.tick();
  assert.equal(clock.now(), 15);
  assert.equal(clock.wall(), 1005);
});

test('a step of the wall clock is followed at the next synchronisation', () => {
  let wall = 1000;
  const clock = new TurnClock(
    () => 10,
    () => wall,
  );
  wall = 5000;
  clock.tick();
  assert.equal(clock.wall(), 1000);
  clock.synchronise();
  assert.equal(clock.wall(), 5000);
});
