// Prices and sizes of models as the router orders by them, read from the price book that costs are counted by.
import type { Rate } from '../../llm/catalog/rates.ts';
import type { ModelFactsSource } from '../../llm/model-facts.ts';
import type { ThreadResources } from '../thread-resources.ts';

/** Pico-dollars per token are millionths of dollars per million tokens. */
function dollarsPerMillion(rate: Rate | undefined): number | undefined {
  return rate === undefined ? undefined : rate.base / 1_000_000;
}

/** Of the configuration that is in force when it is asked. A plan keeps the order that it was made with. */
export function catalogFacts({ costs, wallMs }: Pick<ThreadResources, 'costs' | 'wallMs'>): ModelFactsSource {
  return {
    find(backend, model) {
      const lookup = costs.lookup(backend, model, wallMs());
      if (lookup === undefined || lookup.status === 'unknown') return undefined;
      const { rates } = lookup.price ?? {};
      return {
        inputPrice: dollarsPerMillion(rates?.input),
        outputPrice: dollarsPerMillion(rates?.output),
        contextTokens: lookup.limits.contextWindow,
      };
    },
  };
}
