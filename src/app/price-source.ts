// Prices for a configuration: the shipped ones of the providers it uses and those it writes, as plain data for every thread. The package
// that ships them is loaded once per process, by the main thread, when the first AI backend appears.
import { createHash } from 'node:crypto';
import type { CatalogBackend, CatalogData, PriceOverride } from '../llm/catalog/catalog-data.ts';
import { loadShippedPrices, SHIPPED_VERSION, type ShippedPrices } from '../llm/catalog/shipped-prices.ts';
import type { Backend } from '../model/backend.ts';
import { canonicalText } from '../model/canonical-text.ts';
import { DEFAULT_USAGE } from '../model/defaults.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { WrittenPrice } from '../model/prices.ts';
import type { CostSettings } from '../runtime/cost-meter.ts';

const VERSION_DIGITS = 8;

/** Where an AI backend is, as its provider's users know it: without the port that goes without saying. */
function baseUrlOf({ endpoints, provider }: Backend): string | undefined {
  const [first] = endpoints;
  if (first === undefined) return undefined;
  const url = URL.parse(first.url);
  return url === null ? undefined : `${url.origin}${provider?.basePath ?? ''}`;
}

function toOverride({ provider, model, rates, contextWindow, maxOutputTokens }: WrittenPrice): PriceOverride {
  return {
    provider,
    model,
    rates: Object.fromEntries(Object.entries(rates).map(([part, base]) => [part, { base }])),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** Of the shipped prices, and of what is written over them. */
export function catalogVersion(written: readonly WrittenPrice[]): string {
  if (written.length === 0) return SHIPPED_VERSION;
  const digest = createHash('sha256').update(canonicalText(written)).digest('hex');
  return `${SHIPPED_VERSION}+${digest.slice(0, VERSION_DIGITS)}`;
}

export function createCatalogData({ backends, prices = [] }: GatewayModel, shipped: ShippedPrices): CatalogData {
  const ai = backends.flatMap((backend): CatalogBackend[] => {
    if (backend.provider === undefined) return [];
    const { name } = backend.provider;
    return [{ name: backend.name, provider: name, catalogId: shipped.catalogId(name, baseUrlOf(backend)) }];
  });
  const ids = new Set(ai.flatMap(({ catalogId }) => catalogId ?? []));
  const overrides = prices.map(toOverride);
  return { version: catalogVersion(prices), providers: shipped.providers(ids), overrides, backends: ai };
}

export class PriceSource {
  private shipped: Promise<ShippedPrices> | undefined;

  async settingsFor(model: GatewayModel): Promise<CostSettings> {
    const { estimate } = model.usage ?? DEFAULT_USAGE;
    if (!model.backends.some(({ provider }) => provider !== undefined)) return { catalog: undefined, estimate };
    this.shipped ??= loadShippedPrices();
    return { catalog: createCatalogData(model, await this.shipped), estimate };
  }
}
