// Which endpoint of a backend a remembered tag means, and whether that may have the request again. Made with the set of endpoints:
// tags are hashes of ids, so they hold over reloads and in every thread.
import { murmur3 } from '../../base/murmur3.ts';
import type { Choice, PoolView } from '../balancer.ts';

/** With so few under way nobody is overloaded. */
const FEW = 4;
/** Times its share of what is under way at the backend. */
const MAX_SHARE = 2;

/** Never 0. */
export function tagOfId(id: string): number {
  const hash = murmur3(id) | 0;
  return hash === 0 ? 1 : hash;
}

export class EndpointTags {
  /** How long prompts are remembered; 0 = not at all. */
  readonly promptTtlMs: number;
  private readonly pool: PoolView;
  private readonly tags: readonly number[];
  private readonly indexes: ReadonlyMap<number, number>;

  constructor(pool: PoolView, promptTtlMs: number) {
    this.pool = pool;
    this.promptTtlMs = promptTtlMs;
    this.tags = Array.from({ length: pool.size }, (_, index) => tagOfId(pool.id(index)));
    this.indexes = new Map(this.tags.map((tag, index) => [tag, index]));
  }

  tagOf(index: number): number {
    return this.tags[index];
  }

  /** -1 = none of these. */
  indexOf(tag: number): number {
    return this.indexes.get(tag) ?? -1;
  }

  /** The endpoint of a conversation has its prompt: worth going back to while it is up and has no more to do than others. */
  mayKeep(index: number, choice: Choice): boolean {
    const { pool } = this;
    pool.refresh();
    if (choice.tried(index) || pool.weight(index) <= 0 || !pool.usable(index)) return false;
    return pool.hasRoom(index) && !this.isOverloaded(index);
  }

  private isOverloaded(index: number): boolean {
    const { pool } = this;
    const own = pool.inFlight(index);
    if (own < FEW) return false;
    let all = 0;
    let shares = 0;
    for (let other = 0; other < pool.size; other++) {
      if (!pool.usable(other)) continue;
      all += pool.inFlight(other);
      shares += pool.share(other);
    }
    return own * shares > MAX_SHARE * (all + 1) * pool.share(index);
  }
}
