// Filters over real sockets: on forwarded replies and on the gateway's own, with bodies of declared and of unknown length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { type Described, describe, startPlainServer } from '../support/plain-server.ts';
import { RawClient } from '../support/raw-client.ts';
import { startTestGateway } from './support/gateway.ts';

let served = 0;
const server = await startPlainServer(FILE_SCOPE, (request, response) => {
  served++;
  response.setHeader('server', 'secret-version/1.2');
  response.setHeader('x-kept', 'yes');
  describe(request, response);
});
const RESPONSE = { set: { 'X-AB-Variant': 'B', 'x-kept': 'replaced' }, remove: ['server'], add: { 'X-Added': 'one' } };
const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '1'],
  config: {
    backends: { app: { endpoints: [server.url] } },
    routes: [
      {
        name: 'headers',
        match: { path: '/headers/*' },
        backend: 'app',
        headers: {
          request: { set: { 'X-Environment': 'dev' }, add: { 'x-many': 'two' }, remove: ['cookie'] },
          response: RESPONSE,
        },
      },
      { name: 'prefix', match: { path: '/api/*' }, backend: 'app', rewrite: { prefix: '/v2', host: 'inner.example' } },
      { name: 'root', match: { path: '/strip/*' }, backend: 'app', rewrite: { prefix: '/' } },
      { name: 'path', match: { path: '/any/*' }, backend: 'app', rewrite: { path: '/one/place' } },
      { name: 'moved', match: { path: '/old/*' }, redirect: { prefix: '/new', status: 301 } },
      {
        name: 'secure',
        match: { path: '/secure/*' },
        redirect: { scheme: 'https', host: 'www.example', port: 8443, status: 308 },
      },
      {
        name: 'fixed',
        match: { path: '/fixed' },
        respond: { status: 503, body: 'Back at noon. é', headers: { 'Retry-After': '60' } },
        headers: { response: RESPONSE },
      },
      { name: 'limited', match: { path: '/limited/*' }, backend: 'app', max_body: '1KB' },
      { name: 'down', match: { path: '/down' }, backend: '127.0.0.1:1', headers: { response: RESPONSE } },
    ],
  },
});
const client = new KeepAliveClient(FILE_SCOPE, gateway.url);

async function forwarded(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Described> {
  const got = await client.send(path, { headers });
  assert.equal(got.status, 200, got.text);
  return JSON.parse(got.text) as Described;
}

/** Values of a field as the server received them, name compared exactly. */
function valuesOf({ rawHeaders }: Described, name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1] === name);
}

test('request fields: set, add, remove; the author’s case is kept', async () => {
  const seen = await forwarded('/headers/x', { cookie: 'a=b', 'x-environment': 'client', 'x-many': 'one' });
  assert.deepEqual(valuesOf(seen, 'X-Environment'), ['dev']);
  assert.deepEqual(valuesOf(seen, 'x-environment'), []);
  assert.deepEqual(valuesOf(seen, 'x-many'), ['one', 'two']);
  assert.deepEqual(valuesOf(seen, 'cookie'), []);
});

test('response fields on a forwarded reply', async () => {
  const client = new RawClient(gateway.port);
  client.send('GET /headers/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  const head = (await client.untilEnd()).split('\r\n\r\n')[0].split('\r\n');
  assert.ok(head.includes('X-AB-Variant: B'), head.join('\n'));
  assert.ok(head.includes('X-Added: one'));
  assert.deepEqual(
    head.filter((line) => /^(server|x-kept):/i.test(line)),
    ['x-kept: replaced'],
  );
});

test('response fields on replies of the gateway’s own: fixed, unreachable', async () => {
  const replies = [
    [503, await client.send('/fixed')],
    [502, await client.send('/down')],
  ] as const;
  for (const [status, got] of replies) {
    assert.equal(got.status, status);
    assert.equal(got.headers['x-ab-variant'], 'B', `${status}`);
    assert.equal(got.headers.server, undefined);
  }
  assert.equal(replies[0][1].text, 'Back at noon. é');
  assert.equal(replies[0][1].headers['retry-after'], '60');
});

test('rewrites: prefix, root, whole path, host; the query stays', async () => {
  const prefixed = await forwarded('/api/users/7?a=1&b=%2F');
  assert.equal(prefixed.url, '/v2/users/7?a=1&b=%2F');
  assert.deepEqual(valuesOf(prefixed, 'host'), ['inner.example']);
  assert.equal((await forwarded('/api')).url, '/v2');
  assert.equal((await forwarded('/strip/a/b')).url, '/a/b');
  assert.equal((await forwarded('/strip')).url, '/');
  assert.equal((await forwarded('/any/thing?x=1')).url, '/one/place?x=1');
});

test('redirects answer without asking anybody', async () => {
  const before = served;
  const moved = await client.send('/old/page?x=1', { headers: { host: 'shop.example:8080' } });
  assert.equal(moved.status, 301);
  assert.equal(moved.headers.location, 'http://shop.example:8080/new/page?x=1');
  const secure = await client.send('/secure/a?b=c');
  assert.equal(secure.status, 308);
  assert.equal(secure.headers.location, 'https://www.example:8443/secure/a?b=c');
  assert.equal(served, before);
});

test('a fixed reply to HEAD has the head and no body', async () => {
  const got = await client.send('/fixed', { method: 'HEAD' });
  assert.equal(got.status, 503);
  assert.equal(got.text, '');
  assert.equal(got.headers['content-length'], String(Buffer.byteLength('Back at noon. é')));
});

test('a body at the limit passes, declared and chunked', async () => {
  for (const headers of [{ 'content-length': 1000 }, {}]) {
    const got = await client.send('/limited/x', { method: 'POST', headers, body: ['x'.repeat(1000)] });
    assert.equal(got.status, 200);
    assert.equal((JSON.parse(got.text) as Described).bytes, 1000);
  }
});

test('a declared body over the limit is refused before it is sent', async () => {
  const before = served;
  const raw = new RawClient(gateway.port);
  raw.send('POST /limited/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n');
  const text = await raw.until((received) => received.includes('request.too-large'));
  raw.close();
  assert.match(text, /^HTTP\/1\.1 413 /);
  assert.equal(served, before);
});

test('a chunked body over the limit is refused when it gets there, in the middle of the upload', async () => {
  const raw = new RawClient(gateway.port);
  raw.send('POST /limited/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
  const chunk = `190\r\n${'x'.repeat(400)}\r\n`;
  raw.send(chunk + chunk);
  raw.send(chunk);
  const text = await raw.until((received) => received.includes('request.too-large'));
  raw.close();
  assert.match(text, /^HTTP\/1\.1 413 /);
});
