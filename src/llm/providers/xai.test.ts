// xAI.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { xai } from './xai.ts';

testProvider(xai);

test('is found where its documentation says', () => {
  assert.equal(xai.defaultBaseUrl, 'https://api.x.ai/v1');
  assert.deepEqual(xai.keyVariables, ['XAI_API_KEY']);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = xai.compile({});
  assert.deepEqual(adapter.operations, ['chat', 'responses', 'models', 'images']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});
