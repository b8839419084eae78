// Who may answer a request, in which order and why: the router's decision. Pure; live traffic and explanations ask the same.
import {
  FALLBACK_CLASSES,
  type FallbackClass,
  ROUTING_STRATEGIES,
  type RoutingStrategy,
} from '../../base/routing-strategy.ts';
import { blendedPrice, type ModelFacts, type ModelFactsSource } from '../../llm/model-facts.ts';
import type { ProviderWish } from '../../llm/routing-wishes.ts';
import type { AliasTarget } from '../../model/alias.ts';
import type { RouterSettings, Tenant } from '../../model/router.ts';
import { certaintyOf, knownModels, matchesAny, type Offer } from './offers.ts';

/** A provider and the model it is asked for. Lower tiers come first; inside one the load is shared by weight. */
export interface Candidate {
  readonly offer: Offer;
  /** Undefined = what the client asked for, or the backend's own. */
  readonly model: string | undefined;
  readonly tier: number;
  readonly weight: number;
  readonly why: string;
  /** Chosen by the name the client wrote: whoever may use the name may use what it stands for. */
  readonly isNamed: boolean;
  /** That name; undefined for those nobody named. */
  readonly name?: string | undefined;
}

export interface Directory {
  /** Of every AI backend. */
  readonly offers: readonly Offer[];
  readonly aliases: ReadonlyMap<string, readonly AliasTarget[]>;
  readonly settings: RouterSettings | undefined;
  readonly facts: ModelFactsSource;
}

/** Between two places of a list; tiers of a route are below it. */
const STEP = 10_000;
/** Who may have a model comes behind all who have it. */
const MAYBE = 100_000_000;
/** Behind everything that was asked for. */
const FALLBACK = 1_000_000_000;

function candidate(
  offer: Offer,
  model: string | undefined,
  rest: Partial<Candidate> & { readonly why: string },
): Candidate {
  const own = offer.override === undefined ? model : undefined;
  return { offer, model: own, tier: offer.tier, weight: offer.weight, isNamed: true, ...rest };
}

/** The model that is sent, for prices and permissions. */
export function sentModel({ offer, model }: Candidate): string | undefined {
  return offer.override ?? model;
}

function routeOffers({ offers }: Directory): readonly Offer[] {
  return offers.filter(({ isOfRoute }) => isOfRoute);
}

/** Backends of the route by their name, or by that of their provider. */
export function offersNamed(name: string, directory: Directory): readonly Offer[] {
  const own = routeOffers(directory);
  const byName = own.filter(({ backend }) => backend === name);
  return byName.length > 0 ? byName : own.filter(({ provider }) => provider === name);
}

function ofAlias(name: string, targets: readonly AliasTarget[], directory: Directory): readonly Candidate[] {
  const why = `alias ${name}`;
  return targets.flatMap(({ backend, model, weight, tier }) => {
    if (backend === undefined)
      return routeOffers(directory).map((offer) =>
        candidate(offer, model, { why, weight: offer.weight * weight, tier: offer.tier + tier }),
      );
    const offer = directory.offers.find((each) => each.backend === (backend as string));
    return offer === undefined ? [] : [candidate(offer, model, { why, weight, tier })];
  });
}

function ofModel(model: string, directory: Directory): readonly Candidate[] {
  return routeOffers(directory).flatMap((offer) => {
    const certainty = certaintyOf(offer, model);
    if (certainty === 'no') return [];
    const isCertain = certainty === 'certain';
    const why = isCertain ? `has ${model}` : `may have ${model}`;
    return [candidate(offer, model, { why, tier: isCertain ? offer.tier : MAYBE + offer.tier })];
  });
}

