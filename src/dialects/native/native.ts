// Switchyard's own dialect: one file of this folder for each section. Every key acts, or is a finding.
import { DEFAULT_BREAKER } from '../../model/defaults.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import type { Locality } from '../../model/locality.ts';
import type { Route } from '../../model/route.ts';
import type { Dialect, SourceDocument, TranslateOptions, Translation } from '../dialect.ts';
import { translateBackends } from './backends.ts';
import { translateCatalog } from './catalog.ts';
import { BreakerAssignment, readBreakers } from './circuit-breaker.ts';
import { createPoolGroups, readPools } from './connection-pooling.ts';
import { translateDatacenterRouting } from './datacenter-routing.ts';
import { impliedRoute, readFallback } from './fallback.ts';
import { translateGeoRouting } from './geo-routing.ts';
import { readHealthChecks } from './health-checks.ts';
import { LATER_SECTIONS } from './later-keys.ts';
import { readLeastConnConfig, reportUnusedLeastConn } from './least-conn-config.ts';
import { translateListeners } from './listeners.ts';
import { translateLoadBalancing } from './load-balancing.ts';
import { translateLog } from './log.ts';
import { translateModelRouting } from './model-routing.ts';
import { translateModels } from './models.ts';
import { translateMultiRegion } from './multi-region.ts';
import { nearestMend, Reading } from './reading.ts';
import { readRetryConfig } from './retry-config.ts';
import { impliedRouterRoute, type RouterPlace, translateRouter } from './router.ts';
import { translateRoutes } from './routes.ts';
import { readGroupChecks, reportSecondDefault, translateRoutingConfig } from './routing-config.ts';
import { findRuleSessions } from './rule-sessions.ts';
import { createScope, type NativeScope } from './scope.ts';
import { readServiceDiscovery } from './service-discovery.ts';
import { translateSizeBasedRouting } from './size-based-routing.ts';
import { translateTenants } from './tenants.ts';
import { translateUsage } from './usage.ts';
import { translateUserRouting } from './user-routing.ts';

/** The sections that act. */
export const SECTIONS = [
  'listeners',
  'backends',
  'routes',
  'routing_config',
  'model_routing',
  'size_based_routing',
  'user_routing',
  'models',
  'model_mapping',
  'retry_config',
  'fallback',
  'log',
  'circuit_breaker',
  'geo_routing',
  'multi_region',
  'datacenter_routing',
  'health_checks',
  'service_discovery',
  'connection_pooling',
  'least_conn_config',
  'load_balancing',
  'router',
  'tenants',
  'catalog',
  'prices',
  'usage',
] as const;

type Sections = Readonly<Partial<Record<(typeof SECTIONS)[number], unknown>>>;

function knownSections(reading: Reading): Sections {
  const { value } = reading.document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = `expected a map of sections such as ${SECTIONS.slice(0, 3).join(', ')}`;
    reading.error([], { code: 'config.wrong-type', message });
    return {};
  }
  const own = reading.withoutLater(value, [], LATER_SECTIONS) as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(own)) {
    if ((SECTIONS as readonly string[]).includes(key)) continue;
    const { mend = `sections: ${SECTIONS.join(', ')}` } = nearestMend(key, [...SECTIONS, ...LATER_SECTIONS]);
    reading.error([key], { code: 'config.unknown-key', message: `unknown key "${key}"`, mend });
  }
  return own;
}

type RouteSection = (value: unknown, reading: Reading, scope: NativeScope) => readonly Route[];

const ROUTE_SECTIONS: Readonly<Partial<Record<string, RouteSection>>> = {
  routes: translateRoutes,
  routing_config: translateRoutingConfig,
  model_routing: translateModelRouting,
  size_based_routing: translateSizeBasedRouting,
  user_routing: translateUserRouting,
  load_balancing: translateLoadBalancing,
};

/** In the order of the document: it decides between rules that are equally specific, whatever section they stand in. */
function translateRouteSections(sections: Sections, reading: Reading, scope: NativeScope): readonly Route[] {
  return Object.entries(sections).flatMap(([name, value]) => ROUTE_SECTIONS[name]?.(value, reading, scope) ?? []);
}

interface DocumentPart {
  readonly reading: Reading;
  readonly sections: Sections;
  /** Backends implied by other documents. */
  readonly known: Set<string>;
}

