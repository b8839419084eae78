// Fireworks AI.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { fireworks } from './fireworks.ts';

testProvider(fireworks);

test('is found where its documentation says', () => {
  assert.equal(fireworks.defaultBaseUrl, 'https://api.fireworks.ai/inference/v1');
  assert.deepEqual(fireworks.keyVariables, ['FIREWORKS_API_KEY']);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = fireworks.compile({});
  assert.deepEqual(adapter.operations, ['chat', 'completions', 'embeddings', 'responses', 'models', 'rerank']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});
