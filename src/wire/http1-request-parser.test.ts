// Meaning of a head, limits, and that no cut of the bytes changes a verdict. The raw cases are in test/conformance/http1.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NEED_MORE } from './field-parser.ts';
import { BAD_HEAD, type HeadLimits, parseRequestHead, RequestHead } from './http1-request-parser.ts';

const LIMITS: HeadLimits = { maxHeadBytes: 4096, maxTargetBytes: 1000, maxHeaders: 20 };

function parse(text: string, limits = LIMITS): { readonly end: number; readonly head: RequestHead } {
  const bytes = Buffer.from(text, 'latin1');
  const head = new RequestHead();
  return { end: parseRequestHead(bytes, 0, bytes.length, limits, head), head };
}

function headOf(lines: string, line = 'POST /a?b HTTP/1.1'): RequestHead {
  const { end, head } = parse(`${line}\r\n${lines}\r\n`);
  assert.notEqual(end, NEED_MORE);
  assert.notEqual(end, BAD_HEAD, head.error);
  return head;
}

test('reads line, fields and framing', () => {
  const head = headOf('Host: A.Example:81\r\nContent-Length: 12\r\nX-A: b\r\n');
  assert.equal(head.method, 'POST');
  assert.equal(head.rawPath, '/a');
  assert.equal(head.query, 'b');
  assert.equal(head.host, 'a.example');
  assert.equal(head.authority, 'A.Example:81');
  assert.equal(head.contentLength, 12);
  assert.equal(head.handOff, undefined);
  assert.equal(head.wantsClose, false);
  assert.equal(head.headers.get('x-a'), 'b');
});

test('hosts in every shape', () => {
  assert.equal(headOf('Host: [2001:DB8::1]:443\r\n').host, '[2001:db8::1]');
  assert.equal(headOf('Host:\r\n').host, '');
  assert.equal(headOf('Host: a:\r\n').host, 'a');
});

test('Connection: close, other options, and HTTP/1.0', () => {
  assert.equal(headOf('Host: a\r\nConnection: Keep-Alive, CLOSE\r\n').wantsClose, true);
  assert.equal(headOf('Host: a\r\nConnection: keep-alive\r\n').hasNominatedFields, false);
  assert.equal(headOf('Host: a\r\nConnection: x-a\r\n').hasNominatedFields, true);
  assert.equal(headOf('Host: a\r\n', 'GET / HTTP/1.0').wantsClose, true);
  assert.equal(headOf('Host: a\r\nConnection: keep-alive\r\n', 'GET / HTTP/1.0').wantsClose, false);
});

test('what is legal but unusual is named for the hand-off', () => {
  const reasons: readonly (readonly [string | undefined, string, string])[] = [
    ['transfer-encoding', 'POST / HTTP/1.1', 'Transfer-Encoding: chunked\r\n'],
    ['expect', 'POST / HTTP/1.1', 'Expect: 100-continue\r\nContent-Length: 1\r\n'],
    ['upgrade', 'GET / HTTP/1.1', 'Upgrade: websocket\r\n'],
    ['http-1.0', 'GET / HTTP/1.0', ''],
    ['absolute-form', 'GET http://b/c HTTP/1.1', ''],
    ['asterisk-form', 'OPTIONS * HTTP/1.1', ''],
    ['connect', 'CONNECT b:1 HTTP/1.1', ''],
    [undefined, 'GET / HTTP/1.1', ''],
  ];
  for (const [reason, line, lines] of reasons) assert.equal(headOf(`Host: a\r\n${lines}`, line).handOff, reason, line);
});

test('absolute-form: its authority and path are the request’s', () => {
  const head = headOf('Host: other\r\n', 'GET http://B.Example:8080/c?d HTTP/1.1');
  assert.deepEqual([head.host, head.authority, head.rawPath, head.query], ['b.example', 'B.Example:8080', '/c', 'd']);
});

test('limits: exactly at it is fine, one more is refused', () => {
  const target = (bytes: number): string => `GET /${'x'.repeat(bytes - 1)} HTTP/1.1\r\nHost: a\r\n\r\n`;
  assert.notEqual(parse(target(1000)).end, BAD_HEAD);
  assert.equal(parse(target(1001)).head.error, 'request.target-too-long');
  const fields = (count: number): string => `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(count - 1)}\r\n`;
  assert.notEqual(parse(fields(20)).end, BAD_HEAD);
  assert.equal(parse(fields(21)).head.error, 'request.headers-too-large');
  const sized = (bytes: number): string => {
    const text = 'GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n';
    return text.replace('X: ', `X: ${'y'.repeat(bytes - text.length)}`);
  };
  assert.equal(parse(sized(4096)).end, 4096);
  assert.equal(parse(sized(4097)).head.error, 'request.headers-too-large');
});

