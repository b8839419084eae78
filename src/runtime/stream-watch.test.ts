// Silence and slowness by a clock that a test moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineWheel } from '../base/deadline-wheel.ts';
import { type StreamLimits, StreamWatch } from './stream-watch.ts';

const NONE: StreamLimits = { firstTokenMs: 0, heartbeatMs: 0, windowMs: 0, windowBytes: 0 };

function watched(limits: Partial<StreamLimits>) {
  let nowMs = 0;
  const wheel = new DeadlineWheel({ now: () => nowMs });
  const told: string[] = [];
  const stream = {
    bytes: 0,
    receivedBytes: () => stream.bytes,
    onSilence: () => said('beat'),
    onTooSlow: () => said('slow'),
  };
  const said = (what: string): void => void told.push(`${what} ${nowMs}`);
  const watch = new StreamWatch(wheel, { ...NONE, ...limits }, stream, 0);
  const pass = (ms: number): void => {
    for (const endMs = nowMs + ms; nowMs < endMs; ) {
      nowMs += 10;
      wheel.advance();
    }
  };
  return { told, stream, watch, pass };
}

test('a silent stream beats once per interval, one that says something does not', () => {
  const { told, stream, pass, watch } = watched({ heartbeatMs: 1000 });
  pass(2500);
  assert.equal(told.length, 2);
  stream.bytes += 10;
  pass(1000);
  assert.equal(told.length, 2);
  pass(1000);
  assert.equal(told.length, 3);
  watch.stop();
  pass(5000);
  assert.equal(told.length, 3);
});

test('less than the least of a window is too slow, and told once', () => {
  const { told, stream, pass } = watched({ windowMs: 1000, windowBytes: 100 });
  stream.bytes = 100;
  pass(1100);
  assert.deepEqual(told, []);
  stream.bytes = 199;
  pass(5000);
  assert.equal(told.length, 1);
  assert.match(told[0], /^slow 20[0-9]0$/);
});
