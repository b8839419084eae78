// How an AI router chooses among models and providers, and who may use which: plain data of the sections `router` and `tenants`.
import type { FallbackClass, RoutingStrategy } from '../base/routing-strategy.ts';
import type { Id } from '../base/types.ts';
import type { Origin } from './origin.ts';

export interface RouterQueue {
  /** Requests that wait in one thread while all candidates cool down. */
  readonly max: number;
  readonly timeoutMs: number;
}

export interface RouterSettings {
  readonly origin: Origin;
  /** False: only what other sections say (aliases, `provider/model` names, tenants, the fallback order) acts. */
  readonly isOn: boolean;
  readonly strategy: RoutingStrategy;
  /** Names that ask for the strategy instead of a model; `NAME:cost` asks for another one. */
  readonly autoNames: readonly string[];
  /** Models first to last, each as a client may name it: a model, an alias, `provider/model`. */
  readonly priorities: Readonly<Record<RoutingStrategy, readonly string[]>>;
  /** As above: who is asked after a refusal of the class instead of the other candidates. */
  readonly classFallbacks: Readonly<Record<FallbackClass, readonly string[]>>;
  /** As above: behind all other candidates. */
  readonly lastResorts: readonly string[];
  /** Backends of the section `fallback`, in its order; asked with a model of their own where they have not the one asked for. */
  readonly fallbackOrder: readonly Id<'backend'>[];
  /** `models` and `provider` of a request body are the router's to read. */
  readonly readsWishes: boolean;
  /** Undefined = refused at once while all candidates cool down. */
  readonly queue?: RouterQueue;
}

/** Who calls, and what they may use. */
export interface Tenant {
  readonly name: string;
  readonly origin: Origin;
  /** SHA-256 in hex of each of its keys: the keys themselves are nowhere. */
  readonly keyHashes: readonly string[];
  /** Lower-case name and value of a header that names it. */
  readonly header?: { readonly name: string; readonly value: string };
  /** Everybody whom nothing names. */
  readonly isDefault: boolean;
  /** Backends or providers; undefined = all. */
  readonly allowedProviders?: readonly string[];
  /** Globs of models, aliases or `provider/model`; undefined = all. */
  readonly allowedModels?: readonly string[];
}

/** Defaults: the cheapest that does, the best, and the middle of each maker. */
export const DEFAULT_PRIORITIES: RouterSettings['priorities'] = {
  cost: ['gpt-4o-mini', 'claude-3-haiku', 'gpt-3.5-turbo'],
  quality: ['gpt-4o', 'claude-3-opus', 'gemini-pro'],
  balanced: ['gpt-4o-mini', 'claude-3-sonnet', 'gpt-4'],
};

export const DEFAULT_AUTO_NAME = 'auto';

/** Only what other sections say. */
export const NO_ROUTER: Omit<RouterSettings, 'origin'> = {
  isOn: false,
  strategy: 'balanced',
  autoNames: [],
  priorities: DEFAULT_PRIORITIES,
  classFallbacks: { contextWindow: [], contentPolicy: [] },
  lastResorts: [],
  fallbackOrder: [],
  readsWishes: false,
};
