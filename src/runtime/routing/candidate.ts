// A provider and a model that may answer a request, and what is known where candidates are made. Pure.
import { blendedPrice, type ModelFacts, type ModelFactsSource } from '../../llm/model-facts.ts';
import type { AliasTarget } from '../../model/alias.ts';
import type { RouterSettings } from '../../model/router.ts';
import type { Offer } from './offers.ts';

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

export function candidate(
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

/** Those of the route. */
export function routeOffers({ offers }: Directory): readonly Offer[] {
  return offers.filter(({ isOfRoute }) => isOfRoute);
}

export function factsOf(each: Candidate, { facts }: Directory): ModelFacts | undefined {
  const model = sentModel(each);
  return model === undefined ? undefined : facts.find(each.offer.backend, model);
}

export function priceOf(each: Candidate, directory: Directory): number | undefined {
  return blendedPrice(factsOf(each, directory));
}

export function describePrice(facts: ModelFacts | undefined): string {
  const { inputPrice, outputPrice } = facts ?? {};
  if (inputPrice === undefined || outputPrice === undefined) return 'price not known';
  return `$${inputPrice} in and $${outputPrice} out per million tokens`;
}
