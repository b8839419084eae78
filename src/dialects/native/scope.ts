// What all native documents of one load know of each other: defined names, and the backends that are only implied.
import type { Id } from '../../base/types.ts';
import type { Backend, SlowStartSettings } from '../../model/backend.ts';
import type { HealthCheck } from '../../model/health-check.ts';
import type { Retry } from '../../model/retry.ts';
import type { Path, TranslateOptions } from '../dialect.ts';
import type { BackendGroups } from './backend-groups.ts';
import type { BreakerAssignment } from './circuit-breaker.ts';
import type { WrittenHealthCheck } from './health-check.ts';
import type { WrittenPool } from './pool-limits.ts';
import type { Reading } from './reading.ts';

/** Where something is written. */
export interface SectionPlace {
  readonly reading: Reading;
  readonly path: Path;
}

/** What backends take from `least_conn_config`. */
export interface LeastConnStandard {
  readonly balancer: Backend['balancer'];
  readonly slowStart: SlowStartSettings | undefined;
  /** Undefined = all. */
  readonly backends: readonly string[] | undefined;
  /** Backends that took it. */
  readonly users: Set<string>;
  readonly reading: Reading;
}

/** What `fallback` says. */
export interface FallbackOrder {
  readonly backends: readonly Id<'backend'>[];
  readonly maxRetries: number | undefined;
}

/** What `health_checks` says. */
export interface HealthScope {
  defaults: { readonly written: WrittenHealthCheck; readonly check: HealthCheck } | undefined;
  /** Some document says what the gateway answers. */
  hasGateway: boolean;
}

/** What `service_discovery` says. */
export interface DiscoveryScope {
  isWritten: boolean;
  /** Names are not watched. */
  isOff: boolean;
}

