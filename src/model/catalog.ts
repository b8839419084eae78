// What this build offers under a name: filters, providers and balancers as plain definitions, so that dialects can check what is written.
import type { Definition } from '../schema/definition.ts';

/** What a dialect must know of a provider; `llm/provider.ts` has the rest. */
export interface ProviderCatalogEntry extends Definition<unknown> {
  /** As in the official SDK; undefined = the backend must give `base_url`. */
  readonly defaultBaseUrl: string | undefined;
  /** Environment variables read when the backend gives no key, in order. */
  readonly keyVariables: readonly string[];
  /** Text put before the value of such a variable, where its name says what kind of secret it is. */
  readonly keyPrefixes?: Readonly<Record<string, string>>;
  readonly baseUrlVariables: readonly string[];
  /** Address made of the options (region, project, resource), where there is no `base_url`. */
  baseUrlOf?(config: unknown): string | undefined;
  /** Environment variables that stand for options which are not written (OptionVariables of llm/provider.ts). */
  readonly optionVariables?: Readonly<
    Record<string, { readonly variables: readonly string[]; readonly besideKey?: string }>
  >;
}

export interface BalancerCatalogEntry extends Definition<unknown> {
  /** There for those that choose by a key of the request. */
  readonly hashOn?: unknown;
}

export interface Catalog {
  readonly filters: ReadonlyMap<string, Definition<unknown>>;
  readonly providers: ReadonlyMap<string, ProviderCatalogEntry>;
  readonly balancers: ReadonlyMap<string, BalancerCatalogEntry>;
}
