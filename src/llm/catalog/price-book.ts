// Which price and which limits a model has at a backend: the shipped catalog with the configuration's prices over it. One per
// thread and configuration; what was found for a name is remembered, so that a request costs two look-ups.
import { Glob } from '../../base/glob.ts';
import type {
  CatalogBackend,
  CatalogData,
  CatalogModel,
  CatalogProvider,
  DatedRates,
  ModelLimits,
  PriceOverride,
} from './catalog-data.ts';
import { fitsRule, withSpelledDate } from './name-rule.ts';
import { hasTokenPrice, type Rates } from './rates.ts';

/** A price, and where it is from. */
export interface ModelPrice {
  readonly rates: Rates;
  /** `shipped`, `configuration`, or both where one completes the other. */
  readonly source: 'shipped' | 'configuration' | 'configuration over shipped';
  /** The entry of the catalog, `openai/gpt-4o`. */
  readonly entry: string;
}

/** `unpriced`: the model is known, but not sold by the token. `unknown`: nobody says what it costs. */
export type LookupStatus = 'exact' | 'unpriced' | 'unknown';

export interface PriceLookup {
  readonly status: LookupStatus;
  readonly price: ModelPrice | undefined;
  readonly limits: ModelLimits;
}

/** How a client and a provider call the model of one answer. */
export interface ModelNames {
  readonly sent: string;
  /** As the provider named it in its answer; '' = it did not. */
  readonly answered: string;
}

interface Written {
  readonly glob: Glob;
  readonly isExact: boolean;
  readonly override: PriceOverride;
}

interface Found {
  readonly entry: string;
  readonly model: CatalogModel | undefined;
  readonly override: PriceOverride | undefined;
  /** Kept while the prices do not depend on the time. */
  lookup: PriceLookup | undefined;
}

const NO_LIMITS: ModelLimits = {};
const UNKNOWN: PriceLookup = { status: 'unknown', price: undefined, limits: NO_LIMITS };
/** Names are what clients write: beyond this many the oldest memory is dropped. */
const MAX_REMEMBERED = 4096;
/** And longer ones are not remembered at all. */
const MAX_KEY = 512;
const DAY_SECONDS = 86_400;

export class PriceBook {
  readonly version: string;
  private readonly providers: ReadonlyMap<string, CatalogProvider>;
  /** By name, and by the name of their provider for those who know no more. */
  private readonly backends: ReadonlyMap<string, CatalogBackend>;
  private readonly written: ReadonlyMap<string, readonly Written[]>;
  private readonly found = new Map<string, Map<string, Found>>();
  private remembered = 0;
  /** hot: the names of the last look-up; most requests of a thread ask for the same, and none needs a key made of both names. */
  private readonly last = { backend: '', sent: '', answered: '', found: undefined as Found | undefined };

  constructor(data: CatalogData) {
    this.version = data.version;
    this.providers = new Map(data.providers.map((provider) => [provider.id, provider]));
    const named = (nameOf: (backend: CatalogBackend) => string) =>
      data.backends.toReversed().map((backend) => [nameOf(backend), backend] as const);
    this.backends = new Map([...named(({ provider }) => provider), ...named(({ name }) => name)]);
    this.written = Map.groupBy(
      data.overrides
        .map((override) => ({
          override,
          isExact: !override.model.includes('*'),
          glob: new Glob(override.model.toLowerCase().replaceAll(/\*+/g, '**')),
        }))
        .sort((a, b) => Number(b.isExact) - Number(a.isExact) || b.glob.literalLength - a.glob.literalLength),
      ({ override }) => override.provider,
    );
  }

  /** The price of an answer that began at `wallMs`. */
  find(backend: string, names: ModelNames, wallMs: number): PriceLookup {
    const found = this.sameAsLast(backend, names) ?? this.remember(backend, names);
    if (found === undefined) return UNKNOWN;
    return found.lookup ?? this.resolve(found, wallMs);
  }

  /** What is known of a model before it is asked. */
  limitsOf(backend: string, model: string): ModelLimits {
    return this.find(backend, { sent: model, answered: '' }, 0).limits;
  }

  private sameAsLast(backend: string, { sent, answered }: ModelNames): Found | undefined {
    const { last } = this;
    return last.sent === sent && last.answered === answered && last.backend === backend ? last.found : undefined;
  }

