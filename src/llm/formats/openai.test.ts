// Paths and errors as the official SDK uses and shows them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError } from 'openai';
import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';
import { modelsListing } from '../models-listing.ts';
import { openai } from './openai.ts';
import { formatRegistry } from './registry.ts';

test('detects operations by the end of the path', () => {
  for (const [request, operation] of [
    ['POST /v1/chat/completions', 'chat'],
    ['POST /ai/team/chat/completions', 'chat'],
    ['POST /chat/completions', 'chat'],
    ['POST /v1/completions', 'completions'],
    ['POST /v1/embeddings', 'embeddings'],
    ['POST /v1/responses', 'responses'],
    ['GET /v1/responses/resp_1', 'responses'],
    ['DELETE /v1/responses/resp_1', 'responses'],
    ['POST /v1/responses/resp_1/cancel', 'responses'],
    ['GET /v1/responses/resp_1/input_items', 'responses'],
    ['GET /v1/models', 'models'],
    ['GET /v1/models/gpt-4o', 'models'],
    ['GET /v1/models/meta-llama/Llama-3', 'models'],
    ['POST /v1/images/generations', 'images'],
    ['POST /v1/images/edits', 'images'],
    ['POST /v1/audio/speech', 'speech'],
    ['POST /v1/audio/transcriptions', 'transcription'],
    ['POST /rerank', 'rerank'],
    ['POST /v1/rerank', 'rerank'],
    ['POST /v2/rerank', 'rerank'],
  ]) {
    const [method, path] = request.split(' ');
    assert.equal(openai.detect(method, path), operation, request);
  }
});

test('does not take what is not of the format', () => {
  for (const request of [
    'GET /v1/chat/completions',
    'POST /v1/models',
    'GET /v1/models/',
    'GET /v1/modelsx',
    'POST /v1/messages',
    'POST /mycompletions',
    'POST /v1/myrerank',
    'GET /v2/rerank',
    'GET /v1/responses',
    'GET /v1/responses/',
    'POST /v1/responses/resp_1',
    'GET /v1/responses/resp_1/cancel',
    'DELETE /v1/responses/resp_1/input_items',
    'GET /v1/responses/a/b/c',
    'OPTIONS /v1/chat/completions',
    'GET /',
  ]) {
    const [method, path] = request.split(' ');
    assert.equal(openai.detect(method, path), undefined, request);
  }
});

test('encodes every error of the gateway so that the official SDK shows it', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { status, title } = ERROR_CODES[code];
    const body = JSON.parse(openai.encodeError(status, code, 'because "so"', 'req-7')) as {
      error: Record<string, unknown>;
    };
    assert.deepEqual(Object.keys(body.error), ['message', 'type', 'param', 'code']);
    const shown = APIError.generate(status, body, undefined, new Headers());
    assert.match(shown.message, /because "so" \(request id req-7\)/);
    assert.ok(shown.message.includes(title));
    assert.equal(shown.code, code === 'model.not-found' ? 'model_not_found' : code);
    assert.equal(shown.type === 'server_error', status >= 500);
  }
});

test('names the types of refusals as OpenAI does', () => {
  const typeOf = (status: number) => JSON.parse(openai.encodeError(status, 'request.malformed', '', 'r')).error.type;
  assert.deepEqual([400, 401, 403, 404, 429, 500, 503].map(typeOf), [
    'invalid_request_error',
    'authentication_error',
    'permission_error',
    'invalid_request_error',
    'rate_limit_error',
    'server_error',
    'server_error',
  ]);
});

test('says which parameter is wrong, and nothing behind a title without detail', () => {
  const { error } = JSON.parse(openai.encodeError(404, 'model.not-found', '', 'r-1'));
  assert.equal(error.param, 'model');
  assert.equal(error.message, `${ERROR_CODES['model.not-found'].title} (request id r-1)`);
});

test('lists models in the shape of the API, each once', () => {
  assert.deepEqual(JSON.parse(modelsListing(['a', 'b"', 'a'])), {
    object: 'list',
    data: [
      { id: 'a', object: 'model', created: 0, owned_by: 'switchyard' },
      { id: 'b"', object: 'model', created: 0, owned_by: 'switchyard' },
    ],
  });
});

test('the format is registered under its name', () => {
  assert.equal(formatRegistry.get('openai'), openai);
});
