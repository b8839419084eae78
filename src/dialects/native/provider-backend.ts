// AI backends: which provider, with which key, at which address. Follows the provider's official SDK and its environment variables.
import { type OriginUrl, parseOrigin } from '../../base/origin-url.ts';
import type { Id } from '../../base/types.ts';
import type { AffinitySettings, Endpoint, ProviderUse } from '../../model/backend.ts';
import type { ProviderCatalogEntry } from '../../model/catalog.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { AFFINITY, toAffinity } from './affinity.ts';
import { ENDPOINTS, translateEndpoints } from './endpoints.ts';
import { firstSet, readSettings } from './provider-options.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

export const PROVIDER_KEYS = {
  provider: s.string('Name of the AI provider.', { minLength: 1 }),
  model: s.optional(s.string("Replaces the request's model.", { minLength: 1 })),
  api_key: s.optional(s.secret("Key sent to the provider; by default the provider's environment variable.")),
  api_keys: s.optional(
    s.oneOrMany(
      s.union(
        [
          s.secret('A key.'),
          s.object({ key: s.secret('A key.'), weight: s.optional(s.integer('Share; default 1.', { min: 1 })) }),
        ],
        'A key.',
      ),
      'Several keys in turns by weight, in place of api_key: one that is refused or at its limit stands out while others serve.',
    ),
  ),
  models: s.optional(
    s.oneOrMany(
      s.string('Glob.', { minLength: 1 }),
      'Models it has, with * for any text, where a router chooses; default what is known of the provider.',
    ),
  ),
  base_url: s.optional(s.url("As the provider's official SDK takes it (OpenAI's ends in /v1).")),
  forward_credentials: s.optional(s.boolean("Send the client's own credential on; default false.")),
  unsupported_parameters: s.optional(
    s.choice(
      ['drop', 'refuse'],
      'What becomes of wishes that the provider cannot be told, where its API is not the client’s: left out and named in x-switchyard-dropped, or answered with 400. Default drop.',
    ),
  ),
  options: s.optional(s.record(s.unknown('Value.'), 'Settings of the provider.')),
  affinity: s.optional(AFFINITY),
};

const PROVIDER = s.object({ ...PROVIDER_KEYS, endpoints: s.optional(ENDPOINTS) });

export interface ProviderBackend {
  readonly endpoints: readonly Endpoint[];
  readonly provider?: ProviderUse;
  readonly affinity?: AffinitySettings;
}

export interface ProviderPlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  readonly path: Path;
}

type Written = Infer<typeof PROVIDER>;

interface ConfiguredProvider {
  readonly entry: ProviderCatalogEntry;
  /** Its options, parsed. */
  readonly config: unknown;
}

/** Where options make the address: which of them, and what stands for them. */
function optionMend({ baseUrlOf, optionVariables = {} }: ProviderCatalogEntry): { readonly mend?: string } {
  const found = Object.entries(optionVariables).find(([, { besideKey }]) => besideKey === undefined);
  if (baseUrlOf === undefined || found === undefined) return {};
  return { mend: `give "options.${found[0]}" or set ${found[1].variables.join(' or ')}` };
}

/** The address that the written options make without any from the environment. */
function addressOf(entry: ProviderCatalogEntry, options: Written['options']): string | undefined {
  if (entry.baseUrlOf === undefined) return undefined;
  const parsed = entry.schema.parse(options ?? {});
  return parsed.ok ? entry.baseUrlOf(parsed.value) : undefined;
}

