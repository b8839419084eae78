// The clock stands still inside a turn and follows both clocks of the system from turn to turn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnClock } from './turn-clock.ts';
import { readRequestAtTurnEnd } from './turn-end.ts';

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

test('the first two events of a turn whose end is to come read the clock, all others take their moment', async () => {
  let readings = 0;
  const clock = new TurnClock(
    () => ++readings,
    () => 1000,
  );
  readings = 0;
  clock.tick();
  // The work of the first event waits for the end of the turn; of the second it is known.
  readRequestAtTurnEnd({ readNow: () => assert.equal(clock.now(), 2) });
  for (let event = 0; event < 5; event++) clock.tick();
  assert.equal(readings, 2);
  await new Promise((resolve) => setImmediate(resolve));
  clock.tick();
  clock.tick();
  assert.equal(readings, 4);
});
