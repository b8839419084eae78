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
