// The rules of one listener in order, filed by host and path, so that only rules which could take a given request are read:
// with 10,000 routes the proofs would otherwise compare every pair.
import type { HostPattern } from '../../base/host-pattern.ts';
import { pathHome } from '../path-home.ts';
import type { Rule } from '../precedence.ts';
import type { Witness } from './witness.ts';

export interface PlacedRule {
  readonly rule: Rule;
  readonly position: number;
}

function hostKey({ kind, value }: HostPattern): string {
  return `${kind} ${value}`;
}

function hostKeys(host: string): readonly string[] {
  const keys = ['any ', `exact ${host}`];
  for (let dot = host.indexOf('.', 1); dot !== -1; dot = host.indexOf('.', dot + 1))
    keys.push(`wildcard ${host.slice(dot)}`);
  return keys;
}

function homeKey(rule: Rule): string {
  const home = pathHome(rule.match.path);
  if (home.kind === 'anywhere') return 'anywhere';
  return home.kind === 'exact' ? `exact ${home.path}` : `under ${home.prefix}`;
}

function homeKeys(path: string): readonly string[] {
  const keys = ['anywhere', `exact ${path}`, 'under /', `under ${path}`];
  for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    keys.push(`under ${path.slice(0, slash)}`);
  }
  return keys;
}

export class RuleShelves {
  private readonly shelves = new Map<string, PlacedRule[]>();

  /** `rules` in the order in which they are tried. */
  constructor(rules: readonly Rule[]) {
    rules.forEach((rule, position) => {
      const key = `${hostKey(rule.host)}\n${homeKey(rule)}`;
      const shelf = this.shelves.get(key);
      if (shelf === undefined) this.shelves.set(key, [{ rule, position }]);
      else shelf.push({ rule, position });
    });
  }

  /** Every rule that could take the request, in order; some of them do not. */
  candidates({ host, path }: Witness): readonly PlacedRule[] {
    const homes = [...new Set(homeKeys(path))];
    const found = hostKeys(host).flatMap((key) => homes.flatMap((home) => this.shelves.get(`${key}\n${home}`) ?? []));
    return found.sort((a, b) => a.position - b.position);
  }
}
