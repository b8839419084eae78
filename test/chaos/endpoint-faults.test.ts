// What can go wrong at an endpoint, and the one documented answer to each: status, problem document, Proxy-Status, the log's code
// and the counter. A fault before the head of the answer is answered by us; one behind it is passed on as what it is, a cut.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.ts';
import { startTestGateway, type TestGateway, until } from '../e2e/support/gateway.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { hasOpenssl, makeCertificates, type Pair } from '../support/certificates.ts';
import { startDeafPort } from '../support/deaf-port.ts';
import { metricSum } from '../support/exposition.ts';
import { type EndpointConnection, OK, RawEndpoint } from '../support/raw-endpoint.ts';

type Behaviour = (connection: EndpointConnection) => void;

const HEAD_OF_TEN = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';

/** Faults of servers that accept the connection. */
const ACCEPTING = {
  'reset-before-head': ({ socket }) => socket.resetAndDestroy(),
  'end-before-head': ({ socket }) => socket.end(),
  'half-a-head': ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'),
  'no-http': ({ send }) => send('220 mail.example ESMTP\r\n'),
  'two-lengths': ({ send }) => send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'),
  'stall-before-head': () => {},
  'reset-in-body': (connection) => {
    connection.send(`${HEAD_OF_TEN}half`);
    // Behind the bytes: a reset at once would take them along.
    setTimeout(() => connection.socket.resetAndDestroy(), 100);
  },
  'short-body': ({ socket }) => socket.end(`${HEAD_OF_TEN}half`),
  'bad-chunk': ({ send }) => send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nxyz\r\n'),
  'stall-in-body': ({ send }) => send(`${HEAD_OF_TEN}half`),
} satisfies Record<string, Behaviour>;

interface Fault {
  readonly name: string;
  readonly code: ErrorCode;
}

const BEFORE_HEAD: readonly Fault[] = [
  { name: 'port-closed', code: 'upstream.connect-failed' },
  { name: 'connect-stall', code: 'upstream.connect-timeout' },
  { name: 'unknown-name', code: 'upstream.dns-failed' },
  { name: 'reset-before-head', code: 'upstream.reset' },
  { name: 'end-before-head', code: 'upstream.reset' },
  { name: 'half-a-head', code: 'upstream.reset' },
  { name: 'no-http', code: 'upstream.bad-response' },
  { name: 'two-lengths', code: 'upstream.bad-response' },
  { name: 'stall-before-head', code: 'upstream.first-byte-timeout' },
];

const IN_BODY: readonly (Fault & { readonly cause: string })[] = [
  { name: 'reset-in-body', code: 'upstream.cut', cause: 'upstream-cut' },
  { name: 'short-body', code: 'upstream.cut', cause: 'upstream-cut' },
  { name: 'bad-chunk', code: 'upstream.cut', cause: 'upstream-cut' },
  { name: 'stall-in-body', code: 'upstream.idle-timeout', cause: 'idle-timeout' },
];

/** Nothing listens there now, and hardly will in the seconds of a test. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function routesTo(backends: object): object {
  const routes = Object.keys(backends).map((name) => ({ name, match: { path: `/${name}` }, backend: name }));
  // One try each: what is looked at here is what a failure is called, not how it is rescued.
  return { backends, routes: routes.map((route) => ({ ...route, retry: { attempts: 1 } })) };
}

async function logCode(gateway: TestGateway, requestId: string): Promise<unknown> {
  const line = await until('the log line', () => gateway.accessLog.find(({ request_id }) => request_id === requestId));
  return (line.error as { code?: unknown } | undefined)?.code;
}

/** What the client gets, the log says and the counter counts, against the table of error codes. */
async function assertAnswer(gateway: TestGateway, { name, code }: Fault): Promise<void> {
  const entry = ERROR_CODES[code];
  const response = await gateway.fetch(`/${name}`, { headers: { 'x-request-id': `chaos-${name}` } });
  assert.equal(response.status, entry.status);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.match(response.headers.get('proxy-status') ?? '', new RegExp(`; error=${entry.proxyStatus}(;|$)`));
  const document = (await response.json()) as { code: string; status: number; title: string; request_id?: string };
  assert.deepEqual([document.code, document.status, document.title], [code, entry.status, entry.title]);
  assert.equal(await logCode(gateway, `chaos-${name}`), code);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_upstream_attempts_total', { upstream: name, result: code }), 1);
}

