// The path indexes of a listener by host pattern: the request's own name, every wildcard it falls under, and any host.
import type { CompiledRule } from './compiled-rule.ts';
import type { PathIndex } from './path-index.ts';
import type { RouteRequest } from './router.ts';
import { addToHash, HASH_SEED, TextTable } from './text-table.ts';

export interface HostIndexParts {
  readonly exact: ReadonlyMap<string, PathIndex>;
  /** By suffix with its dot. */
  readonly wildcards: ReadonlyMap<string, PathIndex>;
  readonly any: PathIndex | undefined;
}

const DOT = 46;
const EXACT = 0;
const WILDCARD = 1;

function longestOf(names: ReadonlyMap<string, unknown>): number {
  return [...names.keys()].reduce((longest, name) => Math.max(longest, name.length), 0);
}

export class HostIndex {
  private readonly names: TextTable<PathIndex>;
  /** 0 = there is none; longer names need not be walked. */
  private readonly longestExact: number;
  private readonly longestWildcard: number;
  private readonly any: PathIndex | undefined;
  /** hot: the parser gives one and the same string while the Host stays the same. */
  private lastHost: string | undefined;
  private lastIndex: PathIndex | undefined;

  constructor({ exact, wildcards, any }: HostIndexParts) {
    const entries = [
      ...[...exact].map(([text, value]) => ({ shelf: EXACT, text, value })),
      ...[...wildcards].map(([text, value]) => ({ shelf: WILDCARD, text, value })),
    ];
    this.names = new TextTable(entries, 'backwards');
    this.longestExact = longestOf(exact);
    this.longestWildcard = longestOf(wildcards);
    this.any = any;
  }

  /** The first possible rule in the order of all rules: a lower host may still hold one of higher rank. */
  search(request: RouteRequest): CompiledRule | undefined {
    let found: CompiledRule | undefined;
    if (this.longestExact > 0) found = this.searchExact(request);
    if (this.longestWildcard > 0) found = this.searchWildcards(request, found);
    return this.any === undefined ? found : this.any.search(request, found);
  }

  private searchExact(request: RouteRequest): CompiledRule | undefined {
    const host = request.host;
    if (host !== this.lastHost) {
      this.lastIndex = this.findExact(host);
      this.lastHost = host;
    }
    return this.lastIndex?.search(request, undefined);
  }

  private findExact(host: string): PathIndex | undefined {
    if (host.length > this.longestExact) return undefined;
    let hash = HASH_SEED;
    for (let at = host.length - 1; at >= 0; at--) hash = addToHash(hash, host.charCodeAt(at));
    return this.names.find(hash, EXACT, host, 0, host.length);
  }

  private searchWildcards(request: RouteRequest, best: CompiledRule | undefined): CompiledRule | undefined {
    const host = request.host;
    const stop = Math.max(1, host.length - this.longestWildcard);
    let found = best;
    let hash = HASH_SEED;
    for (let at = host.length - 1; at >= stop; at--) {
      const code = host.charCodeAt(at);
      hash = addToHash(hash, code);
      if (code !== DOT) continue;
      const index = this.names.find(hash, WILDCARD, host, at, host.length - at);
      if (index !== undefined) found = index.search(request, found);
    }
    return found;
  }
}
