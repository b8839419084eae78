// Which filters run where: gateway → listener → route → backend, the most specific use of a filter wins. One function, so that
// `explain` and live traffic cannot disagree.
import type { GatewayModel, Policy } from '../model/gateway-model.ts';
import type { Listener } from '../model/listener.ts';
import type { FilterUse, Route } from '../model/route.ts';

/** Attached to a listener and to the whole gateway: these run before matching. */
export function listenerFilters(model: GatewayModel, listener: Listener): readonly FilterUse[] {
  return mostSpecific([
    model.policies.filter((policy) => policy.target.kind === 'gateway'),
    model.policies.filter((policy) => policy.target.kind === 'listener' && policy.target.id === listener.id),
  ]);
}

/** A route's own filters after those attached to it from outside; its own win. The order among its own is the author's. */
export function routeFilters(model: GatewayModel, route: Route): readonly FilterUse[] {
  const attached = mostSpecific([
    model.policies.filter((policy) => policy.target.kind === 'route' && policy.target.id === route.id),
  ]);
  const own = new Set(route.filters.map((use) => use.filter));
  return [...attached.filter((use) => !own.has(use.filter)), ...route.filters];
}

/** Later scopes replace earlier ones by filter name; inside a scope the older policy (first in the model) wins. */
function mostSpecific(scopes: readonly (readonly Policy[])[]): readonly FilterUse[] {
  const byName = new Map<string, FilterUse>();
  for (const scope of scopes) {
    const seen = new Set<string>();
    for (const policy of scope) {
      if (seen.has(policy.use.filter)) continue;
      seen.add(policy.use.filter);
      byName.set(policy.use.filter, policy.use);
    }
  }
  return [...byName.values()];
}
