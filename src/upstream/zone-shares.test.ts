// Zones share by capacity, cost and health; what leaves the own zone stays within its cap, exactly, whatever threads do at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLocalityMemory, LOCALITY_COLUMNS, LocalityTable, TOKENS } from '../state/locality-table.ts';
import { RatioBucket } from '../state/ratio-bucket.ts';
import { bytesPerPick, usedPool } from './balancer.contract.ts';
import type { PoolView } from './balancer.ts';
import { LocalityLevel } from './locality-level.ts';
import { crossZone, FakeFacts, levelOf, placesOf, regionOrder, zoneShares } from './testing/fake-places.ts';
import { FakeChoice, FakePool, seededRandom } from './testing/fake-pool.ts';
import type { ZoneShares } from './zone-shares.ts';

const ZONES = ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', 'c', 'c', 'c'];

function pool(upOf: readonly number[] = [4, 4, 4]): FakePool {
  return new FakePool(ZONES.map((_, index) => ({ isUp: index % 4 < upOf[Math.floor(index / 4)] })));
}

/** Percent of 20,000 requests by zone. */
function percents(endpoints: FakePool, rule: ZoneShares): readonly number[] {
  const level = levelOf(endpoints, ZONES, rule);
  const counts = [0, 0, 0];
  for (let turn = 0; turn < 20_000; turn++) counts[Math.floor(level.pick(new FakeChoice()) / 4)]++;
  return counts.map((count) => Math.round(count / 200));
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  for (const [index, percent] of expected.entries())
    assert.ok(Math.abs(actual[index] - percent) <= 1, `${actual}, expected ${expected}`);
}

const CAPACITIES = [0.4, 0.35, 0.25];

test('without an own zone every zone gets its capacity, less as its endpoints go down, and all of it until 71 % are up', () => {
  const rule = zoneShares({ capacities: CAPACITIES });
  assertNear(percents(pool(), rule), [40, 35, 25]);
  assertNear(percents(pool([3, 4, 4]), rule), [40, 35, 25]);
  // 50 % up carry 70 %: 28 of 88.
  assertNear(percents(pool([2, 4, 4]), rule), [32, 40, 28]);
  assertNear(percents(pool([0, 4, 4]), rule), [0, 58, 42]);
  assertNear(percents(pool([0, 0, 1]), rule), [0, 0, 100]);
});

test('a zone over its latency target gets less in proportion; below it latency changes nothing', () => {
  const facts = new FakeFacts();
  const rule = zoneShares({ capacities: CAPACITIES, targetMicroseconds: [50_000, 60_000, 80_000], facts });
  facts.latencyMs.push(20, 59, 80);
  assertNear(percents(pool(), rule), [40, 35, 25]);
  facts.latencyMs[0] = 100;
  assertNear(percents(pool(), rule), [25, 44, 31]);
});

test('other zones cost the penalty, and get no more than the cap while the own zone is healthy', () => {
  const free = zoneShares({ capacities: CAPACITIES, own: 0, cross: crossZone({ maxRatio: 1 }) });
  assertNear(percents(pool(), free), [50, 29, 21]);
  const capped = zoneShares({ capacities: CAPACITIES, own: 0, cross: crossZone({ maxRatio: 0.3 }) });
  assertNear(percents(pool(), capped), [70, 17.5, 12.5]);
  assertNear(percents(pool([2, 4, 4]), capped), [70, 17.5, 12.5]);
});

test('below its floor the own zone is no longer kept to the cap, and every request beyond it is counted', () => {
  const table = new LocalityTable(createLocalityMemory(2), 0);
  const rule = zoneShares({ capacities: CAPACITIES, own: 0, cross: crossZone({ maxRatio: 0.3 }, table) });
  percents(pool(), rule);
  assert.equal(table.breaches(1), 0);
  // 25 % up carry 35 %: 14 of 54 parts, the others 40 at a cost of 1.5.
  assertNear(percents(pool([1, 4, 4]), rule), [26, 43, 31]);
  const breaches = table.breaches(1) / 20_000;
  assert.ok(Math.abs(breaches - 0.44) < 0.02, `${breaches}`);
  assertNear(percents(pool([0, 4, 4]), rule), [0, 58, 42]);
});

test('where no capacity is written the own zone takes what it can carry', () => {
  const parts = { capacities: [1, 1, 1], own: 0, isOwnFirst: true };
  const rule = zoneShares({ ...parts, cross: crossZone({ maxRatio: 1, healthFloor: 0 }) });
  assertNear(percents(pool(), rule), [100, 0, 0]);
  assertNear(percents(pool([3, 4, 4]), rule), [100, 0, 0]);
  assertNear(percents(pool([2, 4, 4]), rule), [70, 15, 15]);
  assertNear(percents(pool([1, 4, 4]), rule), [35, 32, 32]);
});

