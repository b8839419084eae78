// LM Studio.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAT_REQUEST, testProvider } from '../provider.contract.ts';
import { lmStudio } from './lm-studio.ts';

testProvider(lmStudio);

test('is found where its documentation says', () => {
  assert.equal(lmStudio.defaultBaseUrl, 'http://127.0.0.1:1234/v1');
  assert.deepEqual(lmStudio.keyVariables, []);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = lmStudio.compile({});
  assert.deepEqual(adapter.operations, ['chat', 'completions', 'embeddings', 'responses', 'models']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});

test('has its own word for the penalty of repetition', () => {
  const target = lmStudio.compile({}).translation({ operation: 'chat', model: 'm', stream: false });
  assert.equal(target?.codec.kind, 'chat');
  if (target?.codec.kind !== 'chat') return;
  const body = target.codec.codec.encodeRequest({ ...CHAT_REQUEST, parameters: { repetitionPenalty: 1.1 } });
  assert.equal(body.repeat_penalty, 1.1);
});