export interface NativeScope {
  readonly options: TranslateOptions;
  readonly backendNames: ReadonlySet<string>;
  /** Some document has a section `backends` with a backend in it: other names are then likelier slips than hosts. */
  readonly definesBackends: boolean;
  readonly listenerNames: ReadonlySet<string>;
  /** Provider name → backends that use it. */
  readonly providerBackends: ReadonlyMap<string, readonly string[]>;
  /** Backends nobody wrote but somebody names, by name; added to the fragment of the document that named them first. */
  readonly implied: Map<string, Backend>;
  /** Strategies of `retry_config` by name, in the order written; filled before backends and routes are read. */
  readonly retryStrategies: Map<string, (kind: 'ai' | 'plain') => Retry>;
  /** The order of `fallback`; filled like the strategies. */
  fallback: FallbackOrder | undefined;
  /** Filled like the strategies. */
  readonly health: HealthScope;
  readonly discovery: DiscoveryScope;
  /** What `least_conn_config` says; filled like the strategies. */
  leastConn: LeastConnStandard | undefined;
  /** Where the default route of `routing_config` is written, once it is read. */
  defaultRoute: SectionPlace | undefined;
  /** Some document writes routes, or shares AI requests out. */
  readonly hasRoutes: boolean;
  /** Who has the default route already, as a message says it; undefined = nobody. */
  readonly defaultOwner: string | undefined;
  /** Some document has a section whose rules are routes. */
  readonly hasRules: boolean;
  /** Some document has the section `router`, and it acts. */
  readonly hasRouter: boolean;
  /** By what tenants are told apart, each with the first that has it. */
  readonly tenantMarks: Map<string, string>;
  readonly breakers: BreakerAssignment;
  /** Limits of connections by the name, label or list of backends. */
  readonly pools: BackendGroups<WrittenPool>;
  /** Backends that a rule asks to keep clients at their endpoints, with the place where it does. */
  readonly sessions: Map<string, SectionPlace>;
  /** Health checks of sections that name backends, for those without one of their own. */
  readonly groupChecks: Map<string, HealthCheck>;
  /** Rules read so far in sections that number theirs, over all documents. */
  readonly ruleCounts: Map<string, number>;
  /** Routes seen so far, over all documents: names of unnamed routes and document order. */
  routeCount: number;
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

function listenerNamesOf(listeners: unknown): readonly string[] {
  if (!Array.isArray(listeners)) return Object.keys(membersOf(listeners));
  return listeners.map((listener, index) => {
    const { name } = membersOf(listener);
    return typeof name === 'string' ? name : defaultListenerName(index);
  });
}

/** Name of a listener that has none: the first is `default`. */
export function defaultListenerName(index: number): string {
  return index === 0 ? 'default' : `listener-${index + 1}`;
}

/** Whether a name stands for an AI backend. */
export function isAiBackend(name: string, { providerBackends, implied }: NativeScope): boolean {
  if (implied.get(name)?.provider !== undefined) return true;
  return [...providerBackends.values()].some((names) => names.includes(name));
}

/** The backend that the endpoints of `geo_routing` make. */
export const GEO_BACKEND = 'geo_routing';

function hasGeoEndpoints(value: unknown): boolean {
  const { geo_routing: geo } = membersOf(value);
  return Object.values(membersOf(membersOf(geo).regions)).some((region) => membersOf(region).endpoints !== undefined);
}

function defaultRouteOf(values: readonly unknown[]): string | undefined {
  if (values.some((value) => membersOf(value).routing_config !== undefined)) return 'routing_config';
  const routes = values.flatMap((value) => {
    const list = membersOf(value).routes;
    return Array.isArray(list) ? list.map(membersOf) : [];
  });
  const route = routes.find((each) => each.default === true);
  if (route === undefined) return undefined;
  return typeof route.name === 'string' ? `the route "${route.name}"` : 'a route with "default: true"';
}

const RULE_SECTIONS = ['routing_config', 'model_routing', 'size_based_routing', 'user_routing', 'geo_routing'];

/** Reads the names only; whether their definitions are right is said where they are translated. */
export function createScope(
  values: readonly unknown[],
  options: TranslateOptions,
  groups: Pick<NativeScope, 'breakers' | 'pools'>,
): NativeScope {
  const backendNames = new Set<string>();
  const listenerNames = new Set<string>();
  const providerBackends = new Map<string, string[]>();
  for (const value of values) {
    const { backends, listeners } = membersOf(value);
    for (const name of listenerNamesOf(listeners)) listenerNames.add(name);
    for (const [name, backend] of Object.entries(membersOf(backends))) {
      backendNames.add(name);
      const { provider } = membersOf(backend);
      if (typeof provider === 'string')
        providerBackends.set(provider, [...(providerBackends.get(provider) ?? []), name]);
    }
  }
  const definesBackends = backendNames.size > 0;
  if (values.some(hasGeoEndpoints)) backendNames.add(GEO_BACKEND);
  if (listenerNames.size === 0) listenerNames.add(defaultListenerName(0));
  const hasRoutes = values.some((value) => {
    const { routes, load_balancing: balancing } = membersOf(value);
    const isBalanced = balancing !== undefined && membersOf(balancing).enabled !== false;
    return isBalanced || (Array.isArray(routes) && routes.length > 0);
  });
  const hasRules = values.some((value) => RULE_SECTIONS.some((section) => membersOf(value)[section] !== undefined));
  const hasRouter = values.some((value) => {
    const { router } = membersOf(value);
    return router !== undefined && membersOf(router).enabled !== false;
  });
  const health: HealthScope = { defaults: undefined, hasGateway: false };
  const discovery: DiscoveryScope = { isWritten: false, isOff: false };
  const tables = { implied: new Map(), retryStrategies: new Map(), sessions: new Map() };
  const more = { groupChecks: new Map(), ruleCounts: new Map(), tenantMarks: new Map(), health, discovery };
  const empty = {
    ...tables,
    ...more,
    fallback: undefined,
    leastConn: undefined,
    defaultRoute: undefined,
    routeCount: 0,
  };
  const defaultOwner = defaultRouteOf(values);
  const names = { backendNames, definesBackends, listenerNames, providerBackends };
  return { options, ...names, hasRoutes, defaultOwner, hasRules, hasRouter, ...groups, ...empty };
}
