// Failures as servers of this wire write them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiErrors } from './decode-error.ts';

const CASES: readonly (readonly [title: string, status: number, body: unknown, expected: object])[] = [
  [
    'OpenAI',
    400,
    {
      error: { message: 'too long', type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' },
    },
    { type: 'invalid_request_error', code: 'context_length_exceeded', message: 'too long', param: 'messages' },
  ],
  [
    'vLLM, flat',
    404,
    { object: 'error', message: 'no model', type: 'NotFoundError', code: 404 },
    { type: 'NotFoundError', code: '404', message: 'no model' },
  ],
  [
    'xAI',
    400,
    { code: 'Client specified an invalid argument', error: 'Incorrect API key' },
    { code: 'Client specified an invalid argument', message: 'Incorrect API key' },
  ],
  ['Ollama', 404, { error: 'model "x" not found' }, { message: 'model "x" not found', type: 'invalid_request_error' }],
  [
    'Cohere',
    401,
    { id: '1', message: 'invalid api token' },
    { message: 'invalid api token', type: 'authentication_error' },
  ],
  [
    'FastAPI',
    422,
    { detail: [{ loc: ['body', 'model'], msg: 'Field required', type: 'missing' }] },
    { message: 'model: Field required' },
  ],
  [
    'Mistral',
    422,
    {
      object: 'error',
      message: { detail: [{ loc: ['body', 'x'], msg: 'Extra inputs' }] },
      type: 'invalid_request_error',
      code: null,
    },
    { message: 'x: Extra inputs', code: undefined },
  ],
  ['a text in detail', 403, { detail: 'no access' }, { message: 'no access', type: 'permission_error' }],
  [
    'OpenRouter',
    502,
    { error: { code: 502, message: 'Provider returned error', metadata: { raw: 'overloaded', provider_name: 'X' } } },
    { code: '502', message: 'Provider returned error (overloaded)' },
  ],
  ['Azure, flat', 401, { statusCode: 401, message: 'Access denied' }, { message: 'Access denied' }],
  [
    'Azure, inner',
    400,
    { error: { message: 'filtered', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    { code: 'ResponsibleAIPolicyViolation' },
  ],
  [
    'a list',
    400,
    [{ error: { code: 400, message: 'bad', status: 'INVALID_ARGUMENT' } }],
    { code: '400', message: 'bad' },
  ],
  ['an empty error', 500, { error: null }, { message: 'The provider answered 500', type: 'server_error' }],
  ['an empty object', 429, {}, { message: 'The provider answered 429', type: 'rate_limit_error' }],
];

for (const [title, status, body, expected] of CASES)
  test(`reads the error of ${title}`, () => {
    const error = openaiErrors.decodeError(status, JSON.stringify(body));
    assert.equal(error.status, status);
    for (const [key, value] of Object.entries(expected)) assert.equal(error[key as keyof typeof error], value, key);
  });

test('shows what is no JSON, but no more than is of use', () => {
  assert.equal(openaiErrors.decodeError(502, '<html>Bad gateway</html>\n').message, '<html>Bad gateway</html>');
  assert.equal(openaiErrors.decodeError(502, 'x'.repeat(1_000_000)).message.length, 2000);
  assert.equal(openaiErrors.decodeError(503, '').message, 'The provider answered 503');
});
