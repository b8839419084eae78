// What every balancer must keep to; run by the test of each of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { murmur3 } from '../base/murmur3.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import type { Balancer, BalancerDefinition } from './balancer.ts';
import { TablePool } from './table-pool.ts';
import { FakeChoice, FakePool, keyed, seededRandom } from './testing/fake-pool.ts';

export interface BalancerTraits {
  /** Largest distance of a share from its weight over 20,000 requests, such as 0.01. */
  readonly tolerance: number;
}

const PICKS = 20_000;

/** Picks of distinct keys; `end` gives in-flight requests back as they would end. */
function picks(balancer: Balancer, count: number): readonly number[] {
  return Array.from({ length: count }, (_, turn) => balancer.pick(keyed(murmur3(`key-${turn}`))));
}

function sharesOf(picked: readonly number[], size: number): readonly number[] {
  const counts = new Array<number>(size).fill(0);
  for (const index of picked) counts[index]++;
  return counts.map((count) => count / picked.length);
}

function assertShares(picked: readonly number[], weights: readonly number[], tolerance: number): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = sharesOf(picked, weights.length);
  for (const [index, weight] of weights.entries()) {
    const distance = Math.abs(shares[index] - weight / total);
    assert.ok(distance <= tolerance, `${shares} for weights ${weights}`);
    if (weight === 0) assert.equal(shares[index], 0);
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Endpoints of the real table with all sorts of estimates, as in the product. */
export function usedPool(size: number): TablePool {
  const table = new EndpointTable(createEndpointTableMemory(size, 0), createLedgerMemory(size));
  const members = Array.from({ length: size }, (_, row) => ({
    id: `pool/http://10.0.0.${row}:80`,
    row,
    weight: 1 + (row % 3),
  }));
  for (const { row } of members) {
    table.recordAnswer(row, 10.25 + row, 0);
    table.addInFlight(row, row % 4);
    if (row % 4 === 1) table.recordFailure(row, 0);
  }
  return new TablePool(members, table, {
    slowStart: { durationMs: 30_000, aggression: 1.5, minimum: 0.1 },
    guard: undefined,
    wallMs: () => 1000,
  });
}

/** Bytes that one pick leaves behind, as the median over rounds short enough that no collection falls between two readings. */
export function bytesPerPick(balancer: Balancer): number {
  const choices = Array.from({ length: 64 }, (_, turn) => keyed(murmur3(`key-${turn}`)));
  for (let turn = 0; turn < 50_000; turn++) balancer.pick(choices[turn % choices.length]);
  collectGarbage();
  const rounds: number[] = [];
  for (let round = 0; round < 21; round++) {
    const before = getHeapStatistics().used_heap_size;
    for (let turn = 0; turn < 4000; turn++) balancer.pick(choices[turn % choices.length]);
    rounds.push((getHeapStatistics().used_heap_size - before) / 4000);
  }
  return rounds.toSorted((a, b) => a - b)[10];
}

/** Registers the tests of the contract for one balancer and one of its configurations. */
export function testBalancer<C>(definition: BalancerDefinition<C>, config: C, traits: BalancerTraits): void {
  const { name } = definition;
  const compile = (pool: FakePool, seed = 1): Balancer =>
    definition.compile(config, pool, { random: seededRandom(seed) });

  test(`${name}: is named and described, and its examples are what its schema gives`, () => {
    assert.match(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    assert.match(definition.summary, /^[A-Z].*\.$/);
    assert.ok(definition.examples.length > 0);
    for (const example of definition.examples)
      assert.deepEqual(definition.schema.parse(example.config), { ok: true, value: example.config }, example.title);
    assert.equal(definition.schema.parse({ no_such_option: 1 }).ok, false);
    assert.equal(definition.schema.parse({}).ok, true);
  });

  test(`${name}: every endpoint that is left is tried once, live ones first, weight 0 never, then -1`, () => {
    const endpoint = fc.record({
      weight: fc.constantFrom(0, 0.5, 1, 1, 7),
      isUp: fc.boolean(),
      inFlight: fc.nat(20),
      latencyMs: fc.constantFrom(0, 5, 100),
      errorRate: fc.constantFrom(0, 0, 0.4, 1),
    });
    const pools = fc.array(endpoint, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(pools, fc.nat(), (endpoints, key) => {
        const balancer = compile(new FakePool(endpoints), key);
        const choice = keyed(key);
        for (;;) {
          const index = balancer.pick(choice);
          if (index === -1) break;
          assert.ok(!choice.tried(index));
          choice.triedIndexes.add(index);
        }
        const order = [...choice.triedIndexes].map((index) => endpoints[index]);
        assert.equal(order.length, endpoints.filter(({ weight }) => weight > 0).length);
        assert.ok(order.every(({ weight }) => weight > 0));
        const firstDead = order.findIndex(({ isUp }) => !isUp);
        assert.ok(firstDead === -1 || order.slice(firstDead).every(({ isUp }) => !isUp));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test(`${name}: shares follow the weights, in small and large pools`, () => {
    for (const weights of [
      [70, 30],
      [1, 1, 1],
      [3, 1, 0, 1],
      Array.from({ length: 12 }, (_, index) => 1 + (index % 3)),
    ])
      assertShares(picks(compile(FakePool.ofWeights(...weights)), PICKS), weights, traits.tolerance);
  });

  test(`${name}: what a dead endpoint would get is shared by the others`, () => {
    const pool = FakePool.ofWeights(2, 1, 1);
    const balancer = compile(pool);
    picks(balancer, 100);
    pool.endpoints[0].isUp = false;
    assertShares(picks(balancer, PICKS), [0, 1, 1], traits.tolerance * 2);
    pool.endpoints[0].isUp = true;
    assertShares(picks(balancer, PICKS), [2, 1, 1], traits.tolerance * 2);
  });

  test(`${name}: one without room is taken only when no other live one is left, and before any dead one`, () => {
    const endpoint = fc.record({ hasRoom: fc.boolean(), isUp: fc.boolean(), inFlight: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(endpoint, { minLength: 1, maxLength: 20 }), fc.nat(), (endpoints, key) => {
        const balancer = compile(new FakePool(endpoints), key);
        const choice = keyed(key);
        const rank = (index: number): number => (endpoints[index].isUp ? (endpoints[index].hasRoom ? 0 : 1) : 2);
        let last = 0;
        for (let turn = 0; turn < endpoints.length; turn++) {
          const index = balancer.pick(choice);
          assert.ok(rank(index) >= last, `${rank(index)} after ${last}`);
          last = rank(index);
          choice.triedIndexes.add(index);
        }
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  test(`${name}: the same seed gives the same picks`, () => {
    const picked = [1, 1, 2].map((seed) => {
      const balancer = compile(FakePool.ofWeights(3, 2, 1, 1), seed);
      return Array.from({ length: 200 }, () => balancer.pick(new FakeChoice()));
    });
    assert.deepEqual(picked[0], picked[1]);
    assert.notDeepEqual(picked[0], picked[2]);
  });

  for (const size of [3, 20]) {
    test(`${name}: a pick among ${size} leaves nothing behind on the heap`, () => {
      const balancer = definition.compile(config, usedPool(size), { random: Math.random });
      // The compiler takes its time: until it has come, numbers that it will keep in registers are objects.
      const measured: number[] = [];
      while (measured.length < 8 && !measured.some((bytes) => bytes < 1)) measured.push(bytesPerPick(balancer));
      assert.ok(Math.min(...measured) < 1, `${measured} bytes per pick`);
    });
  }
}