function translateSections({ reading, sections, known }: DocumentPart, scope: NativeScope): Partial<GatewayModel> {
  const listeners = translateListeners(sections.listeners, reading, scope);
  const written = translateBackends(sections.backends, reading, scope);
  const writtenRoutes = translateRouteSections(sections, reading, scope);
  const geo = translateGeoRouting(sections.geo_routing, reading, scope);
  const aliases = (['models', 'model_mapping'] as const).flatMap((key) =>
    translateModels({ key, value: sections[key] }, reading, scope),
  );
  const router = translateRouter(sections, { reading, scope });
  const tenants = translateTenants(sections.tenants, reading, scope);
  const extra = impliedAiRoute(sections, { tenants, aliases }, { reading, scope });
  const routes = [...writtenRoutes, ...[extra, geo?.route].filter((route) => route !== undefined)];
  const implied = [...scope.implied].filter(([name]) => !known.has(name)).map(([, backend]) => backend);
  const backends = [...written, ...(geo?.backend === undefined ? [] : [geo.backend]), ...implied];
  const prices = (['catalog', 'prices'] as const).flatMap((key) =>
    translateCatalog({ key, value: sections[key] }, reading, scope),
  );
  const usage = translateUsage(sections.usage, reading);
  const locality = readLocality(sections, geo?.geo, { reading, scope });
  const log = sections.log === undefined ? undefined : translateLog(sections.log, reading);
  return {
    ...(listeners.length > 0 && { listeners }),
    ...(backends.length > 0 && { backends }),
    ...(routes.length > 0 && { routes }),
    ...(aliases.length > 0 && { aliases }),
    ...(router !== undefined && { router }),
    ...(tenants.length > 0 && { tenants }),
    ...(log !== undefined && { log }),
    ...(prices.length > 0 && { prices }),
    ...(usage !== undefined && { usage }),
    ...(locality !== undefined && { locality }),
  };
}

/** The route of a configuration without one whose sections are a router of their own. */
function impliedAiRoute(
  sections: Sections,
  { tenants, aliases }: Required<Pick<GatewayModel, 'tenants' | 'aliases'>>,
  { reading, scope }: RouterPlace,
): Route | undefined {
  const place = { reading, scope };
  if (scope.hasRouter) return sections.router === undefined ? undefined : impliedRouterRoute('router', place);
  if (scope.fallback !== undefined) return sections.fallback === undefined ? undefined : impliedRoute(reading, scope);
  if (tenants.length > 0) return impliedRouterRoute('tenants', place);
  const isMapped =
    !scope.hasRules && aliases.some(({ targets }) => targets.some(({ backend }) => backend !== undefined));
  const section = sections.model_mapping === undefined ? 'models' : 'model_mapping';
  return isMapped ? impliedRouterRoute(section, place) : undefined;
}

function readLocality(
  sections: Sections,
  geo: Locality['geo'],
  { reading, scope }: { readonly reading: Reading; readonly scope: NativeScope },
): Locality | undefined {
  const failover = translateMultiRegion(sections.multi_region, reading);
  const zones = translateDatacenterRouting(sections.datacenter_routing, reading, scope);
  if (geo === undefined && failover === undefined && zones === undefined) return undefined;
  return { ...(geo && { geo }), ...(failover && { failover }), ...(zones && { zones }) };
}

function translate(documents: readonly SourceDocument[], options: TranslateOptions): Translation {
  const readings = documents.map((document) => new Reading(document));
  const documentsRead = readings.map((reading) => ({ reading, sections: knownSections(reading) }));
  const breakers = new BreakerAssignment(
    documentsRead.flatMap(({ reading, sections }) => readBreakers(sections.circuit_breaker, reading)),
  );
  const pools = createPoolGroups(
    documentsRead.flatMap(({ reading, sections }) => readPools(sections.connection_pooling, reading)),
  );
  const scope = createScope(
    documents.map((document) => document.value),
    options,
    { breakers, pools },
  );
  if (scope.hasRouter) breakers.forAi = DEFAULT_BREAKER;
  const fallbackAt = documentsRead.findIndex(({ sections }) => sections.fallback !== undefined);
  const health = documentsRead.map(({ reading, sections }) => readHealthChecks(sections.health_checks, reading, scope));
  const discovery = documentsRead.map(({ reading, sections }) =>
    readServiceDiscovery(sections.service_discovery, reading, scope),
  );
  for (const { reading, sections } of documentsRead) readRetryConfig(sections.retry_config, reading, scope);
  for (const { reading, sections } of documentsRead) readLeastConnConfig(sections.least_conn_config, reading, scope);
  for (const { reading, sections } of documentsRead) readGroupChecks(sections.routing_config, reading, scope);
  for (const { reading, sections } of documentsRead) findRuleSessions(sections, reading, scope);
  for (const { reading, sections } of documentsRead) readFallback(sections.fallback, reading, scope);
  // What the order implies belongs to the document that has it.
  const ofFallback = new Set(scope.implied.keys());
  const fragments = documentsRead.map((part, index) => {
    const before = [...scope.implied.keys()];
    const known = new Set(index === fallbackAt ? before.filter((name) => !ofFallback.has(name)) : before);
    const gatewayHealth = health[index];
    const settings = discovery[index];
    return {
      ...breakers.apply(translateSections({ ...part, known }, scope)),
      ...(gatewayHealth !== undefined && { health: gatewayHealth }),
      ...(settings !== undefined && { discovery: settings }),
    };
  });
  reportSecondDefault(fragments, scope);
  breakers.reportUnused(scope.definesBackends);
  reportUnusedLeastConn(scope);
  pools.reportUnused(scope.definesBackends);
  return { fragments, findings: readings.flatMap((reading) => reading.findings) };
}

export const native: Dialect = {
  name: 'native',
  summary: 'Listeners, backends, routes and models in one YAML file or several.',
  translate,
};