function baseUrl(
  written: Written,
  { entry, config }: ConfiguredProvider,
  { reading, scope, path }: ProviderPlace,
): OriginUrl | undefined {
  const fromEnvironment = firstSet(entry.baseUrlVariables, scope);
  const text =
    written.base_url ??
    addressOf(entry, written.options) ??
    fromEnvironment ??
    entry.baseUrlOf?.(config) ??
    entry.defaultBaseUrl;
  if (text === undefined) {
    const message = `"base_url" is required: ${entry.name} has no address of its own`;
    reading.error(path, { code: 'config.missing-key', message, ...optionMend(entry) });
    return undefined;
  }
  const url = parseOrigin(text);
  if (url === undefined) {
    const inFile = written.base_url !== undefined;
    const message = inFile ? 'not a base URL' : `${entry.baseUrlVariables.join(' or ')} holds no base URL`;
    const mend = 'write https://host/path, without user, query or fragment';
    reading.error(inFile ? [...path, 'base_url'] : path, { code: 'config.wrong-value', message, mend });
  }
  return url;
}

/** A backend that nobody wrote takes its key from the environment of the gateway, which need not be that of a check. */
function reportMissingKey(entry: ProviderCatalogEntry, url: OriginUrl, name: string, place: ProviderPlace): void {
  if (entry.keyVariables.length === 0 || url.isLoopback) return;
  const { reading, scope, path } = place;
  const variables = entry.keyVariables.join(' or ');
  const code = 'config.missing-secret';
  const message = `no key for the provider ${entry.name}`;
  if (!scope.backendNames.has(name))
    reading.note(path, { code, message, mend: `set ${variables} where the gateway runs` });
  else {
    const mend = `give "api_key", set ${variables}, or write "forward_credentials: true"`;
    reading.warning(path, { code, message, mend });
  }
}

/** Endpoints and provider of an AI backend, or undefined after errors. */
export function translateProvider(name: string, written: Written, place: ProviderPlace): ProviderBackend | undefined {
  const { reading, scope, path } = place;
  const { providers } = scope.options.catalog;
  const entry = providers.get(written.provider);
  if (entry === undefined) {
    const accepted = [...providers.keys()];
    const message = `there is no provider "${written.provider}"; accepted: ${accepted.join(', ')}`;
    const code = 'config.undefined-provider';
    reading.error([...path, 'provider'], { code, message, ...nearestMend(written.provider, accepted) });
    return undefined;
  }
  const { api_keys: keys } = written;
  if (keys !== undefined && written.api_key !== undefined) {
    const message = '"api_key" and "api_keys" exclude each other';
    reading.error([...path, 'api_keys'], { code: 'config.conflict', message, mend: 'put all keys into "api_keys"' });
  }
  const apiKeys = keys?.map((key) =>
    typeof key === 'string' ? { apiKey: key, weight: 1 } : { apiKey: key.key, weight: key.weight ?? 1 },
  );
  const given = written.api_key ?? apiKeys?.[0].apiKey;
  const { apiKey, options } = readSettings({ api_key: given, options: written.options }, entry, scope);
  const config = reading.parse(entry.schema, options, [...path, 'options']);
  // An address made of options that are wrong would be one problem told twice.
  const isOfOptions = config === undefined && entry.baseUrlOf !== undefined;
  const url = isOfOptions ? undefined : baseUrl(written, { entry, config }, place);
  if (url === undefined || config === undefined) return undefined;
  const forwardCredential = written.forward_credentials ?? false;
  if (apiKey === undefined && !forwardCredential) reportMissingKey(entry, url, name, place);
  const own = { id: `${name}/${url.origin}` as Id<'endpoint'>, url: url.origin, weight: 1 };
  const raw = { endpoints: written.endpoints };
  const listed =
    written.endpoints && translateEndpoints(name, written.endpoints, { reading, path: [...path, 'endpoints'], raw });
  const { affinity } = written;
  return {
    endpoints: listed ?? [own],
    ...(affinity !== undefined && { affinity: toAffinity(affinity, { reading, path: [...path, 'affinity'] }) }),
    provider: {
      name: entry.name,
      config,
      basePath: url.path,
      ...(written.model !== undefined && { model: written.model }),
      ...(apiKey !== undefined && { apiKey }),
      ...(apiKeys !== undefined && { apiKeys }),
      ...(written.models !== undefined && { models: written.models }),
      forwardCredential,
      ...(written.unsupported_parameters === 'refuse' && { strictness: 'strict' as const }),
    },
  };
}
