// Vertex AI: addresses of every kind of location, paths below them, and tokens for keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../../provider.contract.ts';
import type { ChatRequest } from '../../request.ts';
import { vertex } from './vertex.ts';

testProvider(vertex);

const HOSTS = [
  ['global', 'aiplatform.googleapis.com'],
  ['europe-west4', 'europe-west4-aiplatform.googleapis.com'],
  ['eu', 'aiplatform.eu.rep.googleapis.com'],
  ['us', 'aiplatform.us.rep.googleapis.com'],
] as const;

for (const [location, host] of HOSTS)
  test(`is at ${host} in ${location}`, () => {
    assert.equal(vertex.baseUrlOf?.({ project: 'p1', location }), `https://${host}`);
  });

test('paths lie below Google’s models', () => {
  const adapter = vertex.compile({ project: 'p1', location: 'global' });
  const root = '/v1/projects/p1/locations/global/publishers/google/models';
  const base = `${root}/gemini-2.5-pro`;
  assert.equal(adapter.path('chat', 'gemini-2.5-pro', true), `${base}:streamGenerateContent`);
  assert.equal(adapter.path('count-tokens', 'gemini-2.5-pro'), `${base}:countTokens`);
  assert.equal(adapter.path('models', ''), undefined);
  const embeddings = adapter.translation({ operation: 'embeddings', model: 'text-embedding-005', stream: false });
  assert.equal(embeddings?.path, `${root}/text-embedding-005:predict`);
  assert.deepEqual(adapter.tokenNeed, { kind: 'google', scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
});

test('refuses projects and locations that are none', () => {
  for (const config of [{ project: 'a/b', location: 'us' }, { project: 'p1', location: 'us/..' }, { location: 'us' }])
    assert.equal(vertex.schema.parse(config).ok, false);
});

const CLAUDE = 'claude-sonnet-4-5@20250929';
const CLAUDE_ROOT = '/v1/projects/p1/locations/global/publishers/anthropic/models';

test('Anthropic’s models are asked for by rawPredict, in their own words without the model', () => {
  const adapter = vertex.compile({ project: 'p1', location: 'global' });
  const whole = adapter.translation({ operation: 'chat', model: CLAUDE, stream: false });
  const stream = adapter.translation({ operation: 'responses', model: CLAUDE, stream: true });
  assert.equal(whole?.path, `${CLAUDE_ROOT}/claude-sonnet-4-5%4020250929:rawPredict`);
  assert.deepEqual([stream?.path, stream?.query], [`${CLAUDE_ROOT}/claude-sonnet-4-5%4020250929:streamRawPredict`, '']);
  assert.ok(whole?.codec.kind === 'chat');
  const request: ChatRequest = {
    operation: 'chat',
    wire: 'gemini',
    model: CLAUDE,
    stream: true,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    parameters: { maxOutputTokens: 5 },
    wantsStreamUsage: true,
    rest: {},
  };
  const body = whole.codec.codec.encodeRequest(request);
  assert.deepEqual(
    [body.anthropic_version, body.model, body.stream, body.max_tokens],
    ['vertex-2023-10-16', undefined, true, 5],
  );
  assert.ok(!adapter.passes('gemini', 'chat', CLAUDE) && adapter.passes('gemini', 'chat', 'gemini-2.5-pro'));
  assert.equal(adapter.translation({ operation: 'embeddings', model: CLAUDE, stream: false }), undefined);
  const count = adapter.translation({ operation: 'count-tokens', model: CLAUDE, stream: false });
  assert.equal(count?.path, `${CLAUDE_ROOT}/count-tokens:rawPredict`);
  assert.ok(count.codec.kind === 'token-count');
  const counted = count.codec.codec.encodeRequest({ ...request, operation: 'count-tokens' });
  assert.deepEqual([counted.anthropic_version, counted.model], ['vertex-2023-10-16', CLAUDE]);
});

test('refusals are read in the words of who refuses', () => {
  const { errors } = vertex.compile({ project: 'p1', location: 'global' });
  const ofModel = errors.decodeError(429, '{"type":"error","error":{"type":"rate_limit_error","message":"Slow"}}');
  assert.deepEqual([ofModel.type, ofModel.message], ['rate_limit_error', 'Slow']);
  const ofGoogle = errors.decodeError(403, '{"error":{"code":403,"message":"No","status":"PERMISSION_DENIED"}}');
  assert.deepEqual([ofGoogle.type, ofGoogle.message], ['PERMISSION_DENIED', 'No']);
});
