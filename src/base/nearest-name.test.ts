// What counts as a mistyped name, and what is another name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName, slipOf } from './nearest-name.ts';

test('a slip is up to two edits, or two letters swapped', () => {
  assert.equal(slipOf('agent-servce', ['agent-service']), 'agent-service');
  assert.equal(slipOf('bleu', ['blue']), 'blue');
  assert.equal(slipOf('blue', ['blue-green']), undefined);
  assert.equal(slipOf('ab', ['cd']), undefined);
  assert.equal(slipOf('gray', ['grid']), undefined);
});

test('names that differ in digits only are two names', () => {
  assert.equal(slipOf('service-v2', ['service-v1']), undefined);
  assert.equal(slipOf('zone10', ['zone1']), undefined);
  assert.equal(slipOf('servcie-v2', ['service-v1', 'service-v2']), 'service-v2');
});

test('the nearest name may be further away than a slip', () => {
  assert.equal(nearestName('upstreem_target', ['upstream_targets', 'algorithm']), 'upstream_targets');
  assert.equal(nearestName('zebra', ['listeners', 'backends']), undefined);
});
