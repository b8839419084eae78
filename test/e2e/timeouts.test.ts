// Timeouts over real sockets: connect, TLS, first byte, idle and total, on routes and on backends, before and after the head.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE, type LogLine } from '../support/ai-gateway.ts';
import { startDeafPort } from '../support/deaf-port.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { RawEndpoint } from '../support/raw-endpoint.ts';
import { startTestGateway, until } from './support/gateway.ts';

const simulator = await startSimulator({ port: 0 });
const silent = await RawEndpoint.start();
const deaf = await startDeafPort();
FILE_SCOPE.after(async () => {
  silent.close();
  await Promise.all([simulator.close(), deaf.close()]);
});

const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '1'],
  config: {
    backends: {
      plain: { endpoints: [simulator.url] },
      hasty: { endpoints: [simulator.url], timeout: { first_byte: '200ms' } },
      deaf: { endpoints: [`http://127.0.0.1:${deaf.port}`], timeout: { connect: '250ms' } },
      'silent-tls': { endpoints: [`https://127.0.0.1:${silent.port}`], timeout: { connect: '250ms' } },
      ai: { provider: 'openai', base_url: `${simulator.url}/v1`, api_key: 'k' },
    },
    routes: [
      { name: 'deaf', match: { path: '/deaf' }, backend: 'deaf' },
      { name: 'silent-tls', match: { path: '/silent-tls' }, backend: 'silent-tls' },
      { name: 'hasty', match: { path: '/hasty' }, backend: 'hasty' },
      { name: 'patient', match: { path: '/patient' }, backend: 'hasty', timeout: { first_byte: '5s' } },
      { name: 'idle', match: { path: '/idle' }, backend: 'plain', timeout: { idle: '250ms' } },
      { name: 'total', match: { path: '/total' }, backend: 'plain', timeout: '350ms' },
      { name: 'ai', match: { path: '/v1/*' }, backend: 'ai', timeout: { total: '400ms' } },
      {
        name: 'rescued',
        match: { path: '/rescued' },
        backends: [
          { backend: 'deaf', tier: 0 },
          { backend: 'plain', tier: 1 },
        ],
      },
    ],
  },
});
const client = new KeepAliveClient(FILE_SCOPE, gateway.url);

/** Loose on the upper side: a busy machine is late, a broken timeout is minutes off. */
const SLACK_MS = 2500;

async function lineOf(requestId: string): Promise<LogLine> {
  return until('the log line', () =>
    (gateway.accessLog as unknown as readonly LogLine[]).find((line) => line.request_id === requestId),
  );
}

interface Case {
  readonly name: string;
  readonly path: string;
  readonly fault?: string;
  readonly atLeastMs: number;
  readonly code: string;
}

const BEFORE_HEAD: readonly Case[] = [
  { name: 'TCP connect', path: '/deaf', atLeastMs: 240, code: 'upstream.connect-timeout' },
  { name: 'TLS handshake', path: '/silent-tls', atLeastMs: 240, code: 'upstream.connect-timeout' },
  { name: 'first byte', path: '/hasty', fault: 'hang', atLeastMs: 190, code: 'upstream.first-byte-timeout' },
  { name: 'total before the head', path: '/total', fault: 'hang', atLeastMs: 340, code: 'upstream.total-timeout' },
];

for (const { name, path, fault, atLeastMs, code } of BEFORE_HEAD) {
  test(`${name}: 504 ${code}`, async () => {
    const startedMs = performance.now();
    const headers = { 'x-request-id': `before-${code}${path}`, ...(fault && { 'x-simulate': fault }) };
    const got = await client.send(path, { headers });
    const tookMs = performance.now() - startedMs;
    assert.equal(got.status, 504);
    assert.equal(JSON.parse(got.text).code, code);
    assert.match(
      got.headers['proxy-status']?.toString() ?? '',
      /^switchyard; error=(connection_timeout|http_response_timeout)$/,
    );
    assert.ok(tookMs >= atLeastMs - 20 && tookMs < atLeastMs + SLACK_MS, `after ${tookMs} ms`);
    const line = await lineOf(`before-${code}${path}`);
    assert.equal(line.error?.code, code);
    assert.equal(line.attempts.length, 1);
    assert.equal(line.attempts[0].error, code);
  });
}

test('the route’s limit goes before the backend’s', async () => {
  const got = await client.send('/patient', { headers: { 'x-simulate': 'latency-500ms' } });
  assert.equal(got.status, 200);
});

test('a timeout before the head closes the connection to the endpoint, the next request gets another', async () => {
  const seen = simulator.received().length;
  assert.equal((await client.send('/hasty', { headers: { 'x-simulate': 'hang' } })).status, 504);
  await until('the endpoint sees it', () => simulator.received()[seen]?.outcome === 'client-aborted');
  assert.equal((await client.send('/hasty')).status, 200);
});

test('silence in the middle of a body: the connection breaks, since it is no complete answer', async () => {
  const headers = { 'x-simulate': 'stall+bytes-100KB', 'x-request-id': 'idle-1' };
  await assert.rejects(client.send('/idle', { headers }));
  const line = await lineOf('idle-1');
  assert.equal(line.stream_end, 'idle-timeout');
  assert.equal(line.error?.code, 'upstream.idle-timeout');
});

test('a slow but steady body is not idle', async () => {
  const got = await client.send('/idle', { headers: { 'x-simulate': 'slow-400kbps+bytes-30KB' } });
  assert.equal(got.status, 200);
  assert.ok(Buffer.byteLength(got.text) >= 30_000);
});

test('total time in the middle of a body', async () => {
  const headers = { 'x-simulate': 'slow-80kbps+bytes-100KB', 'x-request-id': 'total-1' };
  await assert.rejects(client.send('/total', { headers }));
  const line = await lineOf('total-1');
  assert.equal(line.stream_end, 'total-timeout');
  assert.ok(line.duration_ms >= 330 && line.duration_ms < 350 + SLACK_MS, `${line.duration_ms} ms`);
});

test('total time in the middle of an AI stream: the protocol’s own error', async () => {
  const body = JSON.stringify({
    model: 'sim-gap-30ms+bytes-10KB',
    stream: true,
    messages: [{ role: 'user', content: 'x' }],
  });
  const got = await client.send('/v1/chat/completions', {
    method: 'POST',
    body: [body],
    headers: { 'x-request-id': 'total-2', 'content-length': Buffer.byteLength(body) },
  });
  assert.match(got.text, /data: \{"error":\{[^\n]*"code":"upstream\.total-timeout"\}\}\n\n$/);
  assert.doesNotMatch(got.text, /\[DONE\]/);
  const line = await lineOf('total-2');
  assert.equal(line.stream_end, 'total-timeout');
});

test('an endpoint that does not accept connections is passed over within the request', async () => {
  const got = await client.send('/rescued', { headers: { 'x-request-id': 'rescued-1' } });
  assert.equal(got.status, 200);
  assert.equal(got.headers['x-simulator'], 'simulator');
});
