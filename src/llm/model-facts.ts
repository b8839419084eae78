// What a router must know of a model at a provider: prices and size. The catalog gives it a body; without one nothing is known.

export interface ModelFacts {
  /** Dollars per million tokens. */
  readonly inputPrice: number | undefined;
  readonly outputPrice: number | undefined;
  readonly contextTokens: number | undefined;
}

export interface ModelFactsSource {
  /** At a backend, by its name. Undefined = nothing is known of it there. */
  find(backend: string, model: string): ModelFacts | undefined;
}

/** One figure to order by: three tokens in for one out, as requests mostly are. Undefined = not known. */
export function blendedPrice(facts: ModelFacts | undefined): number | undefined {
  if (facts?.inputPrice === undefined || facts.outputPrice === undefined) return undefined;
  return (3 * facts.inputPrice + facts.outputPrice) / 4;
}
