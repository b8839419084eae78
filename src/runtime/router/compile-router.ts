// Routes → the router of one listener: rules put into their total order, then filed by host and path.
import { type HostPattern, intersectHosts, parseHostPattern } from '../../base/host-pattern.ts';
import type { Id } from '../../base/types.ts';
import { orderRules, type Rule } from '../../model/precedence.ts';
import type { Route } from '../../model/route.ts';
import { IndexBuilder } from './compile-index.ts';
import { CompiledRule } from './compiled-rule.ts';
import type { HostIndex } from './host-index.ts';
import { createPatternTest } from './path-test.ts';
import { createPredicates, ModelPredicate, type Predicate } from './predicates.ts';
import { NEEDS_MODEL, NO_ROUTE, type RouteRequest, type Router, type RouteTrial } from './router.ts';

/** Shared by all rules that ask nothing more: not one more object to fetch. */
const NO_PREDICATES: readonly Predicate[] = [];

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

/** How a rule comes to be: where it is tried, and where it is filed. */
interface Placed {
  readonly rule: Rule;
  readonly route: number;
  readonly host: HostPattern;
}

function compileRule({ rule: { match }, route, host }: Placed, position: number, next: CompiledRule | undefined) {
  const { path } = match;
  const predicates = createPredicates(match);
  return new CompiledRule({
    route,
    position,
    host,
    path,
    pattern: path?.kind === 'glob' || path?.kind === 'regex' ? createPatternTest(path) : undefined,
    predicates: predicates.length === 0 ? NO_PREDICATES : predicates,
    model: match.model === undefined ? undefined : new ModelPredicate(match.model),
    next,
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
  const index = new IndexBuilder();
  const indexOf = new Map(routes.map((route, index) => [route, index]));
  const attached = routes.filter(({ parents }) => parents.length === 0 || parents.includes(listener));
  const placed = orderRules(attached).flatMap((rule): readonly Placed[] => {
    const route = indexOf.get(rule.route) as number;
    return hostsOn(rule, hostnames).map((host) => ({ rule, route, host: index.hostOf(host) }));
  });
  const rules: CompiledRule[] = [];
  for (let position = placed.length - 1; position >= 0; position--) {
    const { rule, host } = placed[position];
    const list = index.listOf(host, rule.match);
    list.first = compileRule(placed[position], position, list.first);
    rules.push(list.first);
  }
  return new IndexedRouter(rules.reverse(), index.build());
}