test('cross-zone routing that is off leaves the zone only when it is not healthy', () => {
  const rule = zoneShares({ capacities: CAPACITIES, own: 1, cross: crossZone({ maxRatio: 0 }) });
  assertNear(percents(pool(), rule), [0, 100, 0]);
  assertNear(percents(pool([4, 2, 4]), rule), [0, 100, 0]);
  assertNear(percents(pool([4, 0, 4]), rule), [62, 0, 38]);
});

test('a request whose local endpoints have all failed goes across only within the cap', () => {
  const rule = zoneShares({ capacities: CAPACITIES, own: 0, cross: crossZone({ maxRatio: 0 }) });
  const level = levelOf(pool(), ZONES, rule);
  const choice = new FakeChoice();
  for (let turn = 0; turn < 4; turn++) choice.triedIndexes.add(level.pick(choice));
  assert.deepEqual([...choice.triedIndexes].sort(), [0, 1, 2, 3]);
  assert.equal(level.pick(choice), -1);
});

test('over 10,000 requests, of several threads in any order, no prefix and no stretch exceeds the cap', () => {
  const scenario = fc.record({
    seed: fc.nat(),
    threads: fc.integer({ min: 1, max: 4 }),
    ratio: fc.constantFrom(0.05, 0.1, 0.3, 0.5),
    own: fc.nat(2),
  });
  fc.assert(
    fc.property(scenario, ({ seed, threads, ratio, own }) => {
      const random = seededRandom(seed);
      const table = new LocalityTable(createLocalityMemory(2), 0);
      const endpoints = pool();
      const levels = Array.from({ length: threads }, (_, thread) =>
        levelOf(
          endpoints,
          ZONES,
          zoneShares({ capacities: CAPACITIES, own, cross: crossZone({ maxRatio: ratio }, table) }),
          seed + thread,
        ),
      );
      const crossed: number[] = [0];
      for (let turn = 0; turn < 10_000; turn++) {
        // Down and up as it comes, but never so that less than half of the own zone is up.
        const flip = Math.floor(random() * 12);
        if (random() < 0.01 && (Math.floor(flip / 4) !== own || flip % 4 < 2))
          endpoints.endpoints[flip].isUp = !endpoints.endpoints[flip].isUp;
        const choice = new FakeChoice();
        if (random() < 0.05) for (let index = own * 4; index < own * 4 + 4; index++) choice.triedIndexes.add(index);
        const picked = levels[Math.floor(random() * threads)].pick(choice);
        const isAcross = picked !== -1 && Math.floor(picked / 4) !== own;
        crossed.push(crossed[turn] + Number(isAcross));
        assert.ok(crossed[turn + 1] <= ratio * (turn + 1) + 1e-6, `${crossed[turn + 1]} of ${turn + 1}`);
        const from = Math.max(0, turn - 999);
        assert.ok(crossed[turn + 1] - crossed[from] <= ratio * (turn + 1 - from) + 11);
      }
      assert.equal(table.breaches(1), 0);
    }),
    { seed: 3, numRuns: 25 },
  );
});

test('the bucket is exact when two threads take turns inside it', () => {
  const table = new LocalityTable(createLocalityMemory(1), 0);
  const buckets = [0, 1].map(() => new RatioBucket(table.cells, TOKENS, 0.3));
  assert.ok(LOCALITY_COLUMNS > TOKENS);
  let taken = 0;
  for (let turn = 1; turn <= 1000; turn++) {
    buckets[turn % 2].deposit();
    for (const bucket of buckets) if (bucket.take()) taken++;
    assert.ok(taken <= 0.3 * turn);
  }
  assert.equal(taken, 300);
});

test('what is saved up lets at most ten through in a row', () => {
  const bucket = new RatioBucket(new Int32Array(new SharedArrayBuffer(64)), 0, 0.5);
  for (let turn = 0; turn < 1000; turn++) bucket.deposit();
  let taken = 0;
  while (bucket.take()) taken++;
  assert.equal(taken, 10);
});

test('a pick through two levels leaves nothing behind on the heap', () => {
  const endpoints = usedPool(12);
  const cross = () => crossZone({ maxRatio: 0.3 });
  const regions = ['n', 'n', 'n', 'n', 'n', 'n', 's', 's', 's', 's', 's', 's'];
  const rule = regionOrder({ names: ['n', 's'], wallMs: () => 0 });
  const compile = (part: PoolView) =>
    levelOf(
      part,
      ['a', 'a', 'b', 'b', 'c', 'c'],
      zoneShares({ capacities: CAPACITIES, own: 0, cross: cross(), wallMs: () => 0 }),
    );
  const level = new LocalityLevel(endpoints, { places: placesOf(regions), rule, compile }, { random: Math.random });
  const measured: number[] = [];
  while (measured.length < 8 && !measured.some((bytes) => bytes < 1)) measured.push(bytesPerPick(level));
  assert.ok(Math.min(...measured) < 1, `${measured} bytes per pick`);
});
