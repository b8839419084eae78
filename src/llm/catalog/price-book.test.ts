// The shipped prices as the package itself finds them, and the configuration's over them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { calcPrice } from '@pydantic/genai-prices';
import type { CatalogBackend, CatalogData, NameRule, PriceOverride } from './catalog-data.ts';
import { type ModelPrice, PriceBook } from './price-book.ts';
import { loadShippedPrices, SHIPPED_VERSION } from './shipped-prices.ts';

const shipped = await loadShippedPrices();
const IDS = [
  'openai',
  'anthropic',
  'google',
  'aws',
  'azure',
  'mistral',
  'deepseek',
  'groq',
  'openrouter',
  'perplexity',
];
const backends: readonly CatalogBackend[] = [
  ...IDS.map((id) => ({ name: id, provider: id, catalogId: id })),
  { name: 'spare', provider: 'openai', catalogId: 'openai' },
  { name: 'own', provider: 'vllm', catalogId: undefined },
];
const providers = shipped.providers(IDS);

function bookWith(overrides: readonly PriceOverride[]): PriceBook {
  return new PriceBook({ version: 'v', providers, overrides, backends });
}

function priceOf(book: PriceBook, backend: string, sent: string, answered = ''): ModelPrice | undefined {
  return book.find(backend, { sent, answered }, Date.UTC(2026, 8, 1, 12)).price;
}

const plain = bookWith([]);

/** Names that a rule is written for. */
function namesOf(rule: NameRule): readonly string[] {
  if ('or' in rule) return rule.or.flatMap(namesOf);
  if ('equals' in rule) return [rule.equals];
  if ('starts_with' in rule) return [rule.starts_with, `${rule.starts_with}-20250929`];
  return 'contains' in rule ? [rule.contains, `us.${rule.contains}-v1:0`] : [];
}

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync('node_modules/@pydantic/genai-prices/package.json', 'utf8'));
  assert.equal(SHIPPED_VERSION, `genai-prices-${version}`);
});

test('every name of every model has the price that the package finds', () => {
  let compared = 0;
  for (const provider of providers) {
    if (!IDS.includes(provider.id)) continue;
    for (const name of new Set(provider.models.flatMap(({ id, match }) => [id, ...namesOf(match)])))
      for (const timestamp of [new Date(Date.UTC(2026, 8, 1, 3)), new Date(Date.UTC(2026, 8, 1, 17, 30))]) {
        const theirs = calcPrice({}, name, { providerId: provider.id, timestamp });
        const ours = plain.find(provider.id, { sent: name, answered: '' }, timestamp.getTime());
        compared++;
        if (theirs === null) {
          assert.equal(ours.status, 'unknown', `${provider.id} ${name}`);
          continue;
        }
        assert.equal(ours.limits.contextWindow, theirs.model.context_window);
        const { input_mtok: input, output_mtok: output } = theirs.model_price;
        if (typeof input !== 'number' || ours.price === undefined) continue;
        assert.equal(ours.price.entry.split('/').slice(1).join('/'), theirs.model.id);
        assert.equal(ours.price.rates.input?.base, Math.round(input * 1e6), `${provider.id} ${name}`);
        if (typeof output === 'number') assert.equal(ours.price.rates.output?.base, Math.round(output * 1e6));
      }
  }
  assert.ok(compared > 2000, `${compared} names`);
});

test('prices that everybody knows', () => {
  const mini = priceOf(plain, 'openai', 'gpt-4o-mini');
  assert.deepEqual(mini, {
    rates: { input: { base: 150_000 }, cacheRead: { base: 75_000 }, output: { base: 600_000 } },
    source: 'shipped',
    entry: 'openai/gpt-4o-mini',
  });
  const sonnet = priceOf(plain, 'anthropic', 'claude-sonnet-4-5-20250929')?.rates;
  assert.deepEqual(sonnet?.input, { base: 3_000_000, tiers: [{ above: 200_000, rate: 6_000_000 }] });
  assert.equal(sonnet?.cacheRead?.base, 300_000);
});

test('a deployment is priced by what its answers are called, a written price by what it is called', () => {
  assert.equal(priceOf(plain, 'azure', 'my-deployment'), undefined);
  assert.equal(priceOf(plain, 'azure', 'my-deployment', 'gpt-4o-mini-2024-07-18')?.entry, 'azure/gpt-4o-mini');
  const book = bookWith([{ provider: 'azure', model: 'my-deployment', rates: { input: { base: 9 } } }]);
  assert.deepEqual(priceOf(book, 'azure', 'my-deployment', 'gpt-4o-mini-2024-07-18'), {
    rates: { input: { base: 9 }, cacheRead: { base: 75_000 }, output: { base: 600_000 } },
    source: 'configuration over shipped',
    entry: 'azure/gpt-4o-mini',
  });
});