  private remember(backend: string, { sent, answered }: ModelNames): Found | undefined {
    let ofBackend = this.found.get(backend);
    if (ofBackend === undefined) {
      ofBackend = new Map();
      this.found.set(backend, ofBackend);
    }
    const key = answered === '' || answered === sent ? sent : `${sent}\n${answered}`;
    let found = ofBackend.get(key);
    if (found === undefined) {
      found = this.search(backend, sent, answered);
      if (key.length > MAX_KEY) return found;
      if (this.remembered++ > MAX_REMEMBERED) this.forget();
      ofBackend.set(key, found);
    }
    const { last } = this;
    last.backend = backend;
    last.sent = sent;
    last.answered = answered;
    last.found = found;
    return found;
  }

  private forget(): void {
    for (const ofBackend of this.found.values()) ofBackend.clear();
    this.remembered = 0;
  }

  /** Written prices go by the name that was sent, then by the provider's own; shipped ones the other way: a deployment has any name. */
  private search(backendName: string, sent: string, answered: string): Found {
    const backend = this.backends.get(backendName);
    const provider = backend?.provider ?? backendName;
    const names = [sent, answered].map((name) => name.toLowerCase().trim()).filter((name) => name !== '');
    const override = this.writtenFor(backendName, names) ?? this.writtenFor(provider, names);
    const catalogId = backend === undefined ? provider : backend.catalogId;
    const seller = catalogId === undefined ? undefined : this.providers.get(catalogId);
    let model: CatalogModel | undefined;
    for (const name of names.toReversed()) model ??= seller && this.shipped(seller, name);
    const entry = model === undefined ? `${provider}/${override?.model ?? sent}` : `${seller?.id}/${model.id}`;
    return { entry, model, override, lookup: undefined };
  }

  private writtenFor(provider: string, names: readonly string[]): PriceOverride | undefined {
    const rules = this.written.get(provider) ?? [];
    for (const name of names) {
      const rule = rules.find(({ glob }) => glob.matches(name));
      if (rule !== undefined) return rule.override;
    }
    return undefined;
  }

  private shipped(seller: CatalogProvider, name: string): CatalogModel | undefined {
    return this.sold(seller, name) ?? this.sold(seller, withSpelledDate(name));
  }

  private sold(seller: CatalogProvider, name: string): CatalogModel | undefined {
    let model = modelNamed(seller, name);
    for (const id of seller.sellsFor) {
      const other = this.providers.get(id);
      model ??= other && modelNamed(other, name);
    }
    return model;
  }

  private resolve(found: Found, wallMs: number): PriceLookup {
    const { model, override, entry } = found;
    if (model === undefined && override === undefined) {
      found.lookup = UNKNOWN;
      return UNKNOWN;
    }
    const shipped = model === undefined ? undefined : ratesAt(model.prices, wallMs);
    const rates = { ...shipped, ...override?.rates };
    const isWritten = override !== undefined && Object.keys(override.rates).length > 0;
    const source = !isWritten ? 'shipped' : shipped === undefined ? 'configuration' : 'configuration over shipped';
    const limits = limitsOf(model, override);
    const lookup: PriceLookup = hasTokenPrice(rates)
      ? { status: 'exact', price: { rates, source, entry }, limits }
      : { status: model === undefined ? 'unknown' : 'unpriced', price: undefined, limits };
    if (model === undefined || model.prices.length === 1) found.lookup = lookup;
    return lookup;
  }
}

function modelNamed({ models }: CatalogProvider, name: string): CatalogModel | undefined {
  return models.find(({ match }) => fitsRule(match, name));
}

function limitsOf(model: CatalogModel | undefined, override: PriceOverride | undefined): ModelLimits {
  const contextWindow = override?.contextWindow ?? model?.contextWindow;
  const maxOutputTokens = override?.maxOutputTokens ?? model?.maxOutputTokens;
  return {
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}

/** The last entry that applies then; the first one when none does. */
function ratesAt(prices: readonly DatedRates[], wallMs: number): Rates {
  const second = Math.floor(wallMs / 1000) % DAY_SECONDS;
  const applies = prices.findLast(({ fromMs, daily }) => {
    if (fromMs !== undefined) return wallMs >= fromMs;
    if (daily === undefined) return true;
    const { startSecond, endSecond } = daily;
    if (endSecond < startSecond) return second >= startSecond || second < endSecond;
    return second >= startSecond && second < endSecond;
  });
  return (applies ?? prices[0]).rates;
}
