// Consistent hashing by table (Maglev, Eisenbud et al. 2016): shares exact to a fraction of a percent, one look-up per pick, and a
// few more keys moved than by a ring when endpoints change.
import { murmur3, rehash } from '../../base/murmur3.ts';
import type { BalancerDefinition, PoolView } from '../balancer.ts';
import { HASH_CONFIG, type HashConfig, toBound, toKeySource } from '../hash-config.ts';
import { HashedPick } from '../hashed-pick.ts';

/** Primes, a hundred times the number of endpoints and more, so that shares are exact to 1 %. Envoy's and Istio's size, and one for large pools. */
const TABLE_SIZE = 65_537;
const LARGE_TABLE_SIZE = 524_287;
const LARGE_POOL = 512;

const OFFSET_SEED = 0x6f666673;
const SKIP_SEED = 0x736b6970;

/** Every endpoint walks the table by its own permutation and takes the next free cell; heavier ones have more turns. */
function buildTable(pool: PoolView): Uint32Array {
  const size = pool.size > LARGE_POOL ? LARGE_TABLE_SIZE : TABLE_SIZE;
  const table = new Uint32Array(size);
  const isTaken = new Uint8Array(size);
  const at = Float64Array.from({ length: pool.size }, (_, index) => murmur3(pool.id(index), OFFSET_SEED) % size);
  const skips = Float64Array.from(at, (_, index) => (murmur3(pool.id(index), SKIP_SEED) % (size - 1)) + 1);
  const weights = Float64Array.from(at, (_, index) => pool.weight(index));
  const heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const due = new Float64Array(pool.size);
  for (let filled = 0; heaviest > 0 && filled < size; ) {
    for (let index = 0; index < pool.size && filled < size; index++) {
      due[index] += weights[index] / heaviest;
      if (due[index] < 1) continue;
      due[index] -= 1;
      while (isTaken[at[index]] === 1) at[index] = (at[index] + skips[index]) % size;
      isTaken[at[index]] = 1;
      table[at[index]] = index;
      filled++;
    }
  }
  return table;
}

export const maglev: BalancerDefinition<HashConfig> = {
  name: 'maglev',
  summary:
    'Takes the same endpoint for the same key, by a table with exact shares; few keys move when endpoints change.',
  schema: HASH_CONFIG,
  examples: [{ title: 'By conversation', config: { hash_on: [{ header: 'X-Conversation-Id' }], bounded_load: 1.25 } }],
  compile: (config, pool, { random }) => {
    const table = buildTable(pool);
    return new HashedPick(pool, {
      boundedLoad: toBound(config),
      random,
      // hot: 31 of the 32 bits, because a number above 2^31 may go to the heap on its way.
      place: (key, turn) => table[(turn === 0 ? key & 0x7fffffff : rehash(key, turn)) % table.length],
    });
  },
  hashOn: toKeySource,
};
