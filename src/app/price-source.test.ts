// The catalog of a configuration: who its backends are, its version, and that plain gateways load none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PriceBook } from '../llm/catalog/price-book.ts';
import { SHIPPED_VERSION } from '../llm/catalog/shipped-prices.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { loadConfiguration } from './configuration.ts';
import { PriceSource } from './price-source.ts';

const KEYS = { OPENAI_API_KEY: 'k', GROQ_API_KEY: 'k' };

function modelOf(text: string): GatewayModel {
  const { model, findings } = loadConfiguration({
    paths: [],
    documents: [{ source: 'gateway.yaml', text }],
    environment: KEYS,
  });
  assert.ok(model !== undefined, JSON.stringify(findings));
  return model;
}

const AI = `
backends:
  main: {provider: openai}
  fast: {provider: openai-compatible, base_url: "https://api.groq.com/openai/v1"}
  own: {provider: openai-compatible, base_url: "http://127.0.0.1:8000/v1"}
routes: [{backend: main}]
`;

test('backends are known by their provider or their address', async () => {
  const { catalog, estimate } = await new PriceSource().settingsFor(modelOf(AI));
  assert.equal(estimate, true);
  assert.deepEqual(
    catalog?.backends.map(({ name, catalogId }) => [name, catalogId]),
    [
      ['main', 'openai'],
      ['fast', 'groq'],
      ['own', undefined],
    ],
  );
  assert.equal(catalog?.version, SHIPPED_VERSION);
  assert.deepEqual(structuredClone(catalog), catalog);
  const book = new PriceBook(catalog);
  const priceAt = (backend: string, sent: string) =>
    book.find(backend, { sent, answered: '' }, Date.now()).price?.entry;
  assert.deepEqual([priceAt('main', 'gpt-4o'), priceAt('own', 'gpt-4o')], ['openai/gpt-4o', undefined]);
  assert.match(priceAt('fast', 'llama-3.1-8b-instant') ?? '', /^groq\//);
});

test('the version names what is written over the shipped prices, whatever its order of keys', async () => {
  const versionOf = async (prices: string): Promise<string> => {
    const { catalog } = await new PriceSource().settingsFor(modelOf(AI + prices));
    return catalog?.version ?? '';
  };
  const one = await versionOf('prices: {own: {llama: {input: 1, output: 2}}}');
  assert.match(one, new RegExp(`^${SHIPPED_VERSION}\\+[0-9a-f]{8}$`));
  assert.equal(await versionOf('catalog: {own: {llama: {output: "2.0", input: 1}}}'), one);
  assert.notEqual(await versionOf('catalog: {own: {llama: {output: 2, input: 1.1}}}'), one);
});

test('a gateway without AI backends has no catalog', async () => {
  const settings = await new PriceSource().settingsFor(
    modelOf('backends: {a: {endpoints: [one]}}\nroutes: [{backend: a}]\nusage: {estimate: false}'),
  );
  assert.deepEqual(settings, { catalog: undefined, estimate: false });
});
