// Regions: the client's first, then the nearest or by priority; load moves gradually, and slow or failed ones come last.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RegionOrder } from './region-order.ts';
import { FakeFacts, levelOf, placesOf, regionOrder } from './testing/fake-places.ts';
import { FakeChoice, FakePool } from './testing/fake-pool.ts';

const NAMES = ['east', 'west', 'europe'];
const REGIONS = NAMES.flatMap((name) => [name, name, name, name]);

function pool(upOf: readonly number[] = [4, 4, 4]): FakePool {
  return new FakePool(REGIONS.map((_, index) => ({ isUp: index % 4 < upOf[Math.floor(index / 4)] })));
}

function from(region?: string): FakeChoice {
  const choice = new FakeChoice();
  choice.region = region;
  return choice;
}

function percents(endpoints: FakePool, rule: RegionOrder, region?: string): readonly number[] {
  const level = levelOf(endpoints, REGIONS, rule);
  const counts = [0, 0, 0];
  for (let turn = 0; turn < 20_000; turn++) counts[Math.floor(level.pick(from(region)) / 4)]++;
  return counts.map((count) => Math.round(count / 200));
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  for (const [index, percent] of expected.entries())
    assert.ok(Math.abs(actual[index] - percent) <= 1, `${actual}, expected ${expected}`);
}

test('the client’s region answers; one of no listed region goes by priority', () => {
  const rule = regionOrder({ names: NAMES });
  for (const [index, name] of NAMES.entries())
    assertNear(
      percents(pool(), rule, name),
      NAMES.map((_, each) => (each === index ? 100 : 0)),
    );
  assertNear(percents(pool(), rule), [100, 0, 0]);
  assertNear(percents(pool(), rule, 'atlantis'), [100, 0, 0]);
  assertNear(percents(pool(), regionOrder({ names: NAMES, priorities: [3, 2, 1] })), [0, 0, 100]);
});

test('72 % up carry everything, 50 % carry 70; the rest goes to the nearest, then by priority', () => {
  const facts = new FakeFacts();
  const rule = regionOrder({ names: NAMES, facts });
  assertNear(percents(pool([3, 4, 4]), rule, 'east'), [100, 0, 0]);
  assertNear(percents(pool([2, 4, 4]), rule, 'east'), [70, 30, 0]);
  assertNear(percents(pool([0, 4, 4]), rule, 'east'), [0, 100, 0]);
  facts.latencyMs.push(10, 90, 40);
  assertNear(percents(pool([2, 4, 4]), rule, 'east'), [70, 0, 30]);
  assertNear(percents(pool([2, 4, 1]), rule, 'east'), [70, 0, 30]);
  assertNear(percents(pool([1, 4, 1]), rule, 'east'), [35, 30, 35]);
  assertNear(
    percents(pool([2, 4, 4]), regionOrder({ names: NAMES, facts, fallback: 'priority' }), 'east'),
    [70, 30, 0],
  );
});

test('a region that is left out gets something only when the others cannot carry it', () => {
  const facts = new FakeFacts();
  const rule = regionOrder({ names: NAMES, facts });
  facts.out.add(0);
  assertNear(percents(pool(), rule, 'east'), [0, 100, 0]);
  assertNear(percents(pool([4, 0, 0]), rule, 'east'), [100, 0, 0]);
  facts.forcedOut.add(1);
  assertNear(percents(pool(), rule, 'west'), [0, 0, 100]);
  assertNear(percents(pool([0, 4, 2]), rule, 'west'), [0, 0, 100]);
  assertNear(percents(pool([0, 4, 0]), rule, 'west'), [0, 100, 0]);
});

test('a region that is taken back takes its load little by little', () => {
  const facts = new FakeFacts();
  const names = ['east', 'west', 'europe'];
  const rule = regionOrder({ names, facts, rampMs: 10_000, goesByClient: false });
  facts.returnedMs = 0;
  // All three came back at once: nobody else to carry it.
  assertNear(percents(pool([4, 0, 0]), rule), [100, 0, 0]);
  const first = Object.assign(new FakeFacts(), { returnedForMs: (place: number) => (place === 0 ? 5000 : 1e9) });
  assertNear(percents(pool(), regionOrder({ names, facts: first, rampMs: 10_000, goesByClient: false })), [50, 50, 0]);
});

test('a request goes to every endpoint that is up before it goes to one that is not, and to each once', () => {
  const shape = fc.record({
    up: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    client: fc.constantFrom(undefined, ...NAMES),
    out: fc.subarray([0, 1, 2]),
    forced: fc.subarray([0, 1, 2]),
    latencies: fc.array(fc.nat(300), { minLength: 3, maxLength: 3 }),
  });
  fc.assert(
    fc.property(shape, ({ up, client, out, forced, latencies }) => {
      const facts = new FakeFacts();
      facts.latencyMs.push(...latencies);
      for (const place of out) facts.out.add(place);
      for (const place of forced) facts.forcedOut.add(place);
      const endpoints = new FakePool(up.map((isUp) => ({ isUp })));
      const level = levelOf(endpoints, REGIONS, regionOrder({ names: NAMES, facts }));
      const choice = from(client);
      const order: number[] = [];
      for (let index = level.pick(choice); index !== -1; index = level.pick(choice)) {
        assert.ok(!choice.tried(index));
        order.push(index);
        choice.triedIndexes.add(index);
      }
      assert.equal(order.length, 12);
      const firstDown = order.findIndex((index) => !up[index]);
      assert.ok(firstDown === -1 || order.slice(firstDown).every((index) => !up[index]));
    }),
    { seed: 8, numRuns: 500 },
  );
});

test('the same key finds the same region while the shares stay', () => {
  const level = levelOf(pool([2, 4, 4]), REGIONS, regionOrder({ names: NAMES }));
  const regions = (key: number) =>
    new Set(Array.from({ length: 20 }, () => REGIONS[level.pick(Object.assign(from('east'), { key }))]));
  const all = Array.from({ length: 200 }, (_, index) => regions(Math.imul(index + 1, 0x1f123bb5) >>> 0));
  assert.ok(all.every((each) => each.size === 1));
  const west = all.filter((each) => each.has('west')).length;
  assert.ok(west > 30 && west < 90, `${west} of 200`);
});

test('explanations say what would be drawn, and change nothing', () => {
  const level = levelOf(pool([2, 4, 4]), REGIONS, regionOrder({ names: NAMES }));
  const explained = level.explain(from('east'));
  assert.deepEqual(
    explained.map(({ place, share }) => [place, Math.round(share * 100)]),
    [
      ['east', 70],
      ['west', 30],
      ['europe', 0],
    ],
  );
  assert.equal(explained[0].because, 'the client’s region, 50 % up, latency never measured');
  assert.deepEqual(
    placesOf(REGIONS).map(({ name }) => name),
    NAMES,
  );
});

test('a region is left by what stays there when it is left out and another has something', () => {
  const facts = new FakeFacts();
  const endpoints = pool();
  const level = levelOf(endpoints, REGIONS, regionOrder({ names: NAMES, facts }));
  assert.equal(level.isLeft(0), false);
  facts.out.add(0);
  assert.deepEqual([level.isLeft(0), level.isLeft(4)], [true, false]);
  for (const index of [4, 5, 6, 7, 8, 9, 10, 11]) endpoints.endpoints[index].isUp = false;
  assert.equal(level.isLeft(0), false);
});
