// A split by key: which target of a route serves a user, the same one every time. Read by runtime/split-choice.ts.

export type SplitKeyPart =
  | { readonly kind: 'header' | 'cookie' | 'query'; readonly name: string }
  | { readonly kind: 'path' | 'client-ip' | 'model' };

export interface Split {
  /** Of several parts the first that the request has. */
  readonly key: readonly SplitKeyPart[];
  /** Of the hash: routes with other seeds split the same users otherwise. */
  readonly seed: number;
}

/** The key is hashed to one of so many buckets. */
export const SPLIT_BUCKETS = 100;

/** The first bucket that is not its any more, for each weight: their running sum in hundredths of the whole, rounded. */
export function bucketEnds(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return total === 0 ? 0 : Math.round((sum * SPLIT_BUCKETS) / total);
  });
}
