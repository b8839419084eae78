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

export class HostIndex {
  private readonly exact: ReadonlyMap<string, PathIndex>;
  private readonly wildcards: TextTable<PathIndex>;
  private readonly any: PathIndex | undefined;

  constructor({ exact, wildcards, any }: HostIndexParts) {
    this.exact = exact;
    this.wildcards = new TextTable(wildcards, 'backwards');
    this.any = any;
  }

  /** The first possible rule in the order of all rules: a lower host may still hold one of higher rank. */
  search(request: RouteRequest): CompiledRule | undefined {
    const exact = this.exact.size === 0 ? undefined : this.exact.get(request.host);
    let found = exact?.search(request, undefined);
    if (this.wildcards.longest > 0) found = this.searchWildcards(request, found);
    return this.any === undefined ? found : this.any.search(request, found);
  }

  private searchWildcards(request: RouteRequest, best: CompiledRule | undefined): CompiledRule | undefined {
    const host = request.host;
    const stop = Math.max(1, host.length - this.wildcards.longest);
    let found = best;
    let hash = HASH_SEED;
    for (let at = host.length - 1; at >= stop; at--) {
      const code = host.charCodeAt(at);
      hash = addToHash(hash, code);
      if (code !== DOT) continue;
      const index = this.wildcards.find(hash, host, at, host.length - at);
      if (index !== undefined) found = index.search(request, found);
    }
    return found;
  }
}
