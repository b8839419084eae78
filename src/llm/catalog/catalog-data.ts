// The catalog as plain data: made once per process from the shipped prices and the configuration (app/), posted to every thread,
// read by price-book.ts.
import type { Rates } from './rates.ts';

/** How the catalog recognises names of a model; letter case does not count, except in `regex`. */
export type NameRule =
  | { readonly or: readonly NameRule[] }
  | { readonly and: readonly NameRule[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

/** Prices from a date on, or at a time of every day (UTC); the last that applies counts, without either always. */
export interface DatedRates {
  readonly fromMs?: number;
  readonly daily?: { readonly startSecond: number; readonly endSecond: number };
  readonly rates: Rates;
}

export interface ModelLimits {
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
}

export interface CatalogModel extends ModelLimits {
  readonly id: string;
  readonly match: NameRule;
  readonly prices: readonly DatedRates[];
}

export interface CatalogProvider {
  readonly id: string;
  /** Catalog providers whose models this one sells at their price. */
  readonly sellsFor: readonly string[];
  readonly models: readonly CatalogModel[];
}

/** Written in the configuration. What it does not say stays as shipped. */
export interface PriceOverride extends ModelLimits {
  /** Name of a provider or of a backend; the backend's counts more. */
  readonly provider: string;
  /** A model's name, in which `*` stands for any text; a name without counts more, then the longer one. */
  readonly model: string;
  readonly rates: Rates;
}

export interface CatalogData {
  /** Of the shipped prices and the written ones together. */
  readonly version: string;
  readonly providers: readonly CatalogProvider[];
  readonly overrides: readonly PriceOverride[];
  /** Who the catalog takes the AI backends for. `catalogId` undefined = it does not know such a provider. */
  readonly backends: readonly CatalogBackend[];
}

export interface CatalogBackend {
  readonly name: string;
  readonly provider: string;
  readonly catalogId: string | undefined;
}
