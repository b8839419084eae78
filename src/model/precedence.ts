// Which rule is tried first: one total order of (route, hostname, match) triples, used by the router, `explain` and the proofs.
// docs/reference/route-order.md says the same to operators.
import { ANY_HOST, type HostPattern, hostSpecificity, parseHostPattern } from '../base/host-pattern.ts';
import type { Match, PathMatch } from './match.ts';
import { literalLength } from './path-home.ts';
import type { Route } from './route.ts';

/** One way for a request to come to a route. A route is as many rules as it has hostnames times matches. */
export interface Rule {
  readonly route: Route;
  readonly host: HostPattern;
  readonly match: Match;
  /** Compared member by member, smaller first. */
  readonly key: readonly number[];
}

const ANY_MATCH: Match = {};

/** Regex and glob stand between exact and prefix, where the Gateway API leaves the choice. No path is the prefix `/`. */
const PATH_KINDS: Readonly<Record<PathMatch['kind'], number>> = { exact: 2, regex: 1, glob: 1, prefix: 0 };
const ROOT: PathMatch = { kind: 'prefix', value: '/' };

function matchKey(match: Match): readonly number[] {
  const path = match.path ?? ROOT;
  const others = (match.bodyBytes === undefined ? 0 : 1) + (match.model === undefined ? 0 : 1);
  return [
    -PATH_KINDS[path.kind],
    -literalLength(path),
    match.methods === undefined ? 1 : 0,
    -(match.headers?.length ?? 0),
    -(match.query?.length ?? 0),
    -(match.cookies?.length ?? 0),
    -others,
  ];
}

/** The rules of one route. A hostname that is no pattern gives none: it could never match, and `check` reports it. */
export function rulesOf(route: Route): readonly Rule[] {
  const hosts = route.hostnames.length === 0 ? [ANY_HOST] : route.hostnames.map(parseHostPattern);
  const matches = route.match.length === 0 ? [ANY_MATCH] : route.match;
  const keys = matches.map(matchKey);
  return matches.flatMap((match, matchIndex) =>
    hosts.flatMap((host, hostIndex) => {
      if (host === undefined) return [];
      const before = [route.isDefault ? 1 : 0, -route.rank, -hostSpecificity(host)];
      return [{ route, host, match, key: [...before, ...keys[matchIndex], route.order, matchIndex, hostIndex] }];
    }),
  );
}

/**
 * Negative when `a` is tried before `b`: default routes last; higher rank; more specific host (exact, longer wildcard, any);
 * exact path, then regex or glob, then prefix; longer path (of patterns: more literal characters); a method given; more
 * headers; more query parameters; more cookies; more of body length and model; earlier in the documents.
 */
export function compareRules(a: Rule, b: Rule): number {
  for (let index = 0; index < a.key.length; index++) {
    if (a.key[index] !== b.key[index]) return a.key[index] - b.key[index];
  }
  return 0;
}

/** All rules of the routes in the order in which they are tried. */
export function orderRules(routes: readonly Route[]): readonly Rule[] {
  return routes.flatMap(rulesOf).sort(compareRules);
}
