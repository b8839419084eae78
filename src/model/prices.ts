// Prices and limits of models as the configuration writes them, over those that the gateway ships with.
import type { Origin } from './origin.ts';

/** Parts of a bill; what is not written stays as shipped. */
export type PricedPart =
  | 'input'
  | 'output'
  | 'cacheRead'
  | 'cacheWrite'
  | 'cacheWrite1h'
  | 'reasoning'
  | 'audioInput'
  | 'audioOutput';

export interface WrittenPrice {
  readonly origin: Origin;
  /** Name of a provider or a backend. */
  readonly provider: string;
  /** `*` in it stands for any text. */
  readonly model: string;
  /** Pico-dollars per token. */
  readonly rates: Readonly<Partial<Record<PricedPart, number>>>;
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
}

export interface UsageSettings {
  /** Tokens that no provider told are estimated. Default true. */
  readonly estimate: boolean;
}
