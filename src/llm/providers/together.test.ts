// Together AI.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { together } from './together.ts';

testProvider(together);

test('is found where its documentation says', () => {
  assert.equal(together.defaultBaseUrl, 'https://api.together.xyz/v1');
  assert.deepEqual(together.keyVariables, ['TOGETHER_API_KEY']);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = together.compile({});
  assert.deepEqual(adapter.operations, [
    'chat',
    'completions',
    'embeddings',
    'models',
    'images',
    'speech',
    'transcription',
    'rerank',
  ]);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});
