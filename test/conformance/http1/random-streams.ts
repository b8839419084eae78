// Streams of requests from a seed: valid ones, odd ones, classic smuggling attempts, and damage at random places.

/** Mulberry32: small, seeded, good enough to choose test cases. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function choose<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)];
}

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';

function post(lines: string, body: string): string {
  return `POST /p HTTP/1.1\r\nHost: a\r\n${lines}\r\n${body}`;
}

/** Attempts to make two parsers disagree about where a message ends; the second message is always `/hidden`. */
export const SMUGGLING: readonly string[] = [
  post(`Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${HIDDEN}`),
  post(
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
    `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  ),
  ...[
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
    'Transfer-Encoding:\tchunked',
    'Transfer-Encoding: \x0bchunked',
    ' Transfer-Encoding: chunked',
    'X: x\nTransfer-Encoding: chunked',
    'Transfer-Encoding\r\n: chunked',
    'Transfer-Encoding:\r\n chunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding: chunk\xc3\xa9d',
    'Transfer_Encoding: chunked',
    'transfer-encoding: CHUNKED',
    'Foo: bar\r\rTransfer-Encoding: chunked',
    'Transfer-Encoding\0: chunked',
  ].map((line) => post(`Content-Length: ${5 + HIDDEN.length}\r\n${line}\r\n`, `0\r\n\r\n${HIDDEN}`)),
  post(`Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN),
  post(`Content-Length: 0, ${HIDDEN.length}\r\n`, HIDDEN),
  post(`Content-Length: +${HIDDEN.length}\r\n`, HIDDEN),
  post(`Content-Length : ${HIDDEN.length}\r\n`, HIDDEN),
  post(`Content-Length: ${HIDDEN.length}\r\nConnection: Content-Length\r\n`, HIDDEN),
  `GET /p HTTP/1.1\r\nHost: a\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  `GET /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  `GET /p HTTP/1.1\r\nHost: a\r\nExpect: y 100-continue\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  `POST /p HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  post('Transfer-Encoding: chunked\r\n', `1;\nx\r\n0\r\n\r\n${HIDDEN}`),
  post(
    'Transfer-Encoding: chunked\r\n',
    `2;\nxx\r\n${(HIDDEN.length + 5).toString(16)}\r\n0\r\n\r\n${HIDDEN}\r\n0\r\n\r\n`,
  ),
  post('Transfer-Encoding: chunked\r\n', `1\r\nxX\r\n0\r\n\r\n${HIDDEN}`),
  post('Transfer-Encoding: chunked\r\n', `0\r\n\r${HIDDEN}`),
  post('Transfer-Encoding: chunked\r\n', `0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`),
  post('Transfer-Encoding: chunked\r\n', `100000000\r\n${HIDDEN}`),
  post('Transfer-Encoding: chunked\r\n', `10000000000000000\r\n\r\n${HIDDEN}`),
  `GET /p HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n${HIDDEN}`,
  `OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok${HIDDEN}`,
  `GET http://a/p HTTP/1.1\r\nHost: a\r\n\r\n${HIDDEN}`,
  `GET /p HTTP/1.1\r\nHost: a\r\nX: y\r\n\rContent-Length: 5\r\n\r\n${HIDDEN}`,
];

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];
const TARGETS = ['/', '/a/b', '/a?b=c', '/%41/./b', '/a/../c', '//x', 'http://a/abs'];
const FIELDS = [
  'X: y',
  'X:',
  'Accept: */*',
  'Connection: keep-alive',
  'Connection: X',
  'TE: trailers',
  'Cookie: a=b',
  'Expect: 100-continue',
  'x-long: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
];
const DAMAGE = [
  '',
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  ':',
  '\r\n',
  '\r\n\r\n',
  '\x7f',
  '\xff',
  '0',
  ';',
  ',',
  'chunked',
  HIDDEN,
];

function chunksOf(random: () => number, body: string): string {
  let coded = '';
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + Math.floor(random() * 12));
    coded += `${size.toString(16)}${choose(random, ['', '', ';a', ';a=b', ';a="b"'])}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  return `${coded}0\r\n${choose(random, ['', '', 'X-Sum: 1\r\n'])}\r\n`;
}

function oneRequest(random: () => number): string {
  const method = choose(random, METHODS);
  const fields = Array.from({ length: Math.floor(random() * 4) }, () => choose(random, FIELDS));
  const line = `${method} ${choose(random, TARGETS)} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}`;
  const body =
    method === 'GET' || method === 'HEAD' ? '' : choose(random, ['', 'a', HIDDEN, '0\r\n\r\n', 'x'.repeat(70)]);
  const kind = random();
  if (body === '' && kind < 0.7) return `${line}\r\n`;
  if (kind < 0.5) return `${line}Content-Length: ${body.length}\r\n\r\n${body}`;
  return `${line}Transfer-Encoding: chunked\r\n\r\n${chunksOf(random, body)}`;
}

function damaged(random: () => number, stream: string): string {
  const at = Math.floor(random() * stream.length);
  return stream.slice(0, at) + choose(random, DAMAGE) + stream.slice(at + Math.floor(random() * 3));
}

export function randomStream(random: () => number): string {
  const messages = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    random() < 0.15 ? choose(random, SMUGGLING) : oneRequest(random),
  );
  let stream = messages.join('');
  for (let harm = random(); harm < 0.55; harm += 0.3) stream = damaged(random, stream);
  return stream;
}

/** The stream in pieces, as a network might deliver it. */
export function randomPieces(random: () => number, stream: string): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < stream.length; ) {
    const size = random() < 0.5 ? stream.length : 1 + Math.floor(random() * 60);
    pieces.push(stream.slice(at, at + size));
    at += size;
  }
  return pieces;
}
