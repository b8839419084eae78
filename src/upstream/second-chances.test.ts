// Endpoints that scores pass over are tried again: seldom, one at a time, never those that fail or are out of use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecondChances } from './second-chances.ts';
import { FakeChoice, type FakeEndpoint, FakePool } from './testing/fake-pool.ts';

/** How often each endpoint is tried again while 0 takes everything else. */
function triesAgain(endpoints: readonly Partial<FakeEndpoint>[], picks: number): readonly number[] {
  const pool = new FakePool(endpoints);
  const chances = new SecondChances(pool);
  const counts = endpoints.map(() => 0);
  for (let pick = 0; pick < picks; pick++) {
    const due = chances.due(new FakeChoice());
    if (due !== -1) counts[due]++;
    chances.taken(due === -1 ? 0 : due);
  }
  return counts;
}

test('one of 128 picks goes to who is passed over, in turn', () => {
  assert.deepEqual(triesAgain([{}, {}, {}], 128 * 100), [0, 50, 50]);
});

test('an endpoint in use needs no second chance', () => {
  assert.deepEqual(triesAgain([{}], 1280), [0]);
});

test('not who fails, is out of use, has no weight, or has not answered the last try', () => {
  const passedOver = [{ errorRate: 0.02 }, { isUp: false }, { weight: 0 }, { inFlight: 1 }];
  assert.deepEqual(triesAgain([{}, ...passedOver], 12_800), [0, 0, 0, 0, 0]);
});

test('a small share alone is no reason: its turns are far between anyway', () => {
  assert.deepEqual(triesAgain([{ weight: 999 }, { weight: 1 }], 3800), [0, 0]);
  assert.deepEqual(triesAgain([{ weight: 999 }, { weight: 1 }], 4200), [0, 1]);
});
