// The rules of one host pattern, filed by path. Costs a walk over the path's characters however many paths there are.
// Every list is sorted by position; the smallest position that is possible wins, whichever list it stands in.
import type { CompiledRule } from './compiled-rule.ts';
import type { RouteRequest } from './router.ts';
import { addToHash, HASH_SEED, type TextTable } from './text-table.ts';

/** A list of rules is its first; each knows the `next`. */
export interface PathIndexParts {
  /** Rules that say nothing of the path, or nothing an index could use. */
  readonly anywhere: CompiledRule | undefined;
  /** Rules under `/`. */
  readonly root: CompiledRule | undefined;
  /** Of all hosts: a table for each would be a kilobyte for each of ten thousand. */
  readonly table: TextTable<CompiledRule | undefined>;
  /** Rules by whole path. */
  readonly exactShelf: number;
  /** Rules by segment prefix: prefix rules, and the patterns that begin so. */
  readonly underShelf: number;
  /** Length of the longest text on the shelf: nobody needs to walk further. */
  readonly longestExact: number;
  readonly longestUnder: number;
}

const SLASH = 47;

/** The better of `best` and the first possible rule of the list. */
function firstPossible(
  first: CompiledRule | undefined,
  request: RouteRequest,
  best: CompiledRule | undefined,
): CompiledRule | undefined {
  const limit = best === undefined ? Number.POSITIVE_INFINITY : best.position;
  for (let rule = first; rule !== undefined; rule = rule.next) {
    if (rule.position >= limit) return best;
    if (rule.isPossible(request)) return rule;
  }
  return best;
}

export class PathIndex {
  private readonly anywhere: CompiledRule | undefined;
  private readonly root: CompiledRule | undefined;
  private readonly table: TextTable<CompiledRule | undefined>;
  private readonly exactShelf: number;
  private readonly underShelf: number;
  private readonly longestExact: number;
  private readonly longestUnder: number;

  constructor(parts: PathIndexParts) {
    this.anywhere = parts.anywhere;
    this.root = parts.root;
    this.table = parts.table;
    this.exactShelf = parts.exactShelf;
    this.underShelf = parts.underShelf;
    this.longestExact = parts.longestExact;
    this.longestUnder = parts.longestUnder;
  }

  /** The first possible rule of this index, if it comes before `best`; else `best`. */
  search(request: RouteRequest, best: CompiledRule | undefined): CompiledRule | undefined {
    const path = request.path;
    const found = this.longestUnder > 0 || this.longestExact > 0 ? this.searchTable(path, request, best) : best;
    const orRoot =
      this.root !== undefined && path.charCodeAt(0) === SLASH ? firstPossible(this.root, request, found) : found;
    return this.anywhere === undefined ? orRoot : firstPossible(this.anywhere, request, orRoot);
  }

  private searchTable(path: string, request: RouteRequest, best: CompiledRule | undefined): CompiledRule | undefined {
    const prefixEnd = Math.min(this.longestUnder, path.length);
    const walkEnd = path.length <= this.longestExact ? path.length : prefixEnd;
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
    if (walkEnd !== path.length) return found;
    return firstPossible(this.table.find(hash, this.exactShelf, path, 0, path.length), request, found);
  }

  private searchUnder(
    hash: number,
    length: number,
    request: RouteRequest,
    best: CompiledRule | undefined,
  ): CompiledRule | undefined {
    const first = this.table.find(hash, this.underShelf, request.path, 0, length);
    return first === undefined ? best : firstPossible(first, request, best);
  }
}
