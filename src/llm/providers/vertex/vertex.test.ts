// Vertex AI: addresses of every kind of location, paths below them, and tokens for keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../../provider.contract.ts';
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
