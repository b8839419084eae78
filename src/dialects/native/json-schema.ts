// JSON Schema of the native dialect for editors (`# yaml-language-server: $schema=…`) and the configuration reference.
import type { Catalog } from '../../model/catalog.ts';
import { type Shape, s } from '../../schema/builder.ts';
import { AI_BACKEND, PLAIN_BACKEND } from './backends.ts';
import { CATALOG } from './catalog.ts';
import { CIRCUIT_BREAKER } from './circuit-breaker.ts';
import { CONNECTION_POOLING } from './connection-pooling.ts';
import { DATACENTER_ROUTING } from './datacenter-routing.ts';
import { FALLBACK } from './fallback.ts';
import { GEO_ROUTING } from './geo-routing.ts';
import { HEALTH_CHECKS } from './health-checks.ts';
import { LEAST_CONN_CONFIG } from './least-conn-config.ts';
import { LISTENER } from './listeners.ts';
import { LOAD_BALANCING } from './load-balancing.ts';
import { LOG } from './log.ts';
import { MODEL_ROUTING } from './model-routing.ts';
import { MODEL_TARGETS } from './models.ts';
import { MULTI_REGION } from './multi-region.ts';
import { RETRY_CONFIG } from './retry-config.ts';
import { ROUTER } from './router.ts';
import { ROUTE } from './routes.ts';
import { ROUTING_CONFIG } from './routing-config.ts';
import { SERVICE_DISCOVERY } from './service-discovery.ts';
import { SIZE_BASED_ROUTING } from './size-based-routing.ts';
import { TENANT } from './tenants.ts';
import { USAGE } from './usage.ts';
import { USER_ROUTING } from './user-routing.ts';

type Json = Readonly<Record<string, unknown>>;

const DOCUMENT = s.object({
  listeners: s.optional(
    s.union(
      [s.array(LISTENER, 'Listeners.'), s.record(LISTENER as Shape<unknown>, 'Listeners by name.')],
      'Where requests come in; one on port 8080 by default.',
    ),
  ),
  backends: s.optional(s.record(s.union([PLAIN_BACKEND, AI_BACKEND], 'A backend.'), 'Where requests go, by name.')),
  routes: s.optional(s.array(ROUTE, 'Which requests go where.')),
  routing_config: s.optional(ROUTING_CONFIG),
  model_routing: s.optional(MODEL_ROUTING),
  size_based_routing: s.optional(SIZE_BASED_ROUTING),
  user_routing: s.optional(USER_ROUTING),
  models: s.optional(s.record(MODEL_TARGETS, 'Names clients may use as model, and what they stand for.')),
  model_mapping: s.optional(s.record(MODEL_TARGETS, 'The same table as models.')),
  retry_config: s.optional(RETRY_CONFIG),
  fallback: s.optional(FALLBACK),
  log: s.optional(LOG),
  circuit_breaker: s.optional(CIRCUIT_BREAKER),
  geo_routing: s.optional(GEO_ROUTING),
  multi_region: s.optional(MULTI_REGION),
  datacenter_routing: s.optional(DATACENTER_ROUTING),
  health_checks: s.optional(HEALTH_CHECKS),
  service_discovery: s.optional(SERVICE_DISCOVERY),
  connection_pooling: s.optional(CONNECTION_POOLING),
  least_conn_config: s.optional(LEAST_CONN_CONFIG),
  load_balancing: s.optional(LOAD_BALANCING),
  router: s.optional(ROUTER),
  tenants: s.optional(s.record(TENANT, 'Who calls, by name, and what they may use.')),
  catalog: s.optional(CATALOG),
  prices: s.optional(CATALOG),
  usage: s.optional(USAGE),
});

/** Replaces what is said of a key wherever it stands. */
function withKey(schema: unknown, key: string, change: (found: Json) => Json): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withKey(item, key, change));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => {
    const inner = withKey(value, key, change);
    const isProperty = name === key && typeof inner === 'object' && inner !== null;
    return [name, isProperty ? change(inner as Json) : inner];
  });
  return Object.fromEntries(entries);
}

/** The name of an algorithm, or a map with the name and what its own schema takes. */
function balancerSchema(catalog: Catalog, found: Json): Json {
  const names = [...catalog.balancers.keys()];
  const form = (properties: object, required: readonly string[], description: string): Json => ({
    type: 'object',
    description,
    properties,
    required: ['name', ...required],
    additionalProperties: false,
  });
  const nameOnly = form({ name: { enum: names, description: 'Name of the algorithm.' } }, [], 'A name alone.');
  const forms = [...catalog.balancers.values()].map(({ name, summary, schema }) => {
    const { properties, required = [] } = schema.jsonSchema as { properties?: object; required?: readonly string[] };
    return form({ name: { const: name, description: 'Name of the algorithm.' }, ...properties }, required, summary);
  });
  return { description: found.description, anyOf: [{ type: 'string', enum: names }, nameOnly, ...forms] };
}

/** Draft 2020-12; providers and algorithms are those of the catalog. */
export function nativeJsonSchema(catalog: Catalog): object {
  const providers = [...catalog.providers.keys()];
  let schema: unknown = DOCUMENT.jsonSchema;
  if (providers.length > 0) schema = withKey(schema, 'provider', (found) => ({ ...found, enum: providers }));
  if (catalog.balancers.size > 0) {
    schema = withKey(schema, 'balancer', (found) => balancerSchema(catalog, found));
    // Once is enough for readers of the reference.
    const names = [...catalog.balancers.keys()];
    const isBalancer = (found: Json): boolean => found.anyOf !== undefined;
    schema = withKey(schema, 'algorithm', (found) =>
      isBalancer(found) ? { ...found, description: 'The same as balancer.', examples: names } : found,
    );
  }
  return { ...(schema as object), title: 'Switchyard configuration' };
}
