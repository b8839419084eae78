// Files rules by host and path while a router is compiled. Rules come in from the last to the first, so that each is made
// knowing the one that is tried after it.
import type { HostPattern } from '../../base/host-pattern.ts';
import type { Match } from '../../model/match.ts';
import { pathHome } from '../../model/path-home.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { HostIndex } from './host-index.ts';
import { PathIndex } from './path-index.ts';
import { TextTable } from './text-table.ts';

/** The rules filed at one place of the index. */
export interface RuleList {
  first: CompiledRule | undefined;
}

interface PathEntry extends RuleList {
  readonly shelf: number;
  readonly text: string;
}

/** All rules of one host pattern. */
class HostShelves {
  readonly host: HostPattern;
  readonly exactShelf: number;
  readonly underShelf: number;
  readonly anywhere: RuleList = { first: undefined };
  readonly root: RuleList = { first: undefined };
  longestExact = 0;
  longestUnder = 0;

  constructor(host: HostPattern, number: number) {
    this.host = host;
    this.exactShelf = number * 2;
    this.underShelf = number * 2 + 1;
  }
}

export class IndexBuilder {
  private readonly hosts = new Map<string, HostShelves>();
  private readonly paths = new Map<string, PathEntry>();

  /** The pattern as the index keeps it: one object for all rules of a host. */
  hostOf(host: HostPattern): HostPattern {
    return this.shelvesOf(host).host;
  }

  /** Where a rule belongs. The caller puts it in front. */
  listOf(host: HostPattern, match: Match): RuleList {
    const shelves = this.shelvesOf(host);
    const home = pathHome(match.path);
    if (home.kind === 'anywhere') return shelves.anywhere;
    if (home.kind === 'exact') {
      shelves.longestExact = Math.max(shelves.longestExact, home.path.length);
      return this.entryOf(shelves.exactShelf, home.path);
    }
    if (home.prefix === '/') return shelves.root;
    shelves.longestUnder = Math.max(shelves.longestUnder, home.prefix.length);
    return this.entryOf(shelves.underShelf, home.prefix);
  }

  build(): HostIndex {
    const table = new TextTable(
      [...this.paths.values()].map(({ shelf, text, first }) => ({ shelf, text, value: first })),
      'forwards',
    );
    const exact = new Map<string, PathIndex>();
    const wildcards = new Map<string, PathIndex>();
    let any: PathIndex | undefined;
    for (const shelves of this.hosts.values()) {
      const { host, anywhere, root } = shelves;
      const index = new PathIndex({ ...shelves, table, anywhere: anywhere.first, root: root.first });
      if (host.kind === 'exact') exact.set(host.value, index);
      else if (host.kind === 'wildcard') wildcards.set(host.value, index);
      else any = index;
    }
    return new HostIndex({ exact, wildcards, any });
  }

  private shelvesOf(host: HostPattern): HostShelves {
    const key = `${host.kind} ${host.value}`;
    let shelves = this.hosts.get(key);
    if (shelves === undefined) {
      shelves = new HostShelves(host, this.hosts.size);
      this.hosts.set(key, shelves);
    }
    return shelves;
  }

  private entryOf(shelf: number, text: string): PathEntry {
    const key = `${shelf} ${text}`;
    let entry = this.paths.get(key);
    if (entry === undefined) {
      entry = { shelf, text, first: undefined };
      this.paths.set(key, entry);
    }
    return entry;
  }
}
