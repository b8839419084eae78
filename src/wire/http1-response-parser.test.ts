// Heads of answers: framing in the order of RFC 9112 §6.3, refusals, and any cut of the bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NEED_MORE } from './field-parser.ts';
import { BAD_RESPONSE, parseResponseHead, ResponseHead } from './http1-response-parser.ts';

function parse(text: string, method = 'GET'): { readonly end: number; readonly head: ResponseHead } {
  const bytes = Buffer.from(text, 'latin1');
  const head = new ResponseHead();
  return { end: parseResponseHead(bytes, 0, bytes.length, method, head), head };
}

function headOf(lines: string, line = 'HTTP/1.1 200 OK', method = 'GET'): ResponseHead {
  const { end, head } = parse(`${line}\r\n${lines}\r\n`, method);
  assert.ok(end > 0, `${line} ${lines} was refused`);
  return head;
}

test('status lines', () => {
  assert.deepEqual([headOf('').status, headOf('').reason], [200, 'OK']);
  assert.equal(headOf('', 'HTTP/1.1 299 ').reason, '');
  assert.equal(headOf('', 'HTTP/1.1 299').reason, '');
  assert.equal(headOf('', 'HTTP/1.1 404 Not Here').reason, 'Not Here');
  assert.equal(headOf('', 'HTTP/1.9 200 OK').minorVersion, 1);
  const bad = [
    'HTTP/2.0 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 X',
    'HTTP/1.1 2x0 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200\tOK',
    'HTTP/1.x 200 OK',
    'HTTP/1.1 200 a\rb',
  ];
  for (const line of bad) assert.equal(parse(`${line}\r\nContent-Length: 0\r\n\r\n`).end, BAD_RESPONSE, line);
});

test('how a body ends, in the order of RFC 9112 §6.3', () => {
  const cases: readonly (readonly [string, string, string, string, string])[] = [
    ['GET', 'HTTP/1.1 200 OK', 'Content-Length: 5\r\n', 'length', 'open'],
    ['GET', 'HTTP/1.1 200 OK', 'Content-Length: 0\r\n', 'none', 'open'],
    ['GET', 'HTTP/1.1 200 OK', 'Transfer-Encoding: chunked\r\n', 'chunked', 'open'],
    ['GET', 'HTTP/1.1 200 OK', '', 'until-close', 'closes'],
    ['GET', 'HTTP/1.0 200 OK', 'Content-Length: 5\r\n', 'length', 'closes'],
    ['GET', 'HTTP/1.0 200 OK', 'Content-Length: 5\r\nConnection: Keep-Alive\r\n', 'length', 'open'],
    ['GET', 'HTTP/1.1 200 OK', 'Content-Length: 5\r\nConnection: close\r\n', 'length', 'closes'],
    ['GET', 'HTTP/1.1 204 No Content', 'Content-Length: 5\r\n', 'none', 'open'],
    ['GET', 'HTTP/1.1 304 Not Modified', 'Content-Length: 5\r\n', 'none', 'open'],
    ['GET', 'HTTP/1.1 103 Early Hints', '', 'none', 'open'],
    ['HEAD', 'HTTP/1.1 200 OK', 'Content-Length: 5\r\n', 'none', 'open'],
    ['HEAD', 'HTTP/1.1 200 OK', 'Transfer-Encoding: chunked\r\n', 'none', 'open'],
    ['GET', 'HTTP/1.1 200 OK', 'Content-Length: 5\r\nContent-Length: 5\r\n', 'length', 'open'],
  ];
  for (const [method, line, lines, framing, after] of cases) {
    const head = headOf(lines, line, method);
    assert.deepEqual([head.framing, head.closes ? 'closes' : 'open'], [framing, after], `${method} ${line} ${lines}`);
  }
});

test('a length repeated is sent on once', () => {
  assert.equal(headOf('Content-Length: 5\r\nContent-Length: 5\r\n').headers.lines(), 'Content-Length: 5\r\n');
});

test('any doubt about framing refuses the answer', () => {
  const bad = [
    'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
    'Content-Length: 5\r\nContent-Length: 6\r\n',
    'Content-Length: 5, 5\r\n',
    'Content-Length: +5\r\n',
    'Content-Length: 0x5\r\n',
    'Content-Length:\r\n',
    'Content-Length: 99999999999999999999\r\n',
    'Transfer-Encoding: gzip, chunked\r\n',
    'Transfer-Encoding: identity\r\n',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked, chunked\r\n',
    'X: a\r\n b\r\n',
    'X : a\r\n',
    'X: a\n',
    'X: a\0\r\n',
    'X: a\rb\r\n',
    ': a\r\n',
    'X\r\n',
  ];
  for (const lines of bad) assert.equal(parse(`HTTP/1.1 200 OK\r\n${lines}\r\n`).end, BAD_RESPONSE, lines);
  assert.equal(parse('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n').end, BAD_RESPONSE);
  assert.equal(parse('HTTP/1.1 103 Early\r\nTransfer-Encoding: chunked\r\n\r\n').end, BAD_RESPONSE);
  assert.equal(parse('HTTP/1.1 200 OK\nContent-Length: 0\n\n').end, BAD_RESPONSE);
});

test('Keep-Alive and Connection are understood', () => {
  assert.equal(headOf('Content-Length: 0\r\nKeep-Alive: max=10, timeout=7\r\n').keepAliveSeconds, 7);
  assert.equal(headOf('Content-Length: 0\r\nKeep-Alive: Timeout="3"\r\n').keepAliveSeconds, 3);
  assert.equal(headOf('Content-Length: 0\r\nKeep-Alive: max=10\r\n').keepAliveSeconds, -1);
  assert.equal(headOf('Content-Length: 0\r\nConnection: keep-alive, x-a\r\n').hasNominatedFields, true);
  assert.equal(headOf('Content-Length: 0\r\nConnection: Close\r\n').closes, true);
});

const field = fc.constantFrom(
  'Content-Length: 3',
  'Content-Length: 4',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'A:b',
  'Keep-Alive: timeout=5',
  'X: \xe9',
  'Set-Cookie: a=b',
);
const line = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.0 200',
  'HTTP/1.1 304 ',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 999 x y',
);
const message = fc
  .tuple(line, fc.array(field, { maxLength: 6 }))
  .map(([first, fields]) => `${[first, ...fields].join('\r\n')}\r\n\r\n`);

function factsOf({ end, head }: { readonly end: number; readonly head: ResponseHead }): unknown {
  if (end <= 0) return { end };
  const { headers, ...facts } = head;
  return { end, facts, lines: headers.lines() };
}

test('every prefix is incomplete or has the verdict of the whole', () => {
  const damage = fc.record({ at: fc.nat(200), with: fc.constantFrom('', '\r', '\n', '\0', ' ', '\r\n\r\n') });
  fc.assert(
    fc.property(message, fc.option(damage), fc.constantFrom('GET', 'HEAD'), (clean, harm, method) => {
      const at = harm === null ? 0 : harm.at % clean.length;
      const bytes = harm === null ? clean : clean.slice(0, at) + harm.with + clean.slice(at + 1);
      const expected = factsOf(parse(bytes, method));
      for (let length = 1; length < bytes.length; length++) {
        const part = parse(bytes.slice(0, length), method);
        if (part.end !== NEED_MORE) assert.deepEqual(factsOf(part), expected, `first ${length} bytes`);
      }
    }),
    { seed: 27, numRuns: 1500 },
  );
});
