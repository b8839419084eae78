// The prices that come with this build, from the package that keeps them: never from its network. Loaded once per process, by the
// main thread or a command, when something has a use for them: it takes a tenth of a second.
import type {
  ConditionalPrice,
  ModelInfo,
  ModelPrice as PackagePrice,
  Provider,
  TieredPrices,
} from '@pydantic/genai-prices';
import { picoPerThousandth, picoPerToken } from '../../base/pico-dollars.ts';
import type { CatalogModel, CatalogProvider, DatedRates } from './catalog-data.ts';
import type { Rate, Rates } from './rates.ts';

/** Version of the package; a test compares it. */
export const SHIPPED_VERSION = 'genai-prices-0.1.8';

/** Names of ours that the catalog calls otherwise. Null: served by whoever runs it, so nobody else's price is theirs. */
const CATALOG_IDS: Readonly<Record<string, string | null>> = {
  vertex: 'google',
  gemini: 'google',
  bedrock: 'aws',
  'azure-openai': 'azure',
  xai: 'x-ai',
  ollama: null,
  vllm: null,
  'lm-studio': null,
  'openai-compatible': null,
};

/** Price keys of the package as rates of ours; sold by anything else than tokens is not kept. */
const RATE_OF = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'audioInput',
  output_audio_mtok: 'audioOutput',
} as const satisfies Readonly<Record<string, keyof Rates>>;

/** What the gateway needs of the catalog for its backends. */
export interface ShippedPrices {
  /** The catalog's name of a provider of ours, or of whoever is found at an address. */
  catalogId(provider: string, baseUrl: string | undefined): string | undefined;
  /** Whose model this is, by its name alone; in the catalog's name. */
  sellerOf(model: string): string | undefined;
  /** These and those that they sell for. */
  providers(ids: Iterable<string>): readonly CatalogProvider[];
}

export async function loadShippedPrices(): Promise<ShippedPrices> {
  const { findProvider } = await import('@pydantic/genai-prices');
  const byId = (providerId: string): Provider | undefined => {
    const provider = findProvider({ providerId });
    return provider?.id === providerId ? provider : undefined;
  };
  return {
    catalogId(provider, baseUrl) {
      const known = CATALOG_IDS[provider];
      const named = known === null ? undefined : byId(known ?? provider);
      if (named !== undefined) return named.id;
      return baseUrl === undefined ? undefined : findProvider({ providerApiUrl: baseUrl })?.id;
    },
    sellerOf: (model) => findProvider({ modelId: model })?.id,
    providers(ids) {
      const taken = new Map<string, CatalogProvider>();
      const take = (id: string): void => {
        const provider = taken.has(id) ? undefined : byId(id);
        if (provider === undefined) return;
        taken.set(id, toProvider(provider));
        for (const other of provider.fallback_model_providers ?? []) take(other);
      };
      for (const id of ids) take(id);
      return [...taken.values()];
    },
  };
}

function toProvider({ id, models, fallback_model_providers: sellsFor = [] }: Provider): CatalogProvider {
  return { id, sellsFor, models: models.map(toModel) };
}

function toModel({ id, match, prices, context_window: contextWindow }: ModelInfo): CatalogModel {
  const dated = Array.isArray(prices) ? prices.map(toDated) : [{ rates: toRates(prices) }];
  return { id, match, prices: dated, ...(contextWindow !== undefined && { contextWindow }) };
}

function toDated({ constraint, prices }: ConditionalPrice): DatedRates {
  const rates = toRates(prices);
  if (constraint === undefined) return { rates };
  if (constraint.type === 'start_date') return { fromMs: Date.parse(constraint.start_date), rates };
  const daily = { startSecond: secondOfDay(constraint.start_time), endSecond: secondOfDay(constraint.end_time) };
  return { daily, rates };
}

/** `16:30:00Z`, `08:00:00+08:00`: seconds since midnight UTC. */
function secondOfDay(time: string): number {
  return Math.floor(Date.parse(`1970-01-02T${time}`) / 1000) % 86_400;
}

function toRates(prices: PackagePrice): Rates {
  const rates: { -readonly [K in keyof Rates]: Rates[K] } = {};
  for (const [key, price] of Object.entries(prices)) {
    const name = RATE_OF[key as keyof typeof RATE_OF];
    if (price === undefined) continue;
    if (name !== undefined) rates[name] = toRate(price, picoPerToken);
    else if (key === 'requests_kcount') rates.request = toRate(price, picoPerThousandth);
  }
  return rates;
}

function toRate(price: number | TieredPrices, pico: (price: number) => number | undefined): Rate {
  if (typeof price === 'number') return { base: pico(price) ?? 0 };
  const tiers = price.tiers.map(({ start, price: dollars }) => ({ above: start, rate: pico(dollars) ?? 0 }));
  return { base: pico(price.base) ?? 0, tiers: tiers.sort((a, b) => a.above - b.above) };
}
