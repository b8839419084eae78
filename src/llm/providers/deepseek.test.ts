// DeepSeek.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAT_REQUEST, testProvider } from '../provider.contract.ts';
import { deepseek } from './deepseek.ts';

testProvider(deepseek);

test('is found where its documentation says', () => {
  assert.equal(deepseek.defaultBaseUrl, 'https://api.deepseek.com');
  assert.deepEqual(deepseek.keyVariables, ['DEEPSEEK_API_KEY']);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = deepseek.compile({});
  assert.deepEqual(adapter.operations, ['chat', 'models']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});

test('gets its thoughts back', () => {
  const target = deepseek.compile({}).translation({ operation: 'chat', model: 'm', stream: false });
  assert.equal(target?.codec.kind, 'chat');
  if (target?.codec.kind !== 'chat') return;
  const { messages } = target.codec.codec.encodeRequest({
    ...CHAT_REQUEST,
    messages: [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'yes' },
        ],
      },
    ],
  });
  assert.deepEqual(messages, [{ role: 'assistant', content: 'yes', reasoning_content: 'hm' }]);
  assert.equal(target.codec.codec.parameters.seed.treatment, 'dropped');
});
