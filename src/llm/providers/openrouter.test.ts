// OpenRouter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAT_REQUEST, testProvider } from '../provider.contract.ts';
import { openrouter } from './openrouter.ts';

testProvider(openrouter);

test('is found where its documentation says', () => {
  assert.equal(openrouter.defaultBaseUrl, 'https://openrouter.ai/api/v1');
  assert.deepEqual(openrouter.keyVariables, ['OPENROUTER_API_KEY']);
});

test('offers what its API has; conversations of other kinds become chat', () => {
  const adapter = openrouter.compile({});
  assert.deepEqual(adapter.operations, ['chat', 'completions', 'embeddings', 'responses', 'models', 'rerank']);
  for (const operation of ['completions', 'responses'] as const) {
    assert.equal(adapter.passes('openai', operation, 'm'), adapter.operations.includes(operation));
    assert.equal(adapter.translation({ operation, model: 'm', stream: true })?.path, '/chat/completions');
  }
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), false);
  assert.equal(adapter.translation({ operation: 'images', model: 'm', stream: false }), undefined);
});

test('is told who asks', () => {
  assert.equal(
    openrouter.compile({ referer: 'https://chat.example', title: 'Chat' }).credentialLines('sk'),
    'authorization: Bearer sk\r\nhttp-referer: https://chat.example\r\nx-title: Chat\r\n',
  );
  assert.equal(openrouter.schema.parse({ title: 'a\r\nb: c' }).ok, false);
});

test('gets what only it takes: signed thoughts, cache marks, budgets of thought', () => {
  const target = openrouter.compile({}).translation({ operation: 'chat', model: 'm', stream: false });
  assert.equal(target?.codec.kind, 'chat');
  if (target?.codec.kind !== 'chat') return;
  const body = target.codec.codec.encodeRequest({
    ...CHAT_REQUEST,
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'long', cache: { ttl: '1h' } }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm', signature: 'sig' },
          { type: 'reasoning', text: '', redacted: 'opaque' },
          { type: 'text', text: 'yes' },
        ],
      },
    ],
    parameters: { reasoning: { budgetTokens: 2000 }, topK: 5 },
  });
  assert.deepEqual(body.messages, [
    {
      role: 'user',
      content: [{ type: 'text', text: 'long', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    },
    {
      role: 'assistant',
      content: 'yes',
      reasoning: 'hm',
      reasoning_details: [
        { type: 'reasoning.text', text: 'hm', signature: 'sig' },
        { type: 'reasoning.encrypted', data: 'opaque' },
      ],
    },
  ]);
  assert.deepEqual(body.reasoning, { max_tokens: 2000 });
  assert.equal(body.top_k, 5);
});
