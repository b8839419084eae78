// The rule of the adaptive limit, step by step.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextLimit, nextLongMs } from './gradient.ts';

const RULES = { min: 20, max: 200, initial: 20, tolerance: 1.5 };

test('one step of the published rule', () => {
  // 0.8 · 100 + 0.2 · (100 · 1.5 · 0.5 + 4)
  assert.equal(Math.round(nextLimit(RULES, 100, { mostInFlight: 100, longOverShort: 0.5 }) * 10), 958);
});

test('grows by what may wait while latency stays within the tolerance', () => {
  for (const longOverShort of [0.7, 1, 5])
    assert.equal(Math.round(nextLimit(RULES, 100, { mostInFlight: 80, longOverShort }) * 10), 1008);
});

test('falls by a tenth at most in one window, however slow the backend is', () => {
  assert.equal(Math.round(nextLimit(RULES, 100, { mostInFlight: 100, longOverShort: 0.001 }) * 10), 908);
});

test('a backend that is not half used says nothing', () => {
  assert.equal(nextLimit(RULES, 100, { mostInFlight: 49, longOverShort: 0.1 }), 100);
});

test('never leaves its bounds', () => {
  const windows = fc.array(
    fc.record({ mostInFlight: fc.nat(400), longOverShort: fc.double({ min: 0.001, max: 100, noNaN: true }) }),
  );
  fc.assert(
    fc.property(windows, (steps) => {
      let limit = RULES.initial;
      for (const step of steps) {
        limit = nextLimit(RULES, limit, step);
        if (limit < RULES.min || limit > RULES.max) return false;
      }
      return true;
    }),
  );
});

test('the first ten windows are averaged, later ones count one part in three hundred', () => {
  let longMs = 0;
  for (let windows = 0; windows < 10; windows++)
    longMs = nextLongMs({ longMs, windows, tolerance: 1.5 }, windows < 5 ? 100 : 120);
  assert.equal(Math.round(longMs * 10) / 10, 110);
  const next = nextLongMs({ longMs, windows: 10, tolerance: 1.5 }, 150);
  assert.equal(Math.round((next - longMs) * 1000), Math.round((40 * 2 * 1000) / 601));
});

test('latency beyond the tolerance counts a tenth of that', () => {
  const next = nextLongMs({ longMs: 100, windows: 600, tolerance: 1.5 }, 200);
  assert.equal(Math.round((next - 100) * 1000), Math.round((100 * 2 * 100) / 601));
});

test('a memory of worse days is forgotten by a twentieth each window', () => {
  let longMs = 1000;
  let windows = 0;
  while (longMs > 220) {
    longMs = nextLongMs({ longMs, windows: 600, tolerance: 1.5 }, 100);
    windows++;
  }
  assert.ok(windows < 40, `${windows} windows`);
});
