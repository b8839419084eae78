// Routes that can never get a request, proven: every request a rule asks for is also asked for by one rule tried before it.
// Sound, not complete: what several rules take only together is not reported.
import { type HostPattern, hostCovers, intersectHosts, parseHostPattern } from '../../base/host-pattern.ts';
import type { GatewayModel } from '../gateway-model.ts';
import type { Listener } from '../listener.ts';
import { orderRules, type Rule } from '../precedence.ts';
import type { Route } from '../route.ts';
import { matchCovers } from './cover.ts';
import { findWitness } from './find-witness.ts';
import { RuleShelves } from './rule-shelves.ts';
import { ruleTakes, type Witness } from './witness.ts';

export interface Shadow {
  readonly witness: Witness;
  /** The route that takes the witness. */
  readonly takenBy: Route;
  /** It asks for exactly the same. */
  readonly isDuplicate: boolean;
  readonly listener: Listener;
}

export interface RouteReach {
  readonly route: Route;
  /** On no listener do its hosts overlap the listener's. */
  readonly hasNoHost: boolean;
  /** Proof that it never gets a request. */
  readonly shadow: Shadow | undefined;
  /** Proofs for single matches of a route that gets requests by others; the index counts `route.match`. */
  readonly shadowedMatches: readonly { readonly index: number; readonly shadow: Shadow }[];
}

/** One rule on one listener and, where the listener names hosts, one of them. */
interface Standing {
  readonly rule: Rule;
  readonly shadow: Shadow | undefined;
}

function hostsOn(rule: Rule, { hostnames }: Listener): readonly HostPattern[] {
  if (hostnames.length === 0) return [rule.host];
  return hostnames.flatMap((hostname) => {
    const own = parseHostPattern(hostname);
    return (own === undefined ? undefined : intersectHosts(rule.host, own)) ?? [];
  });
}

function isEqual(a: Rule, b: Rule): boolean {
  const isSameHost = hostCovers(a.host, b.host) && hostCovers(b.host, a.host);
  return isSameHost && matchCovers(a.match, b.match) && matchCovers(b.match, a.match);
}

function prove(rule: Rule, host: HostPattern, listener: Listener, shelves: RuleShelves): Shadow | undefined {
  const witness = findWitness(rule.match, host);
  if (witness === undefined) return undefined;
  const candidates = shelves.candidates(witness);
  const own = candidates.findIndex((candidate) => candidate.rule === rule);
  // A covering rule takes the witness too, so it is among the candidates.
  const covering = candidates
    .slice(0, own)
    .find(
      ({ rule: other }) =>
        other.route !== rule.route && hostCovers(other.host, host) && matchCovers(other.match, rule.match),
    );
  const taking = candidates.find((candidate) => ruleTakes(candidate.rule, witness));
  if (covering === undefined || taking === undefined || taking.rule.route === rule.route) return undefined;
  return { witness, takenBy: taking.rule.route, isDuplicate: isEqual(covering.rule, rule), listener };
}

function standingsOn(listener: Listener, routes: readonly Route[]): readonly Standing[] {
  const rules = orderRules(routes.filter(({ parents }) => parents.length === 0 || parents.includes(listener.id)));
  const shelves = new RuleShelves(rules);
  return rules.flatMap((rule) =>
    hostsOn(rule, listener).map((host) => ({ rule, shadow: prove(rule, host, listener, shelves) })),
  );
}

/** A shadow when all of them are shadowed. */
function commonShadow(standings: readonly Standing[]): Shadow | undefined {
  const shadows = standings.map(({ shadow }) => shadow);
  const [first] = shadows;
  if (first === undefined || shadows.includes(undefined)) return undefined;
  return { ...first, isDuplicate: shadows.every((shadow) => shadow?.isDuplicate === true) };
}

function reachOf(route: Route, standings: readonly Standing[]): RouteReach {
  const shadow = commonShadow(standings);
  const shadowedMatches = route.match.flatMap((match, index) => {
    const own = commonShadow(standings.filter(({ rule }) => rule.match === match));
    return shadow !== undefined || own === undefined ? [] : [{ index, shadow: own }];
  });
  return { route, hasNoHost: standings.length === 0, shadow, shadowedMatches };
}

/** What can be proven about each route, in the order given. */
export function findShadows({ listeners, routes }: Pick<GatewayModel, 'listeners' | 'routes'>): readonly RouteReach[] {
  const standings = new Map<Route, Standing[]>(routes.map((route) => [route, []]));
  for (const listener of listeners) {
    for (const standing of standingsOn(listener, routes)) standings.get(standing.rule.route)?.push(standing);
  }
  return routes.map((route) => reachOf(route, standings.get(route) ?? []));
}
