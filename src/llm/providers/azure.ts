// Azure OpenAI: models behind deployments of a resource, at dated paths (`api_version`) or at the one without dates.
import { s } from '../../schema/builder.ts';
import { compileOpenaiCompatible, headerLine, OPENAI_OPERATIONS, OPENAI_PATHS } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';
import type { Operation } from '../operation.ts';
import type { ProviderAdapter, ProviderCall, ProviderDefinition, TokenNeed, TranslationTarget } from '../provider.ts';

const RESOURCE = { pattern: /^[a-z0-9][a-z0-9-]*$/i, expected: 'the name of a resource' };
const VERSION = { pattern: /^[\w-]+$/, expected: 'a version such as 2025-04-01-preview' };
const NAME = { pattern: /^[\w.-]+$/, expected: 'letters, digits, dots, dashes and underscores' };
const DEFAULT_SCOPE = 'https://cognitiveservices.azure.com/.default';

const SCHEMA = s.object({
  resource: s.optional(s.string('Name of the resource, in place of a base_url.', RESOURCE)),
  api_version: s.optional(
    s.string(
      'Version of the dated paths. Without it requests go to `/openai/v1`, where models are deployments.',
      VERSION,
    ),
  ),
  deployment: s.optional(
    s.string('Deployment asked, whatever the model; default the model’s name. For dated paths.', NAME),
  ),
  deployments: s.optional(s.record(s.string('Deployment.', NAME), 'Deployments by model. For dated paths.')),
  tenant_id: s.optional(
    s.string('Tenant of Entra, whose tokens then replace the key; `api_key` is the client’s secret.', NAME),
  ),
  client_id: s.optional(s.string('Client of Entra.', NAME)),
  scope: s.optional(s.url(`Scope of the token; default ${DEFAULT_SCOPE}.`)),
  ...QUIRK_OPTIONS,
});

type AzureConfig = Extract<ReturnType<typeof SCHEMA.parse>, { readonly ok: true }>['value'];

/** Operations whose dated paths name a deployment. */
const DEPLOYED: ReadonlySet<Operation> = new Set([
  'chat',
  'completions',
  'embeddings',
  'images',
  'speech',
  'transcription',
]);

function hasDatesForDeployments({ api_version, deployment, deployments }: AzureConfig): boolean {
  return api_version !== undefined || (deployment === undefined && deployments === undefined);
}

function isEntraWhole({ tenant_id, client_id, scope }: AzureConfig): boolean {
  return (tenant_id === undefined) === (client_id === undefined) && (scope === undefined || tenant_id !== undefined);
}

/** Below the resource's address. A name that a path would take for something else is escaped, or asks for nothing. */
function pathOf(config: AzureConfig, operation: Operation, model: string): string | undefined {
  const path = OPENAI_PATHS[operation];
  if (path === undefined || !OPENAI_OPERATIONS.includes(operation)) return undefined;
  if (config.api_version === undefined) return `/openai/v1${path}`;
  if (!DEPLOYED.has(operation)) return `/openai${path}`;
  const own = config.deployments !== undefined && Object.hasOwn(config.deployments, model);
  const deployment = own ? config.deployments[model] : (config.deployment ?? model);
  if (/^\.{0,2}$/.test(deployment)) return undefined;
  return `/openai/deployments/${encodeURIComponent(deployment.toWellFormed())}${path}`;
}

/** The client's query with our version in place of its own. */
function queryOf(clientQuery: string, version: string | undefined): string {
  const kept = clientQuery.split('&').filter((pair) => pair !== '' && !/^api-version(=|$)/i.test(pair));
  return [...kept, ...(version === undefined ? [] : [`api-version=${version}`])].join('&');
}

function tokenNeedOf({ tenant_id: tenantId, client_id: clientId, scope }: AzureConfig): TokenNeed | undefined {
  if (tenantId === undefined || clientId === undefined) return undefined;
  return { kind: 'entra', tenantId, clientId, scope: scope ?? DEFAULT_SCOPE };
}

function compile(config: AzureConfig): ProviderAdapter {
  const adapter = compileOpenaiCompatible(COMMON, config);
  const { api_version: version } = config;
  const tokenNeed = tokenNeedOf(config);
  const translation = (call: ProviderCall): TranslationTarget | undefined => {
    const target = adapter.translation(call);
    const path = target && pathOf(config, target.codec.kind === 'embeddings' ? 'embeddings' : 'chat', call.model);
    return target && path ? { ...target, path, query: queryOf('', version) } : undefined;
  };
  return {
    ...adapter,
    translation,
    path: (operation, model) => pathOf(config, operation, model),
    passedQuery: (clientQuery) => queryOf(clientQuery, version),
    // With Entra the secret is the client's: it goes to the token's issuer, never to the resource.
    credentialLines: (secret) => (secret === undefined || tokenNeed !== undefined ? '' : headerLine('api-key', secret)),
    ...(tokenNeed !== undefined && { tokenNeed }),
  };
}

const COMMON = {
  name: 'azure',
  summary:
    'Azure OpenAI: the address of the resource as base_url (without `/openai`), or its name as the option `resource`.',
  schema: s.where(
    s.where(SCHEMA, isEntraWhole, '`tenant_id` and `client_id` together, `scope` only with them'),
    hasDatesForDeployments,
    '`api_version` beside deployments; without dates the model names the deployment (`model` of the backend)',
  ),
  examples: [
    { title: 'Without dates: the model is the deployment', config: { resource: 'contoso' } },
    {
      title: 'Dated paths, with deployments by model',
      config: { resource: 'contoso', api_version: '2025-04-01-preview', deployments: { 'gpt-4o': 'chat-eu' } },
    },
    {
      title: 'With tokens of Entra',
      config: { resource: 'contoso', tenant_id: 'tenant-1', client_id: 'client-1' },
    },
  ],
} as const;

export const azure: ProviderDefinition<AzureConfig> = {
  ...COMMON,
  defaultBaseUrl: undefined,
  baseUrlOf: ({ resource }) => (resource === undefined ? undefined : `https://${resource}.openai.azure.com`),
  keyVariables: ['AZURE_OPENAI_API_KEY'],
  baseUrlVariables: ['AZURE_OPENAI_ENDPOINT'],
  speaks: ['openai'],
  compile,
};
