// Shutdown over real sockets: readiness fails first, streams finish, a second signal does not wait, the log is complete.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { chatRequest, isWhole, streamConfig } from './support/streams.ts';

interface Scene {
  readonly gateway: TestGateway;
  readonly simulator: Simulator;
}

async function start(context: TestContext, ...args: readonly string[]): Promise<Scene> {
  const simulator = await startSimulator({ port: 0 });
  context.after(() => simulator.close());
  const config = streamConfig(simulator.url);
  return { simulator, gateway: await startTestGateway(context, { config, args: ['--workers', '2', ...args] }) };
}

test('SIGTERM with nothing open ends at once with code 0', async (context) => {
  const { gateway } = await start(context);
  assert.equal((await gateway.fetch('/plain/x')).status, 200);
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.equal(gateway.accessLog.filter((line) => line.route_name === 'plain').length, 1);
});

test('readiness fails before listeners close, and a stream finishes', async (context) => {
  const { gateway } = await start(context, '--drain-delay', '2s');
  const response = await gateway.fetch('/v1/chat/completions', chatRequest(60));
  const text = response.text();
  gateway.process.kill('SIGTERM');
  await until('readiness fails', async () => (await gateway.admin('/ready')).status === 503);
  await until('a listener says so too', async () => (await gateway.fetch('/gateway/health')).status === 503);
  const served = await gateway.fetch('/plain/x');
  assert.equal(served.status, 200, 'still served during the delay');
  assert.equal(served.headers.get('connection'), 'close');
  assert.ok(isWhole(await text));
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
});

/** Chunked framing is outside the fast path's subset: the same request then runs through node:http. */
for (const path of ['fast', 'handed off'] as const) {
  test(`when the time to drain is over, open requests are told so (${path})`, async (context) => {
    const { gateway, simulator } = await start(context, '--drain-timeout', '300ms');
    const framing = path === 'fast' ? {} : { body: ['x'] };
    const client = new KeepAliveClient(context, gateway.url, 4);
    const post = (model: string, target = '/v1/chat/completions') => {
      const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'a b c d e f g h i' }] });
      const headers = path === 'fast' ? { 'content-length': Buffer.byteLength(body) } : {};
      return client.send(target, { method: 'POST', headers: { ...headers, 'x-request-id': model }, body: [body] });
    };
    const stream = post('sim-gap-2s');
    const waiting = post('sim-hang');
    const whole = client.send('/plain/x', {
      ...framing,
      method: path === 'fast' ? 'GET' : 'POST',
      headers: { 'x-simulate': 'stall+bytes-100KB', 'x-request-id': 'plain' },
    });
    const cut = assert.rejects(whole, 'a body of known length can only be cut');
    await until('three requests are under way', () => {
      const received = simulator.received();
      const begun = received.find(({ headers }) => headers['x-request-id'] === 'sim-gap-2s');
      return received.length === 3 && (begun?.eventsSent ?? 0) > 0;
    });
    const startedMs = performance.now();
    assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
    assert.ok(performance.now() - startedMs < 5000);
    assert.match((await stream).text, /data: \{"error":\{[^\n]*"code":"gateway\.draining"\}\}\n\n$/);
    const refused = await waiting;
    assert.equal(refused.status, 503);
    assert.equal(JSON.parse(refused.text).error.code, 'gateway.draining');
    await cut;
    const ends = gateway.accessLog.map(({ request_id, stream_end, error }) => [
      request_id,
      stream_end,
      (error as { code: string } | undefined)?.code,
    ]);
    assert.deepEqual(ends.sort(), [
      ['plain', 'shutdown', 'gateway.draining'],
      ['sim-gap-2s', 'shutdown', 'gateway.draining'],
      ['sim-hang', undefined, 'gateway.draining'],
    ]);
  });
}

for (const args of [[], ['--drain-delay', '60s']]) {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`a second ${signal} ends at once ${args.join(' ')}`, async (context) => {
      const { gateway } = await start(context, ...args);
      const response = await gateway.fetch('/v1/chat/completions', chatRequest(2000));
      const read = response.text().catch(() => '');
      gateway.process.kill(signal);
      await until('the first one is taken', () => /^(leaving|draining): /m.test(gateway.stderr));
      const startedMs = performance.now();
      assert.deepEqual(await gateway.stop(signal), { code: 0, signal: null });
      assert.ok(performance.now() - startedMs < 5000);
      assert.ok(!isWhole(await read));
      assert.equal(gateway.accessLog.at(-1)?.stream_end, 'shutdown');
    });
  }
}

test('a stream that ends within the time to drain is whole, and the log is complete', async (context) => {
  const { gateway } = await start(context, '--drain-timeout', '20s');
  const response = await gateway.fetch('/v1/chat/completions', chatRequest(30));
  const text = response.text();
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.ok(isWhole(await text));
  assert.equal(gateway.accessLog.at(-1)?.stream_end, 'complete');
});