/** What a name stands for that is no wish for a strategy; empty = nobody has it. */
export function resolveName(name: string, directory: Directory): readonly Candidate[] {
  const alias = directory.aliases.get(name);
  if (alias !== undefined) return ofAlias(name, alias, directory);
  const slash = name.indexOf('/');
  if (slash > 0) {
    const named = offersNamed(name.slice(0, slash), directory);
    const model = name.slice(slash + 1);
    if (named.length > 0 && model !== '')
      return named.map((offer) => candidate(offer, model, { why: `named as ${name}` }));
  }
  return directory.settings?.isOn === true ? ofModel(name, directory) : asWritten(name, directory);
}

/** Without a router a name goes to the targets of its route as they are, unless a provider of the fallback order cannot have it. */
function asWritten(name: string, directory: Directory): readonly Candidate[] {
  const { settings } = directory;
  return routeOffers(directory).map((offer) => {
    const isSure = !settings?.fallbackOrder.includes(offer.backend as never) || certaintyOf(offer, name) !== 'no';
    const instead = isSure ? undefined : substituteAt(offer, directory);
    if (instead === undefined) return candidate(offer, undefined, { why: '' });
    return candidate(offer, instead, { why: `in place of ${name}`, isNamed: false });
  });
}

/** The strategy that a name asks for; undefined for names of models. */
export function strategyOf(name: string, settings: RouterSettings | undefined): RoutingStrategy | undefined {
  if (settings?.isOn !== true) return undefined;
  if (settings.autoNames.includes(name)) return settings.strategy;
  const colon = name.lastIndexOf(':');
  const wanted = ROUTING_STRATEGIES.find((strategy) => strategy === name.slice(colon + 1));
  return colon > 0 && settings.autoNames.includes(name.slice(0, colon)) ? wanted : undefined;
}

function factsOf(each: Candidate, { facts }: Directory): ModelFacts | undefined {
  const model = sentModel(each);
  return model === undefined ? undefined : facts.find(each.offer.provider, model);
}

function priceOf(each: Candidate, directory: Directory): number | undefined {
  return blendedPrice(factsOf(each, directory));
}

/** Lower is better; what is not known comes last. */
function placeBy(
  strategy: RoutingStrategy,
  all: readonly Candidate[],
  directory: Directory,
): (each: Candidate) => number {
  const prices = all.flatMap((each) => priceOf(each, directory) ?? []);
  // The middle between the cheapest and the dearest, as prices are felt: by their ratio.
  const middle = prices.length === 0 ? 0 : Math.sqrt(Math.max(Math.min(...prices), 1e-9) * Math.max(...prices, 1e-9));
  return (each) => {
    const price = priceOf(each, directory);
    if (price === undefined) return Number.POSITIVE_INFINITY;
    if (strategy === 'cost') return price;
    if (strategy === 'balanced') return Math.abs(Math.log(Math.max(price, 1e-9) / middle));
    // The dearer, then the one that takes longer requests: what makers ask for is what they think of it.
    return -price - Math.min(factsOf(each, directory)?.contextTokens ?? 0, 1e9) * 1e-12;
  };
}

/** The list of the strategy, then the other models that backends list, by price; who may have one of them comes last. */
export function ofStrategy(strategy: RoutingStrategy, directory: Directory): readonly Candidate[] {
  const list = directory.settings?.priorities[strategy] ?? [];
  const listed = list.flatMap((name, index) =>
    resolveName(name, directory).map((each) => ({
      ...each,
      tier: each.tier + index * STEP,
      why: `strategy ${strategy}, number ${index + 1} of its list, ${each.why}`,
    })),
  );
  const isListed = (offer: Offer, model: string): boolean =>
    listed.some((each) => each.offer === offer && sentModel(each) === model);
  const others = routeOffers(directory).flatMap((offer) =>
    knownModels(offer)
      .filter((model) => !isListed(offer, model))
      .map((model) => candidate(offer, model, { why: '' })),
  );
  const place = placeBy(strategy, others, directory);
  const ordered = others.toSorted((a, b) => place(a) - place(b));
  const behind = ordered.map((each, index) => ({
    ...each,
    tier: (list.length + index) * STEP,
    why: `strategy ${strategy}, behind its list, ${describePrice(factsOf(each, directory))}`,
  }));
  return [...listed, ...behind];
}

