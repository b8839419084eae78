// Paths and errors as the official SDK uses and shows them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError } from '@anthropic-ai/sdk';
import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';
import { anthropic } from './anthropic.ts';
import { formatRegistry } from './registry.ts';

const versioned = (name: string) => (name === 'anthropic-version' ? '2023-06-01' : undefined);

test('detects operations by the end of the path, and models by the version', () => {
  for (const [request, operation] of [
    ['POST /v1/messages', 'chat'],
    ['POST /ai/team/messages', 'chat'],
    ['POST /v1/messages/count_tokens', 'count-tokens'],
    ['GET /v1/models', 'models'],
    ['GET /v1/models/claude-opus-5', 'models'],
    ['GET /v1/messages', undefined],
    ['POST /v1/threads/t_1/messages', undefined],
    ['POST /v1/messages/batches', undefined],
    ['POST /v1/chat/completions', undefined],
    ['GET /v1/models/', undefined],
    ['GET /v1/modelsx', undefined],
  ] as const) {
    const [method, path] = request.split(' ');
    assert.equal(anthropic.detect(method, path, versioned), operation, request);
  }
  assert.equal(
    anthropic.detect('GET', '/v1/models', () => undefined),
    undefined,
  );
  assert.equal(anthropic.detect('GET', '/v1/models'), undefined);
});

test('of clients of /v1/models the last format that knows them is theirs, as the gateway asks in that order', () => {
  const formats = [...formatRegistry.values()].toReversed();
  assert.equal(formats.find((format) => format.detect('GET', '/v1/models', versioned))?.name, 'anthropic');
  assert.equal(formats.find((format) => format.detect('GET', '/v1/models', () => undefined))?.name, 'openai');
});

test('encodes every error of the gateway so that the official SDK shows it', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { status, title } = ERROR_CODES[code];
    const body = JSON.parse(anthropic.encodeError(status, code, 'because "so"', 'req-7')) as Record<string, unknown>;
    assert.equal(body.type, 'error');
    assert.equal(body.request_id, 'req-7');
    const error = APIError.generate(status, body, undefined, new Headers());
    assert.equal(error.apiMessage, `${title}: because "so"`);
    assert.equal(error.errorCode, code);
    assert.match(error.type ?? '', /_error$|^request_too_large$/);
  }
});

test('a failure of another provider keeps its status and gets a word of this API', () => {
  for (const [status, type, shown] of [
    [429, 'rate_limit_error', 'rate_limit_error'],
    [529, 'overloaded_error', 'overloaded_error'],
    [503, 'UNAVAILABLE', 'overloaded_error'],
    [500, 'server_error', 'api_error'],
    [404, 'model_not_found', 'not_found_error'],
    [422, 'unprocessable', 'invalid_request_error'],
  ] as const) {
    const error = { status, type, code: undefined, message: 'm', param: undefined };
    assert.deepEqual(JSON.parse(anthropic.encodeProviderError(error, 'req-1')), {
      type: 'error',
      error: { type: shown, message: 'm' },
      request_id: 'req-1',
    });
  }
});
