// The rules of one host pattern, filed by path. Costs a walk over the path's characters however many paths there are.
// Every list is sorted by position; the smallest position that is possible wins, whichever list it stands in.
import type { CompiledRule } from './compiled-rule.ts';
import type { RouteRequest } from './router.ts';
import { addToHash, HASH_SEED, TextTable } from './text-table.ts';

export interface PathIndexParts {
  /** Rules that say nothing of the path, or nothing an index could use. */
  readonly anywhere: readonly CompiledRule[];
  readonly exact: ReadonlyMap<string, readonly CompiledRule[]>;
  /** By segment prefix: prefix rules, and the patterns that begin so. `/` is the root. */
  readonly under: ReadonlyMap<string, readonly CompiledRule[]>;
}

const SLASH = 47;

/** The better of `best` and the first possible rule of the list. */
function firstPossible(
  rules: readonly CompiledRule[],
  request: RouteRequest,
  best: CompiledRule | undefined,
): CompiledRule | undefined {
  const limit = best === undefined ? Number.POSITIVE_INFINITY : best.position;
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index];
    if (rule.position >= limit) return best;
    if (rule.isPossible(request)) return rule;
  }
  return best;
}

export class PathIndex {
  private readonly anywhere: readonly CompiledRule[];
  private readonly root: readonly CompiledRule[] | undefined;
  private readonly exact: TextTable<readonly CompiledRule[]>;
  private readonly under: TextTable<readonly CompiledRule[]>;

  constructor({ anywhere, exact, under }: PathIndexParts) {
    const below = new Map(under);
    this.root = below.get('/');
    below.delete('/');
    this.anywhere = anywhere;
    this.exact = new TextTable(exact, 'forwards');
    this.under = new TextTable(below, 'forwards');
  }

  /** The first possible rule of this index, if it comes before `best`; else `best`. */
  search(request: RouteRequest, best: CompiledRule | undefined): CompiledRule | undefined {
    const path = request.path;
    const { under, exact } = this;
    const prefixEnd = Math.min(under.longest, path.length);
    const walkEnd = path.length <= exact.longest ? path.length : prefixEnd;
    let found = best;
    let hash = HASH_SEED;
    for (let at = 0; at < walkEnd; at++) {
      const code = path.charCodeAt(at);
      if (code === SLASH && at > 0 && at <= prefixEnd) found = this.searchUnder(hash, at, request, found);
      hash = addToHash(hash, code);
    }
    // The boundary behind the walk: the end of the path, or the slash after the longest prefix.
    if (walkEnd > 0 && walkEnd <= prefixEnd && (walkEnd === path.length || path.charCodeAt(walkEnd) === SLASH)) {
      found = this.searchUnder(hash, walkEnd, request, found);
    }
    if (walkEnd === path.length) {
      const rules = exact.find(hash, path, 0, path.length);
      if (rules !== undefined) found = firstPossible(rules, request, found);
    }
    if (this.root !== undefined && path.charCodeAt(0) === SLASH) found = firstPossible(this.root, request, found);
    return firstPossible(this.anywhere, request, found);
  }

  private searchUnder(
    hash: number,
    length: number,
    request: RouteRequest,
    best: CompiledRule | undefined,
  ): CompiledRule | undefined {
    const rules = this.under.find(hash, request.path, 0, length);
    return rules === undefined ? best : firstPossible(rules, request, best);
  }
}