test('written prices: backend before provider, whole names before patterns, longer patterns before shorter', () => {
  const at = (provider: string, model: string, base: number): PriceOverride => ({
    provider,
    model,
    rates: { input: { base } },
  });
  const book = bookWith([
    at('openai', '*', 1),
    at('openai', 'my*', 2),
    at('openai', 'my/model', 3),
    at('spare', 'my*l', 4),
    at('own', 'Llama', 5),
  ]);
  for (const [backend, model, base] of [
    ['openai', 'other', 1],
    ['openai', 'my-new/thing', 2],
    ['openai', 'my/model', 3],
    ['openai', 'MY/model', 3],
    ['spare', 'my/model', 4],
    ['spare', 'my-other', 2],
    ['own', 'llama', 5],
  ] as const)
    assert.equal(priceOf(book, backend, model)?.rates.input?.base, base, `${backend} ${model}`);
  assert.equal(priceOf(book, 'own', 'gpt-4o'), undefined);
  assert.equal(priceOf(book, 'own', 'llama')?.source, 'configuration');
});

test('limits are the shipped ones unless written; a price for limits alone is none', () => {
  assert.equal(plain.limitsOf('openai', 'gpt-4o').contextWindow, 128_000);
  assert.deepEqual(plain.limitsOf('own', 'gpt-4o'), {});
  const book = bookWith([
    { provider: 'openai', model: 'gpt-4o', rates: {}, maxOutputTokens: 16_384 },
    { provider: 'own', model: 'llama', rates: {}, contextWindow: 8192 },
  ]);
  assert.deepEqual(book.limitsOf('openai', 'gpt-4o'), { contextWindow: 128_000, maxOutputTokens: 16_384 });
  assert.equal(priceOf(book, 'openai', 'gpt-4o')?.source, 'shipped');
  assert.deepEqual(book.find('own', { sent: 'llama', answered: '' }, 0), {
    status: 'unknown',
    price: undefined,
    limits: { contextWindow: 8192 },
  });
});

test('models that are not sold by the token are known and have no price', () => {
  assert.equal(plain.find('openai', { sent: 'whisper-1', answered: '' }, 0).status, 'unpriced');
  assert.equal(plain.find('nobody', { sent: 'gpt-4o', answered: '' }, 0).status, 'unknown');
});

test('prices of a date and of a time of day are those of the answer’s time', () => {
  const rates = (base: number) => ({ input: { base } });
  const data: CatalogData = {
    version: 'v',
    overrides: [],
    backends: [],
    providers: [
      {
        id: 'p',
        sellsFor: [],
        models: [
          {
            id: 'm',
            match: { equals: 'm' },
            prices: [
              { rates: rates(1) },
              { fromMs: Date.UTC(2026, 0, 1), rates: rates(2) },
              { daily: { startSecond: 16.5 * 3600, endSecond: 1800 }, rates: rates(3) },
            ],
          },
        ],
      },
    ],
  };
  const book = new PriceBook(data);
  for (const [time, base] of [
    [Date.UTC(2025, 5, 1, 12), 1],
    [Date.UTC(2026, 5, 1, 12), 2],
    [Date.UTC(2026, 5, 1, 16, 30), 3],
    [Date.UTC(2026, 5, 1, 0, 29, 59), 3],
    [Date.UTC(2026, 5, 1, 0, 30), 2],
  ] as const)
    assert.equal(book.find('p', { sent: 'm', answered: '' }, time).price?.rates.input?.base, base);
});

test('whoever sells at an address is found by it', () => {
  assert.equal(shipped.catalogId('openai-compatible', 'https://api.groq.com/openai/v1'), 'groq');
  assert.equal(shipped.catalogId('openai-compatible', 'http://127.0.0.1:9000/v1'), undefined);
  assert.equal(shipped.catalogId('vllm', undefined), undefined);
  assert.equal(shipped.catalogId('bedrock', undefined), 'aws');
  assert.equal(shipped.catalogId('nobody', undefined), undefined);
});

test('the catalog is plain data', () => {
  assert.deepEqual(structuredClone(providers), providers);
  assert.deepEqual(
    shipped.providers(['azure']).map(({ id }) => id),
    ['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'],
  );
});

test('names of megabytes, which clients may write, are not kept', () => {
  const book = bookWith([]);
  priceOf(book, 'openai', 'x'.repeat(1_000_000));
  assert.ok(priceOf(book, 'openai', 'gpt-4o') !== undefined);
  const { found } = book as unknown as { readonly found: ReadonlyMap<string, ReadonlyMap<string, unknown>> };
  assert.deepEqual([...(found.get('openai')?.keys() ?? [])], ['gpt-4o']);
});
