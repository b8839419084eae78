// Perplexity.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { perplexity } from './perplexity.ts';

testProvider(perplexity);

test('is found where its documentation says', () => {
  assert.equal(perplexity.defaultBaseUrl, 'https://api.perplexity.ai');
  assert.deepEqual(perplexity.keyVariables, ['PERPLEXITY_API_KEY', 'PPLX_API_KEY']);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = perplexity.compile({});
  assert.deepEqual(adapter.operations, ['chat']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});
