// Groq.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { groq } from './groq.ts';

testProvider(groq);

test('is found where its documentation says', () => {
  assert.equal(groq.defaultBaseUrl, 'https://api.groq.com/openai/v1');
  assert.deepEqual(groq.keyVariables, ['GROQ_API_KEY']);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = groq.compile({});
  assert.deepEqual(adapter.operations, ['chat', 'responses', 'models', 'speech', 'transcription']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});
