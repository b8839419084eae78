// The contract of providers, and what is Anthropic's own: which kind of credential, version, beta list, paths.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../../provider.contract.ts';
import { anthropic } from './anthropic.ts';

testProvider(anthropic);

test('a key is sent as the kind it is', () => {
  const { credentialLines } = anthropic.compile({});
  assert.equal(credentialLines('sk-ant-api03-x'), 'x-api-key: sk-ant-api03-x\r\n');
  assert.equal(credentialLines('sk-ant-oat01-x'), 'authorization: Bearer sk-ant-oat01-x\r\n');
  assert.equal(credentialLines('Bearer any'), 'authorization: Bearer any\r\n');
  assert.equal(credentialLines(undefined), '');
  assert.deepEqual(anthropic.keyPrefixes, { ANTHROPIC_AUTH_TOKEN: 'Bearer ' });
});

test('bytes of its own format pass, others are translated', () => {
  const adapter = anthropic.compile({});
  assert.equal(adapter.passes('anthropic', 'chat', 'm'), true);
  assert.equal(adapter.passes('anthropic', 'count-tokens', 'm'), true);
  assert.equal(adapter.passes('openai', 'chat', 'm'), false);
  for (const operation of ['chat', 'completions', 'responses'] as const) {
    const target = adapter.translation({ operation, model: 'claude-opus-5', stream: true });
    assert.equal(target?.path, '/v1/messages');
    assert.equal(target?.codec.kind, 'chat');
  }
  const count = adapter.translation({ operation: 'count-tokens', model: 'm', stream: false });
  assert.equal(count?.path, '/v1/messages/count_tokens');
  assert.equal(count?.codec.kind, 'token-count');
  assert.equal(adapter.translation({ operation: 'embeddings', model: 'm', stream: false }), undefined);
});

test('the version is a default, and the beta list is bounded only on wish', () => {
  const adapter = anthropic.compile({});
  assert.equal(adapter.defaultFields?.get('anthropic-version'), 'anthropic-version: 2023-06-01\r\n');
  assert.equal(adapter.rewrittenFields, undefined);
  const rewrite = anthropic.compile({ beta: ['a-1', 'b-2'] }).rewrittenFields?.get('anthropic-beta');
  assert.equal(rewrite?.('x-9, b-2 ,a-1'), 'b-2,a-1');
  assert.equal(rewrite?.('x-9'), '');
  assert.equal(anthropic.compile({ beta: [] }).rewrittenFields?.get('anthropic-beta')?.('a-1'), '');
});
