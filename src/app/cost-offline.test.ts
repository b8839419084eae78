// Prices asked for by name, without a gateway: names of models, of backends, and aliases of a configuration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfiguration } from './configuration.ts';
import { costOffline } from './cost-offline.ts';

const text = `
backends:
  house: {provider: ollama, models: [llama3.3]}
models:
  cheap: house/llama3.3
  known: gpt-4o-mini
  spread:
    - {backend: house, model: llama3.3}
    - {model: gpt-4o-mini}
routes: [{match: {path: /v1/*}, backend: house}]
catalog:
  house: {llama3.3: {input: 0.5, output: 1}}
`;
const { model } = loadConfiguration({ paths: [], documents: [{ source: 'test', text }], environment: {} });

test('an alias of the configuration costs what it stands for, the first of several targets', async () => {
  assert.ok(model !== undefined);
  const counts = { input: 1000, output: 10 };
  const direct = await costOffline('house/llama3.3', counts, model);
  assert.equal(direct?.total, 1000 * 500_000 + 10 * 1_000_000);
  assert.deepEqual(await costOffline('cheap', counts, model), direct);
  assert.deepEqual(await costOffline('spread', counts, model), direct);
  const shipped = await costOffline('gpt-4o-mini', counts, model);
  assert.ok(shipped !== undefined && shipped.source === 'shipped');
  assert.deepEqual(await costOffline('known', counts, model), shipped);
});

test('without a configuration a name is what it says', async () => {
  assert.equal(await costOffline('cheap', { input: 1 }, undefined), undefined);
});
