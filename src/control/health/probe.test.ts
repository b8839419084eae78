// One probe over a real socket: what is sent, and what each way to fail is called.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DEFAULT_HEALTH_CHECK } from '../../model/defaults.ts';
import type { HealthCheck, HealthProbe } from '../../model/health-check.ts';
import { type ProbeAnswer, type ProbeTarget, probeEndpoint } from './probe.ts';

const HTTP = DEFAULT_HEALTH_CHECK.probe as Extract<HealthProbe, { kind: 'http' }>;

function probed(url: string, check: Partial<HealthCheck> = {}, more: Partial<ProbeTarget> = {}): Promise<ProbeAnswer> {
  const target = { url, tls: undefined, check: { ...DEFAULT_HEALTH_CHECK, ...check }, ...more };
  return new Promise((resolve) => probeEndpoint(target, resolve));
}

async function listen(context: TestContext, server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers every connection with these bytes, or cuts it. */
function raw(context: TestContext, act: (socket: net.Socket) => void): Promise<string> {
  return listen(
    context,
    net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => act(socket));
    }),
  );
}

test('a request of its own, with the author’s host and fields, on a connection that ends', async (context) => {
  const seen: IncomingMessage[] = [];
  const url = await listen(
    context,
    createServer((request, response) => {
      seen.push(request);
      response.writeHead(204).end();
    }),
  );
  const headers = [{ name: 'X-Probe', value: 'yes' }];
  const probe: HealthProbe = { ...HTTP, method: 'HEAD', path: '/up?deep=1', host: 'status.test:81', headers };
  assert.deepEqual(await probed(url, { probe }), { reason: 'none', status: 204 });
  await probed(url);
  const [first, second] = seen;
  assert.deepEqual([first.method, first.url], ['HEAD', '/up?deep=1']);
  const { host, connection, 'x-probe': own, 'user-agent': agent } = first.headers;
  assert.deepEqual([host, connection, own, agent], ['status.test:81', 'close', 'yes', 'switchyard-health-check']);
  assert.deepEqual([second.method, second.url, second.headers.host], ['GET', '/health', new URL(url).host]);
});

test('only the statuses that are expected are good', async (context) => {
  const url = await listen(
    context,
    createServer((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), { location: '/elsewhere' }).end('x'.repeat(200_000));
    }),
  );
  const at = async (status: number, expected = HTTP.expected) =>
    (await probed(url, { probe: { ...HTTP, path: `/${status}`, expected } })).reason;
  assert.deepEqual([await at(200), await at(302), await at(404), await at(503)], ['none', 'none', 'status', 'status']);
  const only = [
    { from: 429, to: 429 },
    { from: 500, to: 501 },
  ];
  assert.deepEqual([await at(200, only), await at(429, only), await at(501, only)], ['status', 'none', 'none']);
});

test('every way to fail has its name', async (context) => {
  const closed = await listen(context, net.createServer());
  const garbage = await raw(context, (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  const reset = await raw(context, (socket) => socket.resetAndDestroy());
  const ended = await raw(context, (socket) => socket.end());
  const switching = await raw(context, (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  const reason = async (url: string, check: Partial<HealthCheck> = {}) => (await probed(url, check)).reason;
  assert.equal(await reason(garbage), 'bad-response');
  assert.equal(await reason(reset), 'reset');
  assert.equal(await reason(ended), 'reset');
  assert.equal(await reason(switching), 'bad-response');
  assert.equal(await reason(garbage, { tls: true, probe: { kind: 'tcp' } }), 'tls-failed');
  assert.equal(await reason('http://name.invalid:80'), 'dns-failed');
  assert.equal(await reason(closed, { probe: { kind: 'tcp' } }), 'none');
  const unused = net.createServer();
  const gone = await listen(context, unused);
  await new Promise((resolve) => unused.close(resolve));
  assert.equal(await reason(gone, { probe: { kind: 'tcp' } }), 'connect-failed');
  assert.equal(await reason(gone), 'connect-failed');
});

test('the port of the check is asked instead of the endpoint’s', async (context) => {
  const hosts: (string | undefined)[] = [];
  const url = await listen(
    context,
    createServer((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    }),
  );
  const port = Number(new URL(url).port);
  assert.equal((await probed('http://127.0.0.1:1', { port })).reason, 'none');
  assert.equal((await probed('https://127.0.0.1:1', { port, tls: false })).reason, 'none');
  assert.deepEqual(hosts, [`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
});
