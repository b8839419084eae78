// A key finds the same target every time, by published hashes; without it, or without its target, the weighted turn chooses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { murmur3 } from '../base/murmur3.ts';
import { SmoothWeights } from '../base/smooth-weights.ts';
import { bucketEnds, SPLIT_BUCKETS } from '../model/split.ts';
import { SplitChoice } from './split-choice.ts';

const everyone = (): boolean => true;

function choiceOf(...weights: readonly number[]): SplitChoice {
  return new SplitChoice(bucketEnds(weights), new SmoothWeights(weights, () => 0));
}

test('buckets of published hashes, with and without a seed', () => {
  const bucket = (key: string, seed: number): number => murmur3(key, seed) % SPLIT_BUCKETS;
  // 0xba6bd213, 0x248bfa47, 0x2e4ff723; with the seed 0x7fa09ea6, 0x24884cba.
  assert.deepEqual([bucket('test', 0), bucket('hello', 0)], [0xba6bd213 % 100, 0x248bfa47 % 100]);
  assert.equal(bucket('The quick brown fox jumps over the lazy dog', 0), 0x2e4ff723 % 100);
  assert.deepEqual(
    [bucket('a', 0x9747b28c), bucket('Hello, world!', 0x9747b28c)],
    [0x7fa09ea6 % 100, 0x24884cba % 100],
  );
});

test('weights are running sums of hundredths, whatever they add up to', () => {
  assert.deepEqual(bucketEnds([90, 10]), [90, 100]);
  assert.deepEqual(bucketEnds([1, 1, 1]), [33, 67, 100]);
  assert.deepEqual(bucketEnds([0, 3, 0, 1]), [0, 75, 75, 100]);
  assert.deepEqual(bucketEnds([0, 0]), [0, 0]);
});

test('every bucket has the target of its weight', () => {
  const choice = choiceOf(70, 0, 30);
  const picked = Array.from({ length: SPLIT_BUCKETS }, (_, bucket) => choice.pick(everyone, bucket));
  assert.deepEqual(new Set(picked.slice(0, 70)), new Set([0]));
  assert.deepEqual(new Set(picked.slice(70)), new Set([2]));
});

test('without a key the weighted turn, and so where the target of the key is out', () => {
  const choice = choiceOf(3, 1);
  const turns = Array.from({ length: 40 }, () => choice.pick(everyone, -1));
  assert.equal(turns.filter((index) => index === 0).length, 30);
  assert.equal(
    choice.pick((index) => index !== 0, 5),
    1,
  );
  assert.equal(
    choice.pick(() => false, 5),
    -1,
  );
});

test('property: the same key always has the same target, eligible and with a weight, and keys do not move the turns', () => {
  const weights = fc.array(fc.nat(50), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.string(), fc.nat(0xffffffff), (shares, key, seed) => {
      fc.pre(shares.some((weight) => weight > 0));
      const choice = choiceOf(...shares);
      const turn = choice.clone().pick(everyone, -1);
      const bucket = murmur3(key, seed) % SPLIT_BUCKETS;
      const first = choice.pick(everyone, bucket);
      assert.ok(shares[first] > 0);
      for (let again = 0; again < 5; again++) assert.equal(choice.pick(everyone, bucket), first);
      assert.equal(choice.pick(everyone, -1), turn);
    }),
    { seed: 8 },
  );
});