export function describePrice(facts: ModelFacts | undefined): string {
  const { inputPrice, outputPrice } = facts ?? {};
  if (inputPrice === undefined || outputPrice === undefined) return 'price not known';
  return `$${inputPrice} in and $${outputPrice} out per million tokens`;
}

/** The model a provider answers with that has not the one asked for: the first of the strategy's lists that is its own. */
function substituteAt(offer: Offer, { settings }: Directory): string | undefined {
  if (settings === undefined) return undefined;
  const { strategy, priorities } = settings;
  const lists = [priorities[strategy], ...ROUTING_STRATEGIES.map((each) => priorities[each])].flat();
  const names = lists.map((name) =>
    name.startsWith(`${offer.provider}/`) ? name.slice(offer.provider.length + 1) : name,
  );
  return names.find((name) => certaintyOf(offer, name) === 'certain') ?? knownModels(offer)[0];
}

/** Who answers when everybody asked for failed: the fallback order, then the router's own list. */
function fallbacksOf(first: readonly Candidate[], directory: Directory): readonly Candidate[] {
  const { settings } = directory;
  if (settings === undefined || first.length === 0) return [];
  const wanted = sentModel(first[0]);
  const order = settings.fallbackOrder.flatMap((backend, index): readonly Candidate[] => {
    const offer = directory.offers.find((each) => each.backend === (backend as string));
    if (offer === undefined || first.some((each) => each.offer === offer)) return [];
    const certainty = wanted === undefined ? 'maybe' : certaintyOf(offer, wanted);
    const model =
      certainty === 'certain' ? wanted : (substituteAt(offer, directory) ?? (certainty === 'no' ? undefined : wanted));
    if (certainty === 'no' && model === undefined && offer.override === undefined) return [];
    const instead = model === wanted || wanted === undefined ? '' : `, in place of ${wanted}`;
    const place = { tier: FALLBACK + index * STEP, weight: 1, isNamed: false };
    return [candidate(offer, model, { ...place, why: `number ${index + 1} of the fallback order${instead}` })];
  });
  const last = settings.lastResorts.flatMap((name, index) =>
    resolveName(name, directory).map((each) => ({
      ...each,
      tier: FALLBACK * 2 + index * STEP + Math.min(each.tier, STEP - 1),
      why: `number ${index + 1} of the fallbacks, ${each.why}`,
      isNamed: false,
    })),
  );
  return [...order, ...last];
}

export interface Asked {
  /** Undefined = the body is not read, or names none. */
  readonly model: string | undefined;
  /** Further models, from the request. */
  readonly models: readonly string[];
  readonly wish: ProviderWish;
  readonly tenant: Tenant | undefined;
  /** How a provider does now, for wishes to sort by it; undefined = not known. */
  measured?(backend: string): { readonly latencyMs: number; readonly tokensPerSecond: number } | undefined;
  /** Whether a provider is told every parameter of the request. */
  takesParameters?(each: Candidate): boolean;
}

/** Who is asked, instead of the other candidates, after a refusal of the class. */
export type Lanes = Readonly<Record<FallbackClass, readonly Candidate[]>>;

export type Decision =
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[]; readonly lanes: Lanes | undefined }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'forbidden'; readonly because: string }
  | { readonly kind: 'unmet'; readonly because: string };

function ofName(name: string, directory: Directory): readonly Candidate[] {
  const strategy = strategyOf(name, directory.settings);
  return strategy === undefined ? resolveName(name, directory) : ofStrategy(strategy, directory);
}

