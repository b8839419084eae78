// Cohere: two APIs under one address.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { cohere } from './cohere.ts';

testProvider(cohere);

test('chats at the compatibility endpoint and reranks at its own', () => {
  const adapter = cohere.compile({});
  assert.equal(adapter.path('chat', 'command-a'), '/compatibility/v1/chat/completions');
  assert.equal(adapter.path('embeddings', 'embed-v4'), '/compatibility/v1/embeddings');
  assert.equal(adapter.path('rerank', 'rerank-v3'), '/v2/rerank');
  assert.equal(adapter.acceptsStreamOptions, false);
  const target = adapter.translation({ operation: 'chat', model: 'command-a', stream: true });
  assert.equal(target?.path, '/compatibility/v1/chat/completions');
});

test('says that it cannot embed tokens, nor cut vectors', () => {
  const target = cohere.compile({}).translation({ operation: 'embeddings', model: 'embed-v4', stream: false });
  assert.equal(target?.codec.kind, 'embeddings');
  if (target?.codec.kind !== 'embeddings') return;
  assert.equal(target.codec.codec.takesTokens, false);
  assert.deepEqual(target.codec.codec.drops, ['task', 'title', 'dimensions', 'user']);
});
