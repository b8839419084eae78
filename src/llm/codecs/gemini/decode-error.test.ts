// Google's failures, in every shape they come in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geminiErrors } from './decode-error.ts';

const DETAILS = [
  {
    '@type': 'type.googleapis.com/google.rpc.BadRequest',
    fieldViolations: [{ field: 'contents[0]', description: 'x' }],
  },
  { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' },
];

test('reads status, message, reason and field', () => {
  const error = { code: 400, message: 'Bad key', status: 'INVALID_ARGUMENT', details: DETAILS };
  const expected = {
    status: 400,
    type: 'INVALID_ARGUMENT',
    code: 'API_KEY_INVALID',
    message: 'Bad key',
    param: 'contents[0]',
  };
  assert.deepEqual(geminiErrors.decodeError(400, JSON.stringify({ error })), expected);
  assert.deepEqual(geminiErrors.decodeError(400, JSON.stringify([{ error }])), expected);
});

test('text, pages, nothing and odd JSON are told as they are', () => {
  const plain = (message: string) => ({ status: 502, type: 'UNAVAILABLE', code: undefined, message, param: undefined });
  assert.deepEqual(geminiErrors.decodeError(502, ' <html>Bad gateway</html> '), plain('<html>Bad gateway</html>'));
  assert.deepEqual(geminiErrors.decodeError(502, ''), plain('The provider answered 502'));
  assert.deepEqual(geminiErrors.decodeError(502, '{"error":"down"}'), plain('down'));
  for (const body of [
    'null',
    '[]',
    '[5]',
    '{"error":{"details":[{"fieldViolations":[5]}]}}',
    '{"error":{"details":5}}',
  ])
    assert.equal(geminiErrors.decodeError(502, body).status, 502);
});