/** Everybody, before anybody is left out. */
function everybody({ model, models, wish }: Asked, directory: Directory): readonly Candidate[] {
  const names = model === undefined ? models : [model, ...models];
  if (names.length === 0) return asUnread(directory);
  const asked = names.flatMap((name, index) =>
    ofName(name, directory).map((each) => ({
      ...each,
      tier: each.tier + index * 2 * MAYBE * STEP,
      ...(each.isNamed && { name }),
      ...(index > 0 && { why: `number ${index} of the models the request falls back to, ${each.why}` }),
    })),
  );
  if (wish.allowFallbacks === false) return asked;
  const behind = 2 * MAYBE * STEP * names.length;
  return [...asked, ...fallbacksOf(asked, directory).map((each) => ({ ...each, tier: each.tier + behind }))];
}

function asUnread(directory: Directory): readonly Candidate[] {
  return routeOffers(directory).map((offer) => candidate(offer, undefined, { why: '' }));
}

function isNamedBy(names: readonly string[], { backend, provider }: Offer): boolean {
  return names.includes(backend) || names.includes(provider);
}

/** By the tenant's lists: the provider always, the model by the name the client wrote or by the one that is sent. */
export function isAllowed(each: Candidate, model: string | undefined, tenant: Tenant): boolean {
  const { allowedProviders, allowedModels } = tenant;
  const { backend, provider } = each.offer;
  if (allowedProviders !== undefined && !isNamedBy(allowedProviders, each.offer)) return false;
  if (allowedModels === undefined) return true;
  const sent = sentModel(each) ?? model;
  // A body that is not read names no model: nobody can say that it is an allowed one.
  if (sent === undefined) return false;
  const names = [sent, `${backend}/${sent}`, `${provider}/${sent}`];
  if (each.name !== undefined) names.push(each.name);
  return names.some((name) => matchesAny(allowedModels, name));
}

/** Names of `order`, `only` and `ignore` that no backend here has are OpenRouter's own, where that is asked. */
function wishedFor(names: readonly string[], offer: Offer, offers: readonly Offer[]): boolean {
  if (isNamedBy(names, offer)) return true;
  return offer.provider === 'openrouter' && names.some((name) => !offers.some((each) => isNamedBy([name], each)));
}

function whyUnmet(each: Candidate, asked: Asked, directory: Directory): string | undefined {
  const { only, ignore, order, allowFallbacks, maxPrice, requireParameters } = asked.wish;
  const { offer } = each;
  if (only !== undefined && !wishedFor(only, offer, directory.offers)) return 'provider.only';
  if (ignore !== undefined && isNamedBy(ignore, offer)) return 'provider.ignore';
  if (order !== undefined && allowFallbacks === false && !wishedFor(order, offer, directory.offers))
    return 'provider.order';
  if (maxPrice !== undefined && !isWithin(maxPrice, factsOf(each, directory))) return 'provider.max_price';
  if (requireParameters === true && asked.takesParameters?.(each) === false) return 'provider.require_parameters';
  return undefined;
}

/** A price that is not known is not within any. */
function isWithin(
  { prompt, completion }: NonNullable<ProviderWish['maxPrice']>,
  facts: ModelFacts | undefined,
): boolean {
  const fits = (limit: number | undefined, price: number | undefined): boolean =>
    limit === undefined || (price !== undefined && price <= limit);
  return fits(prompt, facts?.inputPrice) && fits(completion, facts?.outputPrice);
}

/** Stages of a request: what it asks for first, then each model it falls back to, then the fallbacks. */
function stageOf({ tier }: Candidate): number {
  return Math.floor(tier / FALLBACK);
}

