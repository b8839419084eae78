// What the proofs about routes say to the operator: never without a request to try.
import type { Finding } from '../finding.ts';
import { formatPlace } from '../format-place.ts';
import type { GatewayModel } from '../gateway-model.ts';
import type { Route } from '../route.ts';
import { findShadows, type RouteReach, type Shadow } from './shadows.ts';
import { formatWitness } from './witness.ts';

function proof({ witness, takenBy }: Shadow): string {
  return `${formatWitness(witness)} goes to the route "${takenBy.name}" (${formatPlace(takenBy.origin)})`;
}

const MEND = 'remove it, or give it a more specific match or a higher priority';

function shadowed(route: Route, shadow: Shadow): Finding {
  const why = shadow.isDuplicate ? 'it duplicates what another route asks for' : 'another route comes before it';
  return {
    severity: 'warning',
    code: 'config.shadowed-route',
    message: `the route "${route.name}" never gets a request, ${why}: ${proof(shadow)}`,
    mend: MEND,
    origin: route.origin,
  };
}

function shadowedMatch(route: Route, { index, shadow }: RouteReach['shadowedMatches'][number]): Finding {
  const code = shadow.isDuplicate ? 'config.duplicate-match' : 'config.shadowed-match';
  return {
    severity: 'warning',
    code,
    message: `match ${index + 1} of the route "${route.name}" never takes a request: ${proof(shadow)}`,
    mend: 'remove it, or make it more specific',
    origin: route.origin,
  };
}

function withoutHost(route: Route): Finding {
  return {
    severity: 'warning',
    code: 'config.unreachable-route',
    message: `the route "${route.name}" is for ${route.hostnames.join(', ') || 'any host'}, which none of its listeners serves`,
    mend: 'add the host to the listener, or change that of the route',
    origin: route.origin,
  };
}

/** Bounds and exact values that exclude each other: no request satisfies the match. */
function isContradictory({ bodyBytes, headers = [], query = [], cookies = [] }: Route['match'][number]): boolean {
  if (bodyBytes?.min !== undefined && bodyBytes.max !== undefined && bodyBytes.min > bodyBytes.max) return true;
  return [headers, query, cookies].some((fields) => {
    const wanted = new Map<string, string>();
    return fields.some(({ name, value }) => {
      if (value.kind !== 'exact') return false;
      const before = wanted.get(name);
      wanted.set(name, value.value);
      return before !== undefined && before !== value.value;
    });
  });
}

function contradictions(route: Route): readonly Finding[] {
  return route.match.flatMap((match, index) =>
    isContradictory(match)
      ? [
          {
            severity: 'warning' as const,
            code: 'config.unreachable-route',
            message: `match ${index + 1} of the route "${route.name}" contradicts itself: no request can satisfy it`,
            mend: 'remove one of the conditions',
            origin: route.origin,
          },
        ]
      : [],
  );
}

export function checkReach(model: GatewayModel): readonly Finding[] {
  const reaches = model.listeners.length === 0 || model.routes.length === 0 ? [] : findShadows(model);
  return [
    ...model.routes.flatMap(contradictions),
    ...reaches.flatMap(({ route, hasNoHost, shadow, shadowedMatches }) => {
      if (hasNoHost) return [withoutHost(route)];
      if (shadow !== undefined) return [shadowed(route, shadow)];
      return shadowedMatches.map((found) => shadowedMatch(route, found));
    }),
  ];
}