const servers = await Promise.all(
  Object.entries(ACCEPTING).map(async ([name, behaviour]) => [name, await RawEndpoint.start(behaviour)] as const),
);
const deaf = await startDeafPort();
FILE_SCOPE.after(async () => {
  for (const [, server] of servers) server.close();
  await deaf.close();
});
const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '2'],
  config: routesTo({
    ...Object.fromEntries(
      servers.map(([name, { url }]) => [
        name,
        { endpoints: [url], timeout: name.startsWith('stall') ? { first_byte: '300ms', idle: '300ms' } : {} },
      ]),
    ),
    'port-closed': { endpoints: [`http://127.0.0.1:${await closedPort()}`] },
    'connect-stall': { endpoints: [`http://127.0.0.1:${deaf.port}`], timeout: { connect: '300ms' } },
    // RFC 6761 §6.4: resolvers know that there is no such name.
    'unknown-name': { endpoints: ['http://nobody.invalid'] },
  }),
});

for (const fault of BEFORE_HEAD) {
  test(`${fault.name}: ${ERROR_CODES[fault.code].status} ${fault.code}`, () => assertAnswer(gateway, fault));
}

for (const { name, code, cause } of IN_BODY) {
  test(`${name}: the client sees that it is no whole answer, the log says ${code}`, async () => {
    const response = await gateway.fetch(`/${name}`, { headers: { 'x-request-id': `chaos-${name}` } });
    assert.equal(response.status, 200, 'it had begun as one');
    await assert.rejects(response.arrayBuffer());
    assert.equal(await logCode(gateway, `chaos-${name}`), code);
    const metrics = await (await gateway.admin('/metrics')).text();
    assert.equal(metricSum(metrics, 'gateway_stream_end_total', { route: name, cause }), 1);
    assert.equal(metricSum(metrics, 'gateway_upstream_attempts_total', { upstream: name, result: code }), 1);
  });
}

test('a slow body that keeps coming is no fault', async (context) => {
  const slow = await RawEndpoint.start(({ send }) => {
    send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
    for (let index = 0; index < 5; index++) setTimeout(() => send(String(index)), index * 60);
  });
  context.after(() => slow.close());
  const patient = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: routesTo({ slow: { endpoints: [slow.url], timeout: { idle: '5s' } } }),
  });
  assert.equal(await (await patient.fetch('/slow')).text(), '01234');
});

describe('TLS towards the endpoint', { skip: hasOpenssl() ? false : 'openssl is not installed' }, async () => {
  if (!hasOpenssl()) return;
  const made = makeCertificates();
  const answering: Behaviour = ({ send }) => send(OK);
  const start = (pair?: Pair): Promise<RawEndpoint> => RawEndpoint.start(answering, pair);
  const [trusted, plain] = await Promise.all([start(made.server), start()]);
  FILE_SCOPE.after(() => {
    trusted.close();
    plain.close();
  });
  const url = `https://127.0.0.1:${trusted.port}`;
  const name = 'endpoint.example';
  const secure = await startTestGateway(FILE_SCOPE, {
    args: ['--workers', '2'],
    files: { 'ca.pem': made.ca },
    config: routesTo({
      'good-certificate': { endpoints: [url], tls: { ca: 'ca.pem', server_name: name } },
      'unknown-authority': { endpoints: [url], tls: { server_name: name } },
      'other-name': { endpoints: [url], tls: { ca: 'ca.pem', server_name: 'other.example' } },
      'no-tls': { endpoints: [`https://127.0.0.1:${plain.port}`] },
    }),
  });

  test('a good certificate', async () => {
    assert.equal((await secure.fetch('/good-certificate')).status, 200);
  });

  for (const fault of [
    { name: 'unknown-authority', code: 'upstream.certificate-refused' },
    { name: 'other-name', code: 'upstream.certificate-refused' },
    { name: 'no-tls', code: 'upstream.tls-failed' },
  ] satisfies readonly Fault[]) {
    test(`${fault.name}: 502 ${fault.code}`, () => assertAnswer(secure, fault));
  }
});
