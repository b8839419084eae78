// vLLM.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { vllm } from './vllm.ts';

testProvider(vllm);

test('is found where its documentation says', () => {
  assert.equal(vllm.defaultBaseUrl, 'http://127.0.0.1:8000/v1');
  assert.deepEqual(vllm.keyVariables, []);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = vllm.compile({});
  assert.deepEqual(adapter.operations, [
    'chat',
    'completions',
    'embeddings',
    'responses',
    'models',
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
