// Refusals of one target told apart from mistakes of the client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf } from './refusal.ts';

function google(code: number, message: string, status: string): object {
  return { error: { code, message, status } };
}

const CASES: readonly (readonly [body: unknown, refusal: string | undefined])[] = [
  [{ error: { message: 'x', type: 'invalid_request_error', code: 'context_length_exceeded' } }, 'context-window'],
  [{ error: { type: 'insufficient_quota', code: null, message: 'x' } }, 'quota'],
  [{ error: { message: 'x', type: 'invalid_request_error', code: 'model_not_found' } }, 'model'],
  [{ error: { code: 'DeploymentNotFound', message: 'x' } }, 'model'],
  [
    { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens' } },
    'context-window',
  ],
  [{ type: 'error', error: { type: 'authentication_error', message: 'x' } }, 'credential'],
  [{ object: 'error', message: 'The model `m` does not exist.', type: 'NotFoundError', code: 404 }, 'model'],
  [{ error: 'maximum context length is 4096 tokens' }, 'context-window'],
  [{ error: { message: 'x', code: 'content_policy_violation' } }, 'content-policy'],
  [{ error: { code: '400', message: 'x', innererror: { code: 'ResponsibleAIPolicyViolation' } } }, 'content-policy'],
  [
    {
      error: { code: 400, status: 'INVALID_ARGUMENT', message: 'The input token count (1200000) exceeds the maximum' },
    },
    'context-window',
  ],
  [
    {
      error: {
        code: 400,
        status: 'INVALID_ARGUMENT',
        message: 'x',
        details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
      },
    },
    'credential',
  ],
  [
    [{ error: { code: 404, status: 'NOT_FOUND', message: 'models/gemini-9 is not found for API version v1beta' } }],
    'model',
  ],
  [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x' } }, 'quota'],
  [{ message: 'Input is too long for requested model.' }, 'context-window'],
  [{ __type: 'com.amazon.coral.service#AccessDeniedException', Message: 'x' }, 'credential'],
  [{ message: 'The provided model identifier is invalid.' }, 'model'],
  [{ message: 'too many tokens: total number of tokens in the request exceeds the limit' }, 'context-window'],
  [
    { detail: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length', type: 'x' },
    'context-window',
  ],
  [{ error: { message: 'No allowed providers are available for the selected model.', code: 404 } }, 'model'],
  [{ error: { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' } }, 'quota'],
  [
    { error: { message: 'Output blocked by content filtering policy', type: 'invalid_request_error' } },
    'content-policy',
  ],
  [{ error: { message: 'tools: Input should be a valid list', type: 'invalid_request_error' } }, undefined],
  [
    { error: { message: 'max_tokens: 999999 > 8192, the maximum for claude-3', type: 'invalid_request_error' } },
    undefined,
  ],
  [{ error: { message: "'temperature' must be at most 2", type: 'invalid_request_error', code: null } }, undefined],
  [{ error: { message: 'x', code: 'constructor' } }, undefined],
  [google(400, 'API key not valid. Please pass a valid API key.', 'INVALID_ARGUMENT'), 'credential'],
  [[google(400, 'API key expired. Please renew the API key.', 'INVALID_ARGUMENT')], 'credential'],
  [
    google(
      400,
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      'INVALID_ARGUMENT',
    ),
    'context-window',
  ],
  [google(404, 'models/gemini-9 is not found for API version v1beta, or is not supported.', 'NOT_FOUND'), 'model'],
  [
    google(404, 'Publisher Model `projects/p/locations/l/publishers/google/models/x` was not found.', 'NOT_FOUND'),
    'model',
  ],
  [google(429, 'You exceeded your current quota, please check your plan.', 'RESOURCE_EXHAUSTED'), 'quota'],
  [google(400, 'Invalid value at contents[0].role', 'INVALID_ARGUMENT'), undefined],
  [{ error: null }, undefined],
  [[], undefined],
  ['text', undefined],
];

test('what another target may do better', () => {
  for (const [body, refusal] of CASES) assert.equal(refusalOf(JSON.stringify(body)), refusal, JSON.stringify(body));
  for (const text of ['', '<html>model not found</html>', '{"error":']) assert.equal(refusalOf(text), undefined);
});
