// What names stand for: aliases, `provider/model`, models that backends have, and wishes for a strategy. Pure.
import { ROUTING_STRATEGIES, type RoutingStrategy } from '../../base/routing-strategy.ts';
import type { AliasTarget } from '../../model/alias.ts';
import type { RouterSettings } from '../../model/router.ts';
import {
  type Candidate,
  candidate,
  type Directory,
  describePrice,
  factsOf,
  priceOf,
  routeOffers,
  sentModel,
} from './candidate.ts';
import { certaintyOf, knownModels, type Offer } from './offers.ts';

/** Between two places of a list; tiers of a route are below it. */
export const STEP = 10_000;
/** Who may have a model comes behind all who have it. */
export const MAYBE = 100_000_000;
/** Behind everything that was asked for. */
export const FALLBACK = 1_000_000_000;

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

/**
 * Without a router a name goes to the targets of its route as they are. Those of the fallback order that cannot have it come behind
 * the others, with a model of their own.
 */
function asWritten(name: string, directory: Directory): readonly Candidate[] {
  const { settings } = directory;
  const offers = routeOffers(directory);
  const isKnown = offers.some((offer) => certaintyOf(offer, name) !== 'no');
  return offers.map((offer) => {
    const isSure =
      !isKnown || !settings?.fallbackOrder.includes(offer.backend as never) || certaintyOf(offer, name) !== 'no';
    const instead = isSure ? undefined : substituteAt(offer, directory);
    if (instead === undefined) return candidate(offer, undefined, { why: '' });
    return candidate(offer, instead, { why: `in place of ${name}`, isNamed: false, tier: FALLBACK + offer.tier });
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

/**
 * Who answers when everybody asked for failed: the fallback order, then the router's own list. Vectors, pictures and counts of another
 * model are of no use: those who lack the model are left out then.
 */
export function fallbacksOf(
  first: readonly Candidate[],
  directory: Directory,
  bearsOtherModels: boolean,
): readonly Candidate[] {
  const { settings } = directory;
  if (settings === undefined || first.length === 0) return [];
  const wanted = sentModel(first[0]);
  const order = settings.fallbackOrder.flatMap((backend, index): readonly Candidate[] => {
    const offer = directory.offers.find((each) => each.backend === (backend as string));
    if (offer === undefined || first.some((each) => each.offer === offer)) return [];
    const certainty = wanted === undefined ? 'maybe' : certaintyOf(offer, wanted);
    const substitute = bearsOtherModels ? substituteAt(offer, directory) : undefined;
    const model = certainty === 'certain' ? wanted : (substitute ?? (certainty === 'no' ? undefined : wanted));
    if (!bearsOtherModels && certainty === 'no') return [];
    if (certainty === 'no' && model === undefined && offer.override === undefined) return [];
    const instead = model === wanted || wanted === undefined ? '' : `, in place of ${wanted}`;
    const place = { tier: FALLBACK + index * STEP, weight: 1, isNamed: false };
    return [candidate(offer, model, { ...place, why: `number ${index + 1} of the fallback order${instead}` })];
  });
  if (!bearsOtherModels) return order;
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
