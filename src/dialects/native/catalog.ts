// The sections `catalog` and `prices`, one table: what models cost and how much they take, over the prices that the gateway ships with.
import type { PricedPart, WrittenPrice } from '../../model/prices.ts';
import { type Infer, s } from '../../schema/builder.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const perMillion = (what: string) => s.optional(s.price(`${what}, in dollars per million tokens.`));

const MODEL_ENTRY = s.object(
  {
    input: perMillion('Input'),
    output: perMillion('Output'),
    cache_read: perMillion('Input that the provider’s cache had; by default like input'),
    cache_write: perMillion('Input written to the provider’s cache; by default like input'),
    cache_write_1h: perMillion('Input written to it for an hour; by default like cache_write'),
    reasoning: perMillion('Output that is reasoning; by default like output'),
    audio_input: perMillion('Input that is audio; by default like input'),
    audio_output: perMillion('Output that is audio; by default like output'),
    context_window: s.optional(s.integer('Tokens that input and output may have together.', { min: 1 })),
    max_output_tokens: s.optional(s.integer('Tokens that an answer may have.', { min: 1 })),
  },
  'Price and limits of a model; what is not written stays as the gateway knows it.',
);

/** By provider or backend, then by model. */
export const CATALOG = s.record(
  s.record(MODEL_ENTRY, 'By the name of the model as it is sent; * in it stands for any text.'),
  'Prices and limits of models, by provider or backend.',
);

const PARTS = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write: 'cacheWrite',
  cache_write_1h: 'cacheWrite1h',
  reasoning: 'reasoning',
  audio_input: 'audioInput',
  audio_output: 'audioOutput',
} as const satisfies Readonly<Record<string, PricedPart>>;

export interface CatalogSection {
  readonly key: 'catalog' | 'prices';
  readonly value: unknown;
}

export function translateCatalog(
  { key, value }: CatalogSection,
  reading: Reading,
  scope: NativeScope,
): readonly WrittenPrice[] {
  const written = reading.parse(CATALOG, value ?? {}, [key]);
  if (written === undefined) return [];
  const names = [...scope.backendNames, ...scope.options.catalog.providers.keys()];
  return Object.entries(written).flatMap(([provider, models]) => {
    if (!names.includes(provider)) {
      const message = `no backend or provider is called "${provider}": its prices are nobody's`;
      reading.warning([key, provider], { code: 'config.no-effect', message, ...nearestMend(provider, names) });
    }
    return Object.entries(models ?? {}).map(([model, entry]) => ({
      origin: reading.origin([key, provider, model]),
      provider,
      model,
      ...toPrice(entry),
    }));
  });
}

function toPrice(entry: Infer<typeof MODEL_ENTRY>): Pick<WrittenPrice, 'rates' | 'contextWindow' | 'maxOutputTokens'> {
  const rates: Partial<Record<PricedPart, number>> = {};
  for (const [key, part] of Object.entries(PARTS)) {
    const price = entry[key as keyof typeof PARTS];
    if (price !== undefined) rates[part] = price;
  }
  const { context_window: contextWindow, max_output_tokens: maxOutputTokens } = entry;
  return {
    rates,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
}
