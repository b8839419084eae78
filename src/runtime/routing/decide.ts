// Who may answer a request, in which order and why: the router's decision. Pure; live traffic and explanations ask the same.
import { FALLBACK_CLASSES, type FallbackClass } from '../../base/routing-strategy.ts';
import type { ModelFacts } from '../../llm/model-facts.ts';
import type { ProviderWish } from '../../llm/routing-wishes.ts';
import type { Tenant } from '../../model/router.ts';
import { type Candidate, candidate, type Directory, factsOf, priceOf, routeOffers, sentModel } from './candidate.ts';
import { matchesAny, type Offer } from './offers.ts';
import { FALLBACK, fallbacksOf, MAYBE, ofStrategy, resolveName, STEP, strategyOf } from './resolve-name.ts';

export interface Asked {
  /** Undefined = the body is not read, or names none. */
  readonly model: string | undefined;
  /** Further models, from the request. */
  readonly models: readonly string[];
  readonly wish: ProviderWish;
  readonly tenant: Tenant | undefined;
  /** A provider that lacks the model may answer with one of its own: conversations alone bear that. */
  readonly bearsOtherModels: boolean;
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

/** Of a request whose model is not known: the targets of the route. */
function asUnread(directory: Directory): readonly Candidate[] {
  return routeOffers(directory).map((offer) => candidate(offer, undefined, { why: '' }));
}

interface Everybody {
  readonly asked: readonly Candidate[];
  /** Who answers when they fail. */
  readonly behind: readonly Candidate[];
}

/** Everybody, before anybody is left out. */
function everybody({ model, models, wish, bearsOtherModels }: Asked, directory: Directory): Everybody {
  const names = model === undefined ? models : [model, ...models];
  if (names.length === 0) return { asked: asUnread(directory), behind: [] };
  const asked = names.flatMap((name, index) =>
    ofName(name, directory).map((each) => ({
      ...each,
      tier: each.tier + index * 2 * MAYBE * STEP,
      ...(each.isNamed && { name }),
      ...(index > 0 && { why: `number ${index} of the models the request falls back to, ${each.why}` }),
    })),
  );
  if (wish.allowFallbacks === false) return { asked, behind: [] };
  const after = 2 * MAYBE * STEP * names.length;
  return {
    asked,
    behind: fallbacksOf(asked, directory, bearsOtherModels).map((each) => ({ ...each, tier: each.tier + after })),
  };
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
  if (all.asked.length === 0) return { kind: 'unknown' };
  const { tenant } = asked;
  const mayUse = (each: Candidate): boolean =>
    tenant === undefined || isAllowed(each, each.name ?? asked.model, tenant);
  const allowed = all.asked.filter(mayUse);
  // Who may not have what it asks for is told so, whatever would answer in its place.
  if (allowed.length === 0) return { kind: 'forbidden', because: `tenant ${tenant?.name ?? ''}` };
  return choose([...allowed, ...all.behind.filter(mayUse)], asked, directory);
}

function choose(allowed: readonly Candidate[], asked: Asked, directory: Directory): Decision {
  const { wish } = asked;
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
