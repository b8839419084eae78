// The Gemini API as its official SDK reaches it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../../provider.contract.ts';
import { google } from './google.ts';

testProvider(google);

const adapter = google.compile({ api_version: 'v1beta' });

test('sends the key in its own field', () => {
  assert.equal(adapter.credentialLines('AIza'), 'x-goog-api-key: AIza\r\n');
  assert.equal(adapter.credentialLines(undefined), '');
});

test('model and method stand in the path', () => {
  assert.equal(adapter.path('chat', 'gemini-2.5-flash'), '/v1beta/models/gemini-2.5-flash:generateContent');
  assert.equal(adapter.path('chat', 'gemini-2.5-flash', true), '/v1beta/models/gemini-2.5-flash:streamGenerateContent');
  assert.equal(adapter.path('count-tokens', 'a'), '/v1beta/models/a:countTokens');
  assert.equal(adapter.path('models', ''), '/v1beta/models');
  assert.equal(adapter.hasModelInPath, true);
});

test('Google’s bytes pass, embeddings are written anew', () => {
  assert.ok(adapter.passes('gemini', 'chat', 'a') && adapter.passes('gemini', 'count-tokens', 'a'));
  assert.ok(!adapter.passes('gemini', 'embeddings', 'a') && !adapter.passes('openai', 'chat', 'a'));
});

test('everything else is translated, streams as events', () => {
  const stream = adapter.translation({ operation: 'responses', model: 'a', stream: true });
  assert.deepEqual(
    [stream?.path, stream?.query, stream?.framing, stream?.codec.kind],
    ['/v1beta/models/a:streamGenerateContent', 'alt=sse', 'sse', 'chat'],
  );
  const embeddings = adapter.translation({ operation: 'embeddings', model: 'a', stream: false });
  assert.deepEqual(
    [embeddings?.path, embeddings?.query, embeddings?.codec.kind],
    ['/v1beta/models/a:batchEmbedContents', '', 'embeddings'],
  );
  assert.equal(
    adapter.translation({ operation: 'count-tokens', model: 'a', stream: false })?.codec.kind,
    'token-count',
  );
  for (const operation of ['images', 'models', 'speech'] as const)
    assert.equal(adapter.translation({ operation, model: 'a', stream: false }), undefined);
});

test('another version of the API', () => {
  assert.equal(google.compile({ api_version: 'v1' }).path('chat', 'a'), '/v1/models/a:generateContent');
});