test('an endless head is refused when the limit is passed, whatever it holds', () => {
  for (const endless of [
    'A'.repeat(5000),
    `GET / HTTP/1.1\r\n${'X'.repeat(5000)}`,
    `GET / HTTP/1.1\r\nX: ${' '.repeat(5000)}`,
  ]) {
    const { end, head } = parse(endless);
    assert.equal(end, BAD_HEAD);
    assert.equal(head.error, 'request.headers-too-large');
  }
  assert.equal(parse(`GET /${'x'.repeat(1001)}`).head.error, 'request.target-too-long');
});

test('one head object serves many requests without memory of the last', () => {
  const head = new RequestHead();
  const first = Buffer.from(
    'POST http://b/c?d HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nConnection: close, x\r\n\r\n',
    'latin1',
  );
  parseRequestHead(first, 0, first.length, LIMITS, head);
  const second = Buffer.from('GET / HTTP/1.1\r\nHost: z\r\n\r\n', 'latin1');
  parseRequestHead(second, 0, second.length, LIMITS, head);
  assert.deepEqual(
    [
      head.contentLength,
      head.wantsClose,
      head.hasNominatedFields,
      head.handOff,
      head.query,
      head.host,
      head.headers.count,
    ],
    [-1, false, false, undefined, '', 'z', 1],
  );
});

const token = fc.string({ unit: fc.constantFrom('a', 'B', '-', '!', '9'), minLength: 1, maxLength: 8 });
const text = fc.string({ unit: fc.constantFrom('a', ' ', '\t', ':', '\xe9', ','), maxLength: 12 });
const wellKnown = fc.constantFrom(
  'Content-Length: 3',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'Upgrade: x',
  'Expect: 100-continue',
);
const field = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(token, text).map(([name, value]) => `${name}:${value}`) },
  { weight: 1, arbitrary: wellKnown },
);
const line = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'X'),
    fc.constantFrom('/', '/a%2e/b?c', '*', 'http://h/p', '//x/..'),
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0'),
  )
  .map((parts) => parts.join(' '));
const message = fc
  .tuple(line, fc.array(field, { maxLength: 8 }))
  .map(([first, fields]) => `${[first, 'Host: h', ...fields].join('\r\n')}\r\n\r\n`);

function factsOf({ end, head }: { readonly end: number; readonly head: RequestHead }): unknown {
  if (end <= 0) return { end, error: end === BAD_HEAD ? head.error : undefined };
  const { headers, ...facts } = head;
  return { end, facts, lines: headers.lines() };
}

test('every prefix is incomplete or has the verdict of the whole, and bytes behind a head change nothing', () => {
  const damage = fc.record({
    at: fc.nat(300),
    with: fc.constantFrom('', '\r', '\n', '\0', ' ', ':', '\r\n', '\r\n\r\n', '\x7f'),
  });
  fc.assert(
    fc.property(message, fc.option(damage), fc.string({ maxLength: 20 }), (clean, harm, rest) => {
      const at = harm === null ? 0 : harm.at % clean.length;
      const bytes = harm === null ? clean : clean.slice(0, at) + harm.with + clean.slice(at + 1);
      const whole = parse(bytes);
      const expected = factsOf(whole);
      const needed = whole.end > 0 ? whole.end : bytes.length;
      for (let length = 1; length < needed; length++) {
        const part = parse(bytes.slice(0, length));
        if (part.end !== NEED_MORE) assert.deepEqual(factsOf(part), expected, `first ${length} bytes`);
        else assert.ok(whole.end !== BAD_HEAD || length < bytes.length);
      }
      if (whole.end > 0) assert.deepEqual(factsOf(parse(bytes.slice(0, whole.end) + rest)), expected);
    }),
    { seed: 25, numRuns: 1500 },
  );
});

test('a head written again from its parts means the same', () => {
  fc.assert(
    fc.property(message, (bytes) => {
      const { end, head } = parse(bytes);
      if (end <= 0) return;
      const again = parse(`${head.method} ${head.target} HTTP/1.${head.minorVersion}\r\n${head.headers.lines()}\r\n`);
      assert.deepEqual(factsOf(again), factsOf({ end: again.end, head }));
    }),
    { seed: 26, numRuns: 1500 },
  );
});

test('usual methods and the host of the request before are told apart from what only begins like them', () => {
  for (const method of ['GET', 'POST', 'GEX', 'GE', 'GETS', 'PUT', 'POSX', 'PATCH', 'get'])
    for (const host of ['a.test', 'a.test', 'a.tess', 'a.te', 'a.test:80', 'b.test', 'A.test']) {
      const { head } = parse(`${method} / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      assert.equal(head.method, method);
      assert.equal(head.authority, host);
      assert.equal(head.host, host.toLowerCase().replace(':80', ''));
    }
});
