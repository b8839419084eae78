// What tokens would cost, without a gateway: the shipped prices, and those of a configuration over them.
import { dollarsText } from '../base/pico-dollars.ts';
import { PriceBook } from '../llm/catalog/price-book.ts';
import { billOf, type CostLine, costOf } from '../llm/catalog/rates.ts';
import { loadShippedPrices } from '../llm/catalog/shipped-prices.ts';
import { createUsage, type Usage } from '../llm/usage.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { createCatalogData } from './price-source.ts';

export type { BilledLine, CostExplanation } from '../runtime/recent-costs.ts';

export interface OfflineCost {
  readonly entry: string;
  readonly source: string;
  readonly priceVersion: string;
  readonly lines: readonly CostLine[];
  readonly total: number;
  readonly dollars: string;
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
}

const NO_MODEL: Pick<GatewayModel, 'backends'> = { backends: [] };

/** What an alias stands for; of several targets the first. */
function behindAlias(name: string, { aliases, backends }: GatewayModel): string {
  const target = aliases.find(({ alias }) => alias === name)?.targets[0];
  if (target?.model === undefined) return name;
  const backend = backends.find(({ id }) => id === target.backend);
  return backend === undefined ? target.model : `${backend.name}/${target.model}`;
}

/** `asked`: `provider/model`, a model alone, or an alias of the configuration. Undefined = nobody says what it costs. `configuration`: for its prices and backends. */
export async function costOffline(
  asked: string,
  counts: Partial<Usage>,
  configuration: GatewayModel | undefined,
): Promise<OfflineCost | undefined> {
  const shipped = await loadShippedPrices();
  const model = { ...NO_MODEL, ...configuration } as GatewayModel;
  const name = configuration === undefined ? asked : behindAlias(asked, configuration);
  const slash = name.indexOf('/');
  const prefix = slash > 0 ? name.slice(0, slash) : '';
  const isBackend = model.backends.some((backend) => backend.name === prefix);
  const named =
    isBackend ||
    shipped.catalogId(prefix, undefined) !== undefined ||
    model.prices?.some((price) => price.provider === prefix);
  const provider = named ? prefix : (shipped.sellerOf(name) ?? 'openai');
  const sent = named ? name.slice(slash + 1) : name;
  const data = createCatalogData(model, shipped);
  const ids = [
    ...data.providers.map(({ id }) => id),
    ...(isBackend ? [] : [shipped.catalogId(provider, undefined) ?? '']),
  ];
  const entry = { name: provider, provider, catalogId: shipped.catalogId(provider, undefined) };
  const backends = isBackend ? data.backends : [...data.backends, entry];
  const book = new PriceBook({ ...data, backends, providers: shipped.providers(ids) });
  const usage = createUsage(counts);
  const { price, limits } = book.find(provider, { sent, answered: '' }, Date.now());
  const cost = price && costOf(price.rates, usage);
  if (price === undefined || cost === undefined) return undefined;
  const { total } = cost;
  const source = { entry: price.entry, source: price.source, priceVersion: book.version };
  return { ...source, lines: billOf(price.rates, usage), total, dollars: dollarsText(total), ...limits };
}
