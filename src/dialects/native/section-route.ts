// The route that a section makes of itself: on every listener and host, named after the section, in the one order of routes.
import type { Id } from '../../base/types.ts';
import type { Route } from '../../model/route.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

export interface SectionRoutePlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  /** Key of the section, where the route is said to be written. */
  readonly section: string;
}

type SectionRouteParts = Pick<Route, 'action' | 'isDefault' | 'retry'> & Partial<Pick<Route, 'match' | 'timeouts'>>;

/** Takes the next place in the order of routes; without `match` it takes every request. */
export function sectionRoute(
  name: string,
  { reading, scope, section }: SectionRoutePlace,
  { isDefault, match = [], action, timeouts = {}, retry }: SectionRouteParts,
): Route {
  return {
    id: name as Id<'route'>,
    name,
    origin: reading.origin([section]),
    parents: [],
    hostnames: [],
    rank: 0,
    order: scope.routeCount++,
    isDefault,
    match,
    filters: [],
    action,
    timeouts,
    ...(retry !== undefined && { retry }),
  };
}
