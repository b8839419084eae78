// Google's API as clients speak it: paths, what stands in them, and errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../operation.ts';
import { gemini } from './gemini.ts';

const VERTEX = '/v1/projects/p/locations/europe-west4/publishers/google/models';

const PATHS: readonly (readonly [method: string, path: string, operation: Operation | undefined])[] = [
  ['POST', '/v1beta/models/gemini-2.5-flash:generateContent', 'chat'],
  ['POST', '/v1/models/gemini-2.5-flash:streamGenerateContent', 'chat'],
  ['POST', '/google/v1alpha/models/a/b:generateContent', 'chat'],
  ['POST', '/v1beta/tunedModels/mine:generateContent', 'chat'],
  ['POST', `${VERTEX}/gemini-2.5-pro:streamGenerateContent`, 'chat'],
  ['POST', '/v1beta/models/gemini-embedding-001:embedContent', 'embeddings'],
  ['POST', '/v1beta/models/gemini-embedding-001:batchEmbedContents', 'embeddings'],
  ['POST', `${VERTEX}/text-embedding-005:predict`, 'embeddings'],
  ['POST', '/v1beta/models/gemini-2.5-flash:countTokens', 'count-tokens'],
  ['POST', `${VERTEX}/imagen-4:predict`, undefined],
  ['POST', '/v1beta/models/gemini-2.5-flash:deleteAll', undefined],
  ['POST', '/v1beta/models/:generateContent', undefined],
  ['POST', '/v1/chat/completions', undefined],
  ['GET', '/v1beta/models', 'models'],
  ['GET', '/v1beta/models/gemini-2.5-flash', 'models'],
  ['GET', '/v1beta1/publishers/google/models', 'models'],
  ['GET', '/v1/models', undefined],
  ['GET', '/v1beta/openai/models', undefined],
  ['GET', '/v1beta/models/gemini-2.5-flash:generateContent', undefined],
];

for (const [method, path, operation] of PATHS)
  test(`${method} ${path} is ${operation ?? 'none of its'}`, () =>
    assert.equal(gemini.detect(method, path), operation));

test('a listing that shares OpenAI’s path is told by Google’s fields', () => {
  const field = (name: string) => (name === 'x-goog-api-key' ? 'k' : undefined);
  assert.equal(gemini.detect('GET', '/v1/models', field), 'models');
  assert.equal(
    gemini.detect('GET', '/v1/models', () => undefined),
    undefined,
  );
});

test('model and stream wish stand in the path, the kind of stream in the query', () => {
  const { address } = gemini;
  assert.ok(address !== undefined);
  const base = '/v1beta/models/gemini-2.5-flash';
  assert.deepEqual(address(`${base}:generateContent`, ''), { model: 'gemini-2.5-flash', stream: false });
  assert.deepEqual(address(`${base}:streamGenerateContent`, 'key=k&alt=sse'), {
    model: 'gemini-2.5-flash',
    stream: true,
  });
  assert.deepEqual(address(`${base}:streamGenerateContent`, 'alt=json'), {
    model: 'gemini-2.5-flash',
    stream: true,
    streamsArray: true,
  });
  assert.equal(address('/v1beta/models/openai%2Fgpt-4o:generateContent', '').model, 'openai/gpt-4o');
  assert.equal(address('/v1beta/models/openai/gpt-4o:generateContent', '').model, 'openai/gpt-4o');
  assert.equal(address('/v1beta/models/a%zz:generateContent', '').model, 'a%zz');
  assert.equal(address('/v1beta/tunedModels/mine:generateContent', '').model, 'tunedModels/mine');
  assert.equal(address(`${VERTEX}/gemini-2.5-pro:countTokens`, '').model, 'gemini-2.5-pro');
  assert.equal(address('/v1beta/models', '').model, undefined);
});

test('errors are Google’s JSON', () => {
  const { error } = JSON.parse(gemini.encodeError(404, 'model.not-found', 'gemini-9', 'r1')) as {
    readonly error: Readonly<Record<string, unknown>>;
  };
  assert.deepEqual(
    [error.code, error.status, error.message],
    [404, 'NOT_FOUND', 'No backend serves this model: gemini-9 (request id r1)'],
  );
  const [info] = error.details as readonly Readonly<Record<string, unknown>>[];
  assert.deepEqual([info.reason, info.metadata], ['model.not-found', { request_id: 'r1' }]);
});

test('a provider’s refusal keeps status, words and place', () => {
  const error = {
    status: 400,
    type: 'invalid_request_error',
    code: 'too_long',
    message: 'Too long',
    param: 'messages',
  };
  assert.deepEqual(JSON.parse(gemini.encodeProviderError(error, 'r1')), {
    error: {
      code: 400,
      message: 'Too long (request id r1)',
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'too_long',
          domain: 'switchyard',
          metadata: { request_id: 'r1', param: 'messages' },
        },
      ],
    },
  });
});
