// What both hashing balancers must show beside the contract: a key stays, few keys move, and nobody gets too much.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { murmur3 } from '../base/murmur3.ts';
import type { Balancer, BalancerDefinition } from './balancer.ts';
import type { HashConfig } from './hash-config.ts';
import { type FakeEndpoint, FakePool, keyed, seededRandom } from './testing/fake-pool.ts';

const KEYS = Array.from({ length: 5000 }, (_, index) => murmur3(`user-${index}`));

function owners(balancer: Balancer, pool: FakePool): readonly string[] {
  return KEYS.map((key) => pool.id(balancer.pick(keyed(key))));
}

/** `extra`: share of keys that may move although their endpoint stayed, as did the largest weight. */
export function testHashing(definition: BalancerDefinition<HashConfig>, extra: number): void {
  const { name } = definition;
  const compile = (pool: FakePool, bounded_load: HashConfig['bounded_load'] = 1.25, seed = 1): Balancer =>
    definition.compile({ hash_on: ['client_ip'], bounded_load }, pool, { random: seededRandom(seed) });
  const named = (count: number): readonly Partial<FakeEndpoint>[] =>
    Array.from({ length: count }, (_, index) => ({ id: `pool/http://10.1.${index}.1:80`, weight: 1 + (index % 2) }));

  test(`${name}: a key belongs to the same endpoint in every worker, generation and order of the list`, () => {
    const pools = [new FakePool(named(7)), new FakePool(named(7).toReversed())];
    assert.deepEqual(owners(compile(pools[0]), pools[0]), owners(compile(pools[0], 1.25, 99), pools[0]));
    if (name === 'ring_hash')
      assert.deepEqual(owners(compile(pools[0]), pools[0]), owners(compile(pools[1]), pools[1]));
  });

  test(`${name}: property: when an endpoint leaves, only its keys move, but for a few`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 12 }), fc.nat(), (count, which) => {
        const all = new FakePool(named(count));
        const rest = new FakePool(named(count).filter((_, index) => index !== which % count));
        const before = owners(compile(all), all);
        const after = owners(compile(rest), rest);
        const gone = all.id(which % count);
        const moved = before.filter((owner, index) => owner !== gone && owner !== after[index]).length;
        assert.ok(moved / KEYS.length <= extra, `${moved} of ${KEYS.length} moved beside those of the endpoint`);
      }),
      { seed: 2, numRuns: 25 },
    );
  });

  test(`${name}: while an endpoint is down its keys go to several others, and come back`, () => {
    const pool = new FakePool(named(6));
    const balancer = compile(pool);
    const before = owners(balancer, pool);
    pool.endpoints[2].isUp = false;
    const during = owners(balancer, pool);
    const heirs = new Set<string>();
    for (const [index, owner] of before.entries()) {
      if (owner === pool.id(2)) heirs.add(during[index]);
      else assert.equal(during[index], owner);
    }
    assert.equal(heirs.size, 5);
    pool.endpoints[2].isUp = true;
    assert.deepEqual(owners(balancer, pool), before);
  });

  test(`${name}: no endpoint gets more than 1.25 times its part of the requests under way, unless it is told so`, () => {
    const hot = keyed(murmur3('everybody'));
    const load = (bound: HashConfig['bounded_load']): readonly number[] => {
      const pool = new FakePool([{ weight: 2 }, {}, {}, {}]);
      const balancer = compile(pool, bound);
      for (let request = 0; request < 200; request++) pool.endpoints[balancer.pick(hot)].inFlight++;
      return pool.endpoints.map(({ inFlight }) => inFlight);
    };
    const bounded = load(1.25);
    for (const [index, part] of [0.4, 0.2, 0.2, 0.2].entries())
      assert.ok(bounded[index] <= Math.ceil(1.25 * part * 200), String(bounded));
    assert.equal(Math.max(...load(false)), 200);
  });

  test(`${name}: without a key any endpoint is taken`, () => {
    const pool = FakePool.ofWeights(1, 1, 1);
    const balancer = compile(pool);
    assert.equal(new Set(Array.from({ length: 100 }, () => balancer.pick(keyed(-1)))).size, 3);
  });
}
