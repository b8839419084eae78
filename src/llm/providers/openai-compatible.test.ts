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

test('every provider is registered under its name', () => {
  for (const [name, definition] of providerRegistry) assert.equal(definition.name, name);
  assert.deepEqual([...providerRegistry.keys()], ['openai', 'openai-compatible']);
});
