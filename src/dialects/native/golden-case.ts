// Golden cases of dialects: one input, and the model and findings it must give, as YAML a reviewer can read. For tests and their updater.
import type { Backend } from '../../model/backend.ts';
import type { Catalog, ProviderCatalogEntry } from '../../model/catalog.ts';
import {
  DEFAULT_AFFINITY,
  DEFAULT_BALANCER,
  DEFAULT_BREAKER,
  DEFAULT_CONCURRENCY,
  DEFAULT_HEALTH_CHECK,
  DEFAULT_LISTENER_LIMITS,
  DEFAULT_LISTENER_PORT,
  DEFAULT_OUTLIER,
  DEFAULT_PATH_POLICY,
  DEFAULT_POOL,
  DEFAULT_RETRY,
} from '../../model/defaults.ts';
import type { Finding } from '../../model/finding.ts';
import { formatFinding } from '../../model/format-finding.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import { NO_ROUTER } from '../../model/router.ts';
import { s } from '../../schema/builder.ts';
import { toYamlText } from '../../schema/yaml-text.ts';
import { translateDocuments } from '../translate-documents.ts';

const anything = { schema: s.unknown('Taken as it is.'), examples: [] };

function named<T extends object>(names: readonly string[], more: T) {
  return new Map(names.map((name) => [name, { name, summary: name, ...anything, ...more }] as const));
}

function provider(name: string, settings: Partial<ProviderCatalogEntry>): readonly [string, ProviderCatalogEntry] {
  const standard = { defaultBaseUrl: undefined, keyVariables: [], baseUrlVariables: [] };
  return [name, { name, summary: name, schema: s.object({}), examples: [], ...standard, ...settings }];
}

/** A catalog that does not change when a filter or provider is added to the product. */
export const GOLDEN_CATALOG: Catalog = {
  filters: named(
    [
      'request-header-modify',
      'response-header-modify',
      'url-rewrite',
      'redirect',
      'direct-response',
      'request-size-limit',
    ],
    {},
  ),
  providers: new Map([
    provider('openai', {
      defaultBaseUrl: 'https://api.openai.com/v1',
      keyVariables: ['OPENAI_API_KEY'],
      baseUrlVariables: ['OPENAI_BASE_URL'],
    }),
    provider('mistral', { defaultBaseUrl: 'https://api.mistral.ai/v1', keyVariables: ['MISTRAL_API_KEY'] }),
    provider('openai-compatible', {}),
    provider('azure', {
      schema: s.object({ resource: s.optional(s.string('Resource.')) }),
      baseUrlOf: ({ resource }: { readonly resource?: string }) => resource && `https://${resource}.example.com`,
    }),
  ]),
  balancers: new Map([
    ...named(['weighted_round_robin', 'round_robin', 'least_conn'], { schema: s.object({}) }),
    ...named(['least_conn_rt'], {
      schema: s.object({
        response_time_weight: s.withDefault(s.number('At least 0.', { min: 0 }), 0.7),
        metrics: s.optional(s.array(s.choice(['active_connections', 'response_time_p95'], 'A metric.'), 'Metrics.')),
        update_interval: s.optional(s.durationText('A duration.')),
      }),
    }),
    ...named(['ring_hash'], {
      hashOn: () => [],
      schema: s.object({
        hash_on: s.object({ header: s.string('Name.') }),
        bounded_load: s.withDefault(s.number('At least 1.', { min: 1 }), 1.25),
      }),
    }),
  ]),
};

export const GOLDEN_ENVIRONMENT: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: 'sk-from-environment',
  UPSTREAM_HOST: 'upstream.example.com',
  UPSTREAM_PORT: '9000',
};

const GOLDEN_FILES: Readonly<Record<string, string>> = {
  'cert.pem': '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
  'key.pem': '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n',
  'key.txt': 'sk-from-file\n',
};

/** What a key holds when nobody wrote it: such members are left out of a golden. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  address: undefined,
  balancer: { name: DEFAULT_BALANCER, config: {} },
  config: {},
  family: 'auto',
  filters: [],
  forwardCredential: false,
  hostnames: [],
  isDefault: false,
  isTls: false,
  limits: DEFAULT_LISTENER_LIMITS,
  order: undefined,
  origin: undefined,
  parents: [],
  path: DEFAULT_PATH_POLICY,
  pool: DEFAULT_POOL,
  port: DEFAULT_LISTENER_PORT,
  protocol: 'http',
  rank: 0,
  tier: 0,
  timeouts: {},
  tls: undefined,
  trustedProxies: [],
  weight: 1,
};

const ALWAYS_LEFT_OUT = new Set(['origin', 'order']);
/** Maps of which only the members that differ are shown. */
const SHOWN_BY_DIFFERENCE: Readonly<Record<string, object>> = {
  limits: DEFAULT_LISTENER_LIMITS,
  path: DEFAULT_PATH_POLICY,
  pool: DEFAULT_POOL,
  retry: DEFAULT_RETRY,
  breaker: DEFAULT_BREAKER,
  outlier: DEFAULT_OUTLIER,
  concurrency: DEFAULT_CONCURRENCY,
  affinity: DEFAULT_AFFINITY,
  healthCheck: DEFAULT_HEALTH_CHECK,
  router: NO_ROUTER,
};

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function difference(value: object, standard: object): object {
  const entries = Object.entries(value).filter(
    ([key, member]) => !ALWAYS_LEFT_OUT.has(key) && !isSame((standard as Record<string, unknown>)[key], member),
  );
  return Object.fromEntries(entries);
}

function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (ALWAYS_LEFT_OUT.has(key) || member === undefined) continue;
    if (Object.hasOwn(DEFAULTS, key) && isSame(member, DEFAULTS[key])) continue;
    if (key === 'name' && member === (value as { readonly id?: unknown }).id) continue;
    const standard = SHOWN_BY_DIFFERENCE[key];
    const isWhole =
      standard !== undefined && Object.keys(standard).every((name) => Object.hasOwn(member as object, name));
    kept[key] = isWhole ? difference(member as object, standard) : withoutDefaults(member);
  }
  return kept;
}

function shownEndpoints(model: Partial<GatewayModel>): Partial<GatewayModel> {
  if (model.backends === undefined) return model;
  const backends = model.backends.map((backend) => ({
    ...backend,
    endpoints: backend.endpoints.map(({ id: _id, ...endpoint }) => endpoint),
  }));
  return { ...model, backends: backends as unknown as readonly Backend[] };
}

export interface GoldenOutput {
  readonly model: string;
  readonly findings: string;
}

/** Both texts of a case. Files are named `in.yaml`; the implied listener is left out. */
export function runGolden(text: string): GoldenOutput {
  const { fragments, findings } = translateDocuments([{ source: 'in.yaml', text }], {
    environment: GOLDEN_ENVIRONMENT,
    readFile: (path) => GOLDEN_FILES[path],
    catalog: GOLDEN_CATALOG,
  });
  const written = fragments.filter(({ listeners = [] }) =>
    listeners.every((listener) => listener.origin.line !== undefined),
  );
  const shown = written.map((fragment) => withoutDefaults(shownEndpoints(fragment)));
  const lines = findings.map((finding: Finding) => formatFinding(finding));
  return { model: toYamlText(shown.length === 1 ? shown[0] : shown), findings: toYamlText(lines) };
}
