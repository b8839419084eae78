// When a conversation may go back to its endpoint.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Choice } from '../balancer.ts';
import { FakePool } from '../testing/fake-pool.ts';
import { EndpointTags } from './endpoint-tags.ts';

const FRESH: Choice = { key: -1, region: undefined, tried: () => false };

test('tags hold over reloads, whatever the order of endpoints', () => {
  const before = new EndpointTags(new FakePool([{ id: 'up/a' }, { id: 'up/b' }]), 1);
  const after = new EndpointTags(new FakePool([{ id: 'up/b' }, { id: 'up/c' }, { id: 'up/a' }]), 1);
  assert.equal(after.indexOf(before.tagOf(0)), 2);
  assert.equal(after.indexOf(before.tagOf(1)), 0);
  assert.equal(before.indexOf(after.tagOf(1)), -1);
  assert.equal(before.indexOf(0), -1);
});

test('keeps to an endpoint that is up, has a weight and was not tried', () => {
  const pool = new FakePool([{}, {}]);
  const tags = new EndpointTags(pool, 1);
  assert.equal(tags.mayKeep(0, FRESH), true);
  assert.equal(tags.mayKeep(0, { ...FRESH, tried: (index) => index === 0 }), false);
  pool.endpoints[0].isUp = false;
  assert.equal(tags.mayKeep(0, FRESH), false);
  Object.assign(pool.endpoints[0], { isUp: true, weight: 0 });
  assert.equal(tags.mayKeep(0, FRESH), false);
  Object.assign(pool.endpoints[0], { weight: 1, hasRoom: false });
  assert.equal(tags.mayKeep(0, FRESH), false);
});

const LOADS: readonly (readonly [own: number, others: readonly number[], isKept: boolean])[] = [
  [3, [0, 0, 0], true],
  [4, [0, 0, 0], false],
  [4, [3, 4, 3], true],
  [20, [20, 20, 20], true],
  [40, [20, 20, 0], true],
  [50, [10, 10, 10], false],
];

for (const [own, others, isKept] of LOADS)
  test(`${own} under way, ${others.join(', ')} elsewhere: ${isKept ? 'kept' : 'left'}`, () => {
    const pool = new FakePool([own, ...others].map((inFlight) => ({ inFlight })));
    assert.equal(new EndpointTags(pool, 1).mayKeep(0, FRESH), isKept);
  });
