// Consistent hashing on a ring (Ketama): every endpoint owns points on it, a key belongs to the next point clockwise.
import { murmur3 } from '../../base/murmur3.ts';
import type { BalancerDefinition, PoolView } from '../balancer.ts';
import { HASH_CONFIG, type HashConfig, toBound, toKeySource } from '../hash-config.ts';
import { HashedPick } from '../hashed-pick.ts';

/** Points of an endpoint as heavy as the scale; the heaviest has half of them or more, so shares vary by about 1 / sqrt(200), 7 %. */
const POINTS = 256;

/** The next power of two from the heaviest weight on: when weights change, points appear and vanish only where it is crossed. */
function scaleOf(pool: PoolView): number {
  let scale = 1;
  for (let index = 0; index < pool.size; index++) while (scale < pool.weight(index)) scale *= 2;
  return scale;
}

class Ring {
  private readonly points: Uint32Array;
  private readonly owners: Uint32Array;
  private at = 0;

  constructor(pool: PoolView) {
    const scale = scaleOf(pool);
    const all: { readonly point: number; readonly owner: number }[] = [];
    for (let owner = 0; owner < pool.size; owner++) {
      const count = Math.ceil((POINTS * pool.weight(owner)) / scale);
      // Points hang on the endpoint's own name alone: whoever comes or goes, they stay where they are.
      for (let turn = 0; turn < count; turn++) all.push({ point: murmur3(`${pool.id(owner)}#${turn}`), owner });
    }
    all.sort((a, b) => a.point - b.point || a.owner - b.owner);
    this.points = Uint32Array.from(all, ({ point }) => point);
    this.owners = Uint32Array.from(all, ({ owner }) => owner);
  }

  /** The owner of the key's point, then those clockwise from it. Owner 0 when nobody has a weight: it is then not eligible. */
  place(key: number, turn: number): number {
    const { points } = this;
    if (points.length === 0) return 0;
    if (turn === 0) this.at = this.find(key);
    else this.at = this.at + 1 === points.length ? 0 : this.at + 1;
    return this.owners[this.at];
  }

  private find(key: number): number {
    const { points } = this;
    const point = key >>> 0;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (points[middle] < point) low = middle + 1;
      else high = middle;
    }
    return low === points.length ? 0 : low;
  }
}

export const ringHash: BalancerDefinition<HashConfig> = {
  name: 'ring_hash',
  summary: 'Takes the same endpoint for the same key, by a ring of hashed points; few keys move when endpoints change.',
  schema: HASH_CONFIG,
  examples: [
    {
      title: 'By user, else by address',
      config: { hash_on: [{ header: 'X-User-Id' }, 'client_ip'], bounded_load: 1.25 },
    },
  ],
  compile: (config, pool, { random }) => {
    const ring = new Ring(pool);
    return new HashedPick(pool, {
      boundedLoad: toBound(config),
      random,
      place: (key, turn) => ring.place(key, turn),
    });
  },
  hashOn: toKeySource,
};
