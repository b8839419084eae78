// Even, different for different seeds, the same for the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuickRandom } from './quick-random.ts';

test('every value is as likely, and so is every pair of neighbours', () => {
  const random = new QuickRandom(() => 0.5);
  const singles = new Array<number>(10).fill(0);
  const pairs = new Array<number>(100).fill(0);
  let before = 0;
  for (let turn = 0; turn < 200_000; turn++) {
    const value = random.below(10);
    singles[value]++;
    pairs[before * 10 + value]++;
    before = value;
  }
  assert.ok(
    singles.every((count) => Math.abs(count - 20_000) < 600),
    String(singles),
  );
  assert.ok(
    pairs.every((count) => Math.abs(count - 2000) < 250),
    String(pairs),
  );
});

test('seeds decide the sequence, near ones too, and 0 is one', () => {
  const first = [0, 1e-9, 0.1, 0.5, 0.500001, 1 - 1e-9].map((seed) => new QuickRandom(() => seed).next());
  const again = new QuickRandom(() => 0.1).next();
  assert.equal(again, first[2]);
  assert.ok(new Set(first).size >= 5, String(first));
});
