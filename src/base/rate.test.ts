// What a rate is, and what the JSON Schema pattern takes for one: the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRate, RATE_PATTERN } from './rate.ts';

test('a rate is so many per unit of time', () => {
  const rates = { '5/s': 5, '120/min': 2, '7200/hour': 2, '0.5 / second': 0.5 };
  for (const [text, perSecond] of Object.entries(rates)) {
    assert.equal(parseRate(text), perSecond, text);
    assert.match(text, new RegExp(RATE_PATTERN));
  }
});

test('anything else is none, for the pattern too', () => {
  for (const text of ['5', '5/', '/s', '-1/s', '5/fortnight', 'many/s', '5/toString']) {
    assert.equal(parseRate(text), undefined, text);
    assert.doesNotMatch(text, new RegExp(RATE_PATTERN));
  }
});
