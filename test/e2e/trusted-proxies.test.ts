// Who a request comes from: the word of a listed proxy is believed and handed on, anybody else's is replaced, in the log, towards
// the endpoint and in redirects. Two listeners of one gateway: the test is a proxy to the first and a stranger to the second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { KeepAliveClient, type Wanted } from '../support/keep-alive-client.ts';
import { type Described, describe, startPlainServer } from '../support/plain-server.ts';
import { startTestGateway, until } from './support/gateway.ts';

const endpoint = await startPlainServer(FILE_SCOPE, describe);
const gateway = await startTestGateway(FILE_SCOPE, {
  config: {
    listeners: [
      { name: 'behind-proxy', port: 0, address: '127.0.0.1', trusted_proxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'] },
      { name: 'open', port: 0, address: '127.0.0.1', trusted_proxies: ['10.0.0.0/8'] },
    ],
    backends: { plain: { endpoints: [endpoint.url] } },
    routes: [
      { name: 'moved', match: { path: '/moved' }, redirect: { path: '/new' } },
      { name: 'plain', match: { path: '/*' }, backend: 'plain' },
    ],
  },
  args: ['--workers', '1'],
});

const health = (await (await gateway.admin('/gateway/health')).json()) as {
  readonly listeners: readonly { readonly id: string; readonly url: string }[];
};

function clientOf(id: string): KeepAliveClient {
  const url = health.listeners.find((listener) => listener.id === id)?.url;
  assert.ok(url !== undefined);
  return new KeepAliveClient(FILE_SCOPE, url);
}

const asProxy = clientOf('behind-proxy');
const asStranger = clientOf('open');

/** Chunked framing is outside the fast path's subset: the same request then runs through node:http. */
const PATHS: readonly { readonly name: string; readonly framing: Wanted }[] = [
  { name: 'fast', framing: {} },
  { name: 'handed off', framing: { method: 'POST', body: ['x'] } },
];

interface Seen {
  /** Every field of the endpoint's request that says where it came from, `name: value`, names in lower case. */
  readonly fields: readonly string[];
  readonly clientIp: unknown;
}

let tries = 0;

async function seenOf(client: KeepAliveClient, headers: Wanted['headers'], framing: Wanted = {}): Promise<Seen> {
  const id = `proxied-${tries++}`;
  const got = await client.send('/x', { ...framing, headers: { ...headers, 'x-request-id': id } });
  assert.equal(got.status, 200, got.text);
  const { rawHeaders } = JSON.parse(got.text) as Described;
  const fields = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && /forwarded|real-ip/i.test(name) ? [`${name.toLowerCase()}: ${rawHeaders[index + 1]}`] : [],
  );
  const line = await until('the log line', () => gateway.accessLog.find(({ request_id }) => request_id === id));
  return { fields: fields.sort(), clientIp: line.client_ip };
}

const SPOOFED = {
  host: 'shop.example',
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-port': '444',
  'x-forwarded-prefix': '/admin',
  'x-real-ip': '203.0.113.7',
  forwarded: 'for=203.0.113.7;proto=https',
};

for (const { name, framing } of PATHS) {
  test(`a stranger’s word is replaced (${name})`, async () => {
    const { fields, clientIp } = await seenOf(asStranger, SPOOFED, framing);
    assert.deepEqual(fields, [
      'x-forwarded-for: 127.0.0.1',
      'x-forwarded-host: shop.example',
      'x-forwarded-proto: http',
    ]);
    assert.equal(clientIp, '127.0.0.1');
  });

  test(`a listed proxy’s word is handed on, with the proxy behind it (${name})`, async () => {
    const { fields, clientIp } = await seenOf(asProxy, SPOOFED, framing);
    assert.deepEqual(fields, [
      'forwarded: for=203.0.113.7;proto=https',
      'x-forwarded-for: 203.0.113.7, 127.0.0.1',
      'x-forwarded-host: evil.example',
      'x-forwarded-port: 444',
      'x-forwarded-prefix: /admin',
      'x-forwarded-proto: https',
      'x-real-ip: 203.0.113.7',
    ]);
    assert.equal(clientIp, '203.0.113.7');
  });

  test(`a chain in several fields is one chain (${name})`, async () => {
    const chain = { 'x-forwarded-for': ['198.51.100.1, 203.0.113.7', '10.1.2.3'] };
    const { fields, clientIp } = await seenOf(asProxy, chain, framing);
    assert.equal(fields[0], 'x-forwarded-for: 198.51.100.1, 203.0.113.7, 10.1.2.3, 127.0.0.1');
    assert.equal(clientIp, '203.0.113.7');
  });
}

const CHAINS: readonly (readonly [what: string, chain: string | undefined, clientIp: string])[] = [
  ['no chain: the proxy itself', undefined, '127.0.0.1'],
  ['what the client wrote before its proxy is not believed', '192.0.2.66, 203.0.113.7, 10.9.9.9', '203.0.113.7'],
  ['only proxies: the farthest of them', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['an address with a port', '203.0.113.7:4711', '203.0.113.7'],
  ['IPv6', '2001:db8::7, fd00::1', '2001:db8::7'],
  ['IPv6 with a port', '"[2001:db8::7]:4711"', '2001:db8::7'],
  ['IPv4 in IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
  ['no address: the last that is known', '203.0.113.7, unknown, 10.0.0.2', '10.0.0.2'],
  ['nothing', '', '127.0.0.1'],
];

for (const [what, chain, expected] of CHAINS) {
  test(`client address in the log, ${what}`, async () => {
    const headers = chain === undefined ? {} : { 'x-forwarded-for': chain };
    assert.equal((await seenOf(asProxy, headers)).clientIp, expected);
    assert.equal((await seenOf(asStranger, headers)).clientIp, '127.0.0.1');
  });
}

test('a redirect keeps the scheme the client used, as far as the proxy is believed', async () => {
  const headers = { host: 'shop.example', 'x-forwarded-proto': 'https' };
  assert.equal((await asProxy.send('/moved', { headers })).headers.location, 'https://shop.example/new');
  assert.equal((await asStranger.send('/moved', { headers })).headers.location, 'http://shop.example/new');
  const odd = { host: 'shop.example', 'x-forwarded-proto': 'javascript' };
  assert.equal((await asProxy.send('/moved', { headers: odd })).headers.location, 'http://shop.example/new');
});
