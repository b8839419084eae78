// Ollama.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { ollama } from './ollama.ts';

testProvider(ollama);

test('is found where its documentation says', () => {
  assert.equal(ollama.defaultBaseUrl, 'http://127.0.0.1:11434/v1');
  assert.deepEqual(ollama.keyVariables, []);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = ollama.compile({});
  assert.deepEqual(adapter.operations, ['chat', 'completions', 'embeddings', 'models']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});
