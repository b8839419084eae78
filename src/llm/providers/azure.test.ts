// Azure OpenAI: both styles of paths, keys and tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { azure } from './azure.ts';

testProvider(azure);

const DATED = { api_version: '2025-04-01-preview' };

test('its address is made of the name of the resource', () => {
  assert.equal(azure.baseUrlOf?.({ resource: 'contoso' }), 'https://contoso.openai.azure.com');
  assert.equal(azure.baseUrlOf?.({}), undefined);
});

test('dated paths name the deployment: by model, the one for all, or the model itself', () => {
  const mapped = azure.compile({ ...DATED, deployment: 'rest', deployments: { 'gpt-4o': 'chat-eu' } });
  assert.equal(mapped.path('chat', 'gpt-4o'), '/openai/deployments/chat-eu/chat/completions');
  assert.equal(mapped.path('embeddings', 'other'), '/openai/deployments/rest/embeddings');
  const plain = azure.compile(DATED);
  assert.equal(plain.path('completions', 'm'), '/openai/deployments/m/completions');
  assert.equal(plain.path('chat', 'constructor'), '/openai/deployments/constructor/chat/completions');
  assert.equal(plain.path('responses', 'm'), '/openai/responses');
  assert.equal(plain.path('models', ''), '/openai/models');
  assert.equal(plain.path('rerank', 'm'), undefined);
});

test('without dates the model is in the body', () => {
  const adapter = azure.compile({});
  assert.equal(adapter.path('chat', 'm'), '/openai/v1/chat/completions');
  assert.equal(adapter.path('responses', 'm'), '/openai/v1/responses');
  assert.equal(adapter.hasModelInPath, false);
});

test('the version is ours, whatever the client wrote; the rest of its query stays', () => {
  const dated = azure.compile(DATED);
  assert.equal(dated.passedQuery?.('', 'chat'), 'api-version=2025-04-01-preview');
  assert.equal(dated.passedQuery?.('a=1&api-version=2023-05-15&b', 'chat'), 'a=1&b&api-version=2025-04-01-preview');
  assert.equal(azure.compile({}).passedQuery?.('api-version=2023-05-15', 'chat'), '');
});

test('translated requests go the same way', () => {
  const dated = azure.compile({ ...DATED, deployments: { e: 'emb' } });
  const embeddings = dated.translation({ operation: 'embeddings', model: 'e', stream: false });
  assert.equal(embeddings?.path, '/openai/deployments/emb/embeddings');
  assert.equal(embeddings?.query, 'api-version=2025-04-01-preview');
  const chat = azure.compile({}).translation({ operation: 'chat', model: 'm', stream: true });
  assert.equal(chat?.path, '/openai/v1/chat/completions');
  assert.equal(chat?.query, '');
});

test('the key has a header of its own; with Entra the secret stays here', () => {
  assert.equal(azure.compile({}).credentialLines('k'), 'api-key: k\r\n');
  const entra = azure.compile({ tenant_id: 't', client_id: 'c' });
  assert.equal(entra.credentialLines('client-secret'), '');
  assert.deepEqual(entra.tokenNeed, {
    kind: 'entra',
    tenantId: 't',
    clientId: 'c',
    scope: 'https://cognitiveservices.azure.com/.default',
  });
  assert.equal(azure.compile({}).tokenNeed, undefined);
});

test('settings that could not act are refused', () => {
  for (const options of [
    { deployment: 'd' },
    { deployments: { a: 'b' } },
    { tenant_id: 't' },
    { client_id: 'c' },
    { scope: 'https://x.example/.default' },
    { ...DATED, deployment: 'a/b' },
    { resource: 'a.b' },
    { api_version: 'a&b=c' },
  ])
    assert.equal(azure.schema.parse(options).ok, false, JSON.stringify(options));
  assert.equal(azure.schema.parse({ ...DATED, deployment: 'd', tenant_id: 't', client_id: 'c' }).ok, true);
});
