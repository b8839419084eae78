// Routes → the router of one listener: rules put into their total order, then filed by host and path.
import { type HostPattern, intersectHosts, parseHostPattern } from '../../base/host-pattern.ts';
import type { Id } from '../../base/types.ts';
import { pathHome } from '../../model/path-home.ts';
import { orderRules, type Rule } from '../../model/precedence.ts';
import type { Route } from '../../model/route.ts';
import { CompiledRule } from './compiled-rule.ts';
import { HostIndex } from './host-index.ts';
import { PathIndex } from './path-index.ts';
import { createPathTest, createPatternTest, describePath } from './path-test.ts';
import { createPredicates, ModelPredicate } from './predicates.ts';
import { NEEDS_MODEL, NO_ROUTE, type RouteRequest, type Router, type RouteTrial } from './router.ts';

class IndexedRouter implements Router {
  private readonly rules: readonly CompiledRule[];
  private readonly hosts: HostIndex;

  constructor(rules: readonly CompiledRule[], hosts: HostIndex) {
    this.rules = rules;
    this.hosts = hosts;
  }

  match(request: RouteRequest): number {
    const rule = this.hosts.search(request);
    if (rule === undefined) return NO_ROUTE;
    return rule.isOpen(request) ? NEEDS_MODEL : rule.route;
  }

  explain(request: RouteRequest): readonly RouteTrial[] {
    const trials: RouteTrial[] = [];
    const taking = this.hosts.search(request);
    for (const rule of this.rules) {
      trials.push(rule.explain(request));
      if (rule === taking) break;
    }
    return trials;
  }
}

/** Rules of one place in the index while it is built. */
class Shelf {
  readonly anywhere: CompiledRule[] = [];
  readonly exact = new Map<string, CompiledRule[]>();
  readonly under = new Map<string, CompiledRule[]>();

  file(rule: CompiledRule, match: Rule['match']): void {
    const home = pathHome(match.path);
    if (home.kind === 'anywhere') this.anywhere.push(rule);
    else if (home.kind === 'exact') getOrAdd(this.exact, home.path, () => []).push(rule);
    else getOrAdd(this.under, home.prefix, () => []).push(rule);
  }
}

function getOrAdd<T>(map: Map<string, T>, key: string, create: () => T): T {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}

function compileRule(
  { match }: Rule,
  place: Pick<CompiledRule, 'route' | 'position'>,
  host: HostPattern,
): CompiledRule {
  const path = match.path;
  const isPattern = path?.kind === 'glob' || path?.kind === 'regex';
  const pattern = path !== undefined && isPattern ? createPatternTest(path) : undefined;
  return new CompiledRule({
    route: place.route,
    position: place.position,
    host,
    path: path === undefined ? undefined : (pattern ?? createPathTest(path)),
    pattern,
    predicates: createPredicates(match),
    model: match.model === undefined ? undefined : new ModelPredicate(match.model),
    pathAsks: path === undefined ? '' : describePath(path),
  });
}

/** Where a rule's hosts overlap the listener's; nowhere = the rule takes nothing on this listener. */
function hostsOn(rule: Rule, hostnames: readonly string[]): readonly HostPattern[] {
  if (hostnames.length === 0) return [rule.host];
  return hostnames.flatMap((hostname) => {
    const own = parseHostPattern(hostname);
    return (own === undefined ? undefined : intersectHosts(rule.host, own)) ?? [];
  });
}

/**
 * `hostnames` are the listener's: a request for another host finds no route. Routes attached to other listeners are left out;
 * the numbers that `match` gives count all routes given. Every pattern must have passed validation.
 */
export function compileRouter(
  routes: readonly Route[],
  listener: Id<'listener'>,
  hostnames: readonly string[] = [],
): Router {
  const indexOf = new Map(routes.map((route, index) => [route, index]));
  const attached = routes.filter(({ parents }) => parents.length === 0 || parents.includes(listener));
  const rules: CompiledRule[] = [];
  const shelves = new Map<string, { readonly host: HostPattern; readonly shelf: Shelf }>();
  for (const rule of orderRules(attached)) {
    const route = indexOf.get(rule.route) as number;
    for (const host of hostsOn(rule, hostnames)) {
      const compiled = compileRule(rule, { route, position: rules.length }, host);
      rules.push(compiled);
      const key = `${host.kind} ${host.value}`;
      getOrAdd(shelves, key, () => ({ host, shelf: new Shelf() })).shelf.file(compiled, rule.match);
    }
  }
  const exact = new Map<string, PathIndex>();
  const wildcards = new Map<string, PathIndex>();
  let any: PathIndex | undefined;
  for (const { host, shelf } of shelves.values()) {
    const index = new PathIndex(shelf);
    if (host.kind === 'exact') exact.set(host.value, index);
    else if (host.kind === 'wildcard') wildcards.set(host.value, index);
    else any = index;
  }
  return new IndexedRouter(rules, new HostIndex({ exact, wildcards, any }));
}
