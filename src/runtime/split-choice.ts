// The split of a route: the bucket of a request's key names the target of a tier, so that a user stays with a variant. Part of a
// plan; the shares are those of model/split.ts.
import type { Split } from '../model/split.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { compileRequestKey } from './request-key.ts';
import type { TargetChoice } from './target-choice.ts';

/** From 0 to 99, or -1 when the request has no key. */
export type BucketOf = (exchange: Exchange) => number;

export function compileBucket({ key, seed }: Split, buckets: number): BucketOf {
  const keyOf = compileRequestKey(key, seed);
  return (exchange) => {
    const hash = keyOf(exchange);
    return hash === -1 ? -1 : hash % buckets;
  };
}

/** Without a bucket, and where its target may not be taken, the choice that the route would have without a split. */
export class SplitChoice implements TargetChoice {
  private readonly ends: readonly number[];
  private readonly others: TargetChoice;

  constructor(ends: readonly number[], others: TargetChoice) {
    this.ends = ends;
    this.others = others;
  }

  pick(eligible: (index: number) => boolean, bucket: number): number {
    const { ends } = this;
    if (bucket !== -1) {
      let index = 0;
      while (index < ends.length && bucket >= ends[index]) index++;
      if (index < ends.length && eligible(index)) return index;
    }
    return this.others.pick(eligible, bucket);
  }

  clone(): SplitChoice {
    return new SplitChoice(this.ends, this.others.clone());
  }
}
