// Pauses between tries: bounds of every kind of jitter, and that each of them is reached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Backoff, Jitter } from '../model/retry.ts';
import { pauseMs, plainPauseMs } from './backoff.ts';

const EXPONENTIAL: Backoff = { kind: 'exponential', baseMs: 100, maxMs: 5000, multiplier: 2, jitter: 'none' };
const LINEAR: Backoff = { kind: 'linear', baseMs: 500, maxMs: 1200, multiplier: 1, jitter: 'none' };
const LAST = 1 - 2 ** -53;

test('exponential and linear, up to their maximum', () => {
  const pauses = (backoff: Backoff) => [1, 2, 3, 4, 7, 2000].map((retry) => plainPauseMs(backoff, retry));
  assert.deepEqual(pauses(EXPONENTIAL), [100, 200, 400, 800, 5000, 5000]);
  assert.deepEqual(pauses(LINEAR), [500, 1000, 1200, 1200, 1200, 1200]);
});

test('jitter spreads from its lower to its upper bound', () => {
  const bounds = (jitter: Jitter, previousMs: number) =>
    [0, LAST].map((value) => Math.round(pauseMs({ ...EXPONENTIAL, jitter }, { retry: 3, previousMs }, () => value)));
  assert.deepEqual(bounds('none', 0), [400, 400]);
  assert.deepEqual(bounds('full', 0), [0, 400]);
  assert.deepEqual(bounds('equal', 0), [200, 400]);
  assert.deepEqual(bounds('decorrelated', 0), [100, 100]);
  assert.deepEqual(bounds('decorrelated', 200), [100, 600]);
  assert.deepEqual(bounds('decorrelated', 4000), [100, 5000]);
});

test('a pause is never negative and never above the maximum', () => {
  const backoff = fc.record({
    kind: fc.constantFrom('exponential', 'linear'),
    baseMs: fc.integer({ min: 0, max: 10_000 }),
    maxMs: fc.integer({ min: 0, max: 60_000 }),
    multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
    jitter: fc.constantFrom('none', 'full', 'equal', 'decorrelated'),
  }) as fc.Arbitrary<Backoff>;
  fc.assert(
    fc.property(backoff, fc.array(fc.double({ min: 0, max: LAST, noNaN: true }), { maxLength: 30 }), (given, draws) => {
      let previousMs = 0;
      for (const [index, draw] of draws.entries()) {
        previousMs = pauseMs(given, { retry: index + 1, previousMs }, () => draw);
        assert.ok(previousMs >= 0 && previousMs <= given.maxMs, `${previousMs}`);
        if (given.jitter === 'full' || given.jitter === 'equal')
          assert.ok(previousMs <= plainPauseMs(given, index + 1));
      }
    }),
    { seed: 4, numRuns: 2000 },
  );
});
