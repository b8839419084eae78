// Parts of a whole, by percent or by ratio.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRatio } from './ratio.ts';

test('reads percents and ratios up to the whole, and nothing else', () => {
  const read = ['40%', '99.5%', '100%', '0%', '0.4', '1', '0'].map(parseRatio);
  assert.deepEqual(read, [0.4, 0.995, 1, 0, 0.4, 1, 0]);
  for (const text of ['101%', '1.5', '-1%', '4', '%', '', '40 %', '0.4x'])
    assert.equal(parseRatio(text), undefined, text);
});
