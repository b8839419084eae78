// Servers found by base_url alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { providerRegistry } from './registry.ts';

testProvider(openaiCompatible);

test('has no address and needs no key', () => {
  assert.equal(openaiCompatible.defaultBaseUrl, undefined);
  assert.deepEqual(openaiCompatible.keyVariables, []);
});

test('asks for usage unless told that the server refuses it', () => {
  const parsed = openaiCompatible.schema.parse({});
  assert.ok(parsed.ok);
  assert.equal(openaiCompatible.compile(parsed.value).acceptsStreamOptions, true);
  assert.equal(openaiCompatible.compile({ stream_options: false }).acceptsStreamOptions, false);
});

test('offers what it is said to offer, and asks for the rest as chat', () => {
  assert.ok(openaiCompatible.compile({}).passes('openai', 'responses', 'm'));
  const small = openaiCompatible.compile({ operations: ['chat'], max_tokens_field: 'max_completion_tokens' });
  assert.equal(small.passes('openai', 'responses', 'm'), false);
  assert.equal(small.path('embeddings', 'm'), undefined);
  const target = small.translation({ operation: 'responses', model: 'm', stream: false });
  assert.equal(target?.path, '/chat/completions');
  assert.equal(small.translation({ operation: 'embeddings', model: 'm', stream: false }), undefined);
  if (target?.codec.kind !== 'chat') return assert.fail();
  assert.equal(target.codec.codec.parameters.maxOutputTokens.as, 'max_completion_tokens');
});

test('every provider is registered under its name', () => {
  for (const [name, definition] of providerRegistry) assert.equal(definition.name, name);
  for (const name of ['openai', 'azure', 'mistral', 'lm-studio', 'openai-compatible'])
    assert.ok(providerRegistry.has(name), name);
});
