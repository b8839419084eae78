// Heads towards clients: what is dropped of an endpoint's answer, what is added, and how the body is framed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framingOf, prepareAnswer } from './response-head.ts';
import { answerOf, exchangeOf } from './testing/exchanges.ts';

const PLAIN = { dropsCredentials: false, changesLength: false };

function prepared(fields: readonly string[], options = PLAIN, request: readonly string[] = []): readonly string[] {
  const exchange = exchangeOf('GET /', request);
  exchange.requestId = 'request-1';
  const head = answerOf('GET', ['HTTP/1.1 200 OK', ...fields]);
  const own = prepareAnswer(head, exchange, 'via-us', options);
  return (head.headers.lines() + own).split('\r\n').filter((line) => line !== '');
}

test('the endpoint’s fields pass; Via, Date and the request id are added where they are missing', () => {
  const lines = prepared(['X-Own: 1', 'Content-Length: 0']);
  assert.deepEqual(lines.slice(0, 3), ['X-Own: 1', 'Content-Length: 0', 'via: 1.1 via-us']);
  assert.match(lines[3], /^date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.equal(lines[4], 'x-request-id: request-1');
  const theirs = prepared(['Date: then', 'X-Request-Id: theirs', 'Via: 1.1 cache', 'Content-Length: 0']);
  assert.deepEqual(theirs, ['Date: then', 'X-Request-Id: theirs', 'Content-Length: 0', 'via: 1.1 cache, 1.1 via-us']);
});

test('hop-by-hop fields stay behind', () => {
  const lines = prepared(['Connection: X-Private', 'X-Private: 1', 'Keep-Alive: timeout=9', 'Content-Length: 0']);
  assert.doesNotMatch(lines.join('\n'), /private|keep-alive/i);
  assert.doesNotMatch(prepared(['Proxy-Authenticate: Basic']).join('\n'), /proxy-auth/i);
});

test('an AI provider’s cookies and credentials stay behind, a plain backend’s cookies pass', () => {
  const fields = ['Set-Cookie: a=b', 'Authorization: Bearer x', 'X-Api-Key: x', 'Content-Length: 0'];
  const ai = prepared(fields, { ...PLAIN, dropsCredentials: true }).join('\n');
  assert.doesNotMatch(ai, /cookie|authorization|api-key/i);
  assert.match(prepared(fields).join('\n'), /Set-Cookie: a=b/);
});

test('an AI provider’s own request id stays, and ours, which the log has, goes beside it', () => {
  const ai = { ...PLAIN, dropsCredentials: true };
  const ours = 'x-switchyard-request-id: request-1';
  const lines = prepared(['X-Request-Id: req_1', 'X-Switchyard-Request-Id: of-another', 'Content-Length: 0'], ai);
  assert.deepEqual(
    lines.filter((line) => /request-id/i.test(line)),
    ['X-Request-Id: req_1', ours],
  );
  assert.deepEqual(prepared(['Content-Length: 0'], ai).at(-1), 'x-request-id: request-1');
  assert.doesNotMatch(prepared(['X-Request-Id: req_1', 'Content-Length: 0']).join('\n'), /switchyard-request-id/);
});

test('a relayed stream has no length of the endpoint’s', () => {
  const changed = { ...PLAIN, changesLength: true };
  assert.doesNotMatch(prepared(['Content-Length: 5'], changed).join('\n'), /content-length/i);
});

test('framing', () => {
  const sized = answerOf('GET', ['HTTP/1.1 200 OK', 'Content-Length: 5']);
  assert.equal(framingOf(sized, 'GET', false), 'length');
  assert.equal(framingOf(sized, 'GET', true), 'chunked');
  assert.equal(framingOf(sized, 'HEAD', true), 'none');
  assert.equal(framingOf(answerOf('GET', ['HTTP/1.1 200 OK']), 'GET', false), 'chunked');
  for (const status of [204, 304]) {
    assert.equal(framingOf(answerOf('GET', [`HTTP/1.1 ${status} X`]), 'GET', false), 'none');
  }
});