/** As the request wishes them inside each stage: in its order, then as it sorts, each in a tier of its own. */
function arrange(candidates: readonly Candidate[], asked: Asked, directory: Directory): readonly Candidate[] {
  const { order, sort } = asked.wish;
  const byTier = candidates.toSorted((a, b) => a.tier - b.tier);
  if (order === undefined && sort === undefined) return renumber(byTier);
  const place = ({ offer }: Candidate): number => {
    const index = order?.findIndex((name) => wishedFor([name], offer, directory.offers)) ?? -1;
    return index === -1 ? Number.MAX_SAFE_INTEGER : index;
  };
  const sorted = byTier.toSorted(
    (a, b) =>
      stageOf(a) - stageOf(b) ||
      place(a) - place(b) ||
      compare(sortKey(a, asked, directory), sortKey(b, asked, directory)),
  );
  return sorted.map((each, tier) => ({ ...each, tier, why: `${each.why}, as the request wishes` }));
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function sortKey(each: Candidate, { wish: { sort }, measured }: Asked, directory: Directory): number {
  if (sort === undefined) return 0;
  if (sort === 'price') return priceOf(each, directory) ?? Number.MAX_VALUE;
  const facts = measured?.(each.offer.backend);
  if (sort === 'latency') return facts === undefined || facts.latencyMs === 0 ? Number.MAX_VALUE : facts.latencyMs;
  return facts === undefined || facts.tokensPerSecond === 0 ? Number.MAX_VALUE : -facts.tokensPerSecond;
}

function renumber(byTier: readonly Candidate[]): readonly Candidate[] {
  const tiers = [...new Set(byTier.map(({ tier }) => tier))];
  return byTier.map((each) => ({ ...each, tier: tiers.indexOf(each.tier) }));
}

/** The same provider is not asked twice for the same model. */
function withoutRepeats(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return candidates.filter((each) => {
    const key = `${each.offer.backend}\n${sentModel(each) ?? ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** After refusals of a class, whom the tenant may use and the request wants among those of its list. */
function lanesOf(asked: Asked, directory: Directory): Lanes | undefined {
  const { settings } = directory;
  if (settings?.isOn !== true || asked.wish.allowFallbacks === false) return undefined;
  const lane = (fallbackClass: FallbackClass): readonly Candidate[] =>
    settings.classFallbacks[fallbackClass].flatMap((name, index) => {
      const usable = resolveName(name, directory).filter((each) => isUsable(each, asked, directory));
      const why = `number ${index + 1} of the fallbacks after a refusal of the class`;
      return usable.map((each) => ({ ...each, tier: index, why: `${why}, ${each.why}` }));
    });
  const lanes = Object.fromEntries(FALLBACK_CLASSES.map((each) => [each, lane(each)])) as Lanes;
  return FALLBACK_CLASSES.some((each) => lanes[each].length > 0) ? lanes : undefined;
}

/** Nobody named it: the tenant's lists must have the model itself. */
function isUsable(each: Candidate, asked: Asked, directory: Directory): boolean {
  const { tenant } = asked;
  return (tenant === undefined || isAllowed(each, undefined, tenant)) && whyUnmet(each, asked, directory) === undefined;
}

/** The decision: everybody, less whom the tenant may not use, less whom the request does not want, in the order of the rest. */
export function decide(asked: Asked, directory: Directory): Decision {
  const all = everybody(asked, directory);
  if (all.length === 0) return { kind: 'unknown' };
  const { tenant, wish } = asked;
  const allowed = tenant === undefined ? all : all.filter((each) => isAllowed(each, each.name ?? asked.model, tenant));
  if (allowed.length === 0) return { kind: 'forbidden', because: `tenant ${tenant?.name ?? ''}` };
  const unmet = allowed.map((each) => whyUnmet(each, asked, directory));
  const met = allowed.filter((_, index) => unmet[index] === undefined);
  if (met.length === 0) {
    const reasons = [...new Set(unmet.filter((reason) => reason !== undefined))];
    return { kind: 'unmet', because: reasons.join(', ') };
  }
  const arranged = withoutRepeats(arrange(met, asked, directory));
  const isAlone = wish.allowFallbacks === false && wish.order === undefined;
  const [{ offer }] = arranged;
  const kept = isAlone ? arranged.filter((each) => each.offer === offer) : arranged;
  return { kind: 'candidates', candidates: renumber(kept), lanes: lanesOf(asked, directory) };
}
