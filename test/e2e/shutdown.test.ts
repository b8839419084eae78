// Shutdown over real sockets: readiness fails first, streams finish, a second signal does not wait, the log is complete.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { chatRequest, isWhole, streamConfig } from './support/streams.ts';

async function start(context: TestContext, ...args: readonly string[]): Promise<TestGateway> {
  const simulator = await startSimulator({ port: 0 });
  context.after(() => simulator.close());
  return startTestGateway(context, { config: streamConfig(simulator.url), args: ['--workers', '2', ...args] });
}

test('SIGTERM with nothing open ends at once with code 0', async (context) => {
  const gateway = await start(context);
  assert.equal((await gateway.fetch('/plain/x')).status, 200);
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.equal(gateway.accessLog.filter((line) => line.route_name === 'plain').length, 1);
});

test('readiness fails before listeners close, and a stream finishes', async (context) => {
  const gateway = await start(context, '--drain-delay', '600ms');
  const response = await gateway.fetch('/v1/chat/completions', chatRequest(150));
  const text = response.text();
  gateway.process.kill('SIGTERM');
  await until('readiness fails', async () => (await gateway.admin('/ready')).status === 503);
  assert.equal((await gateway.fetch('/plain/x')).status, 200, 'still served during the delay');
  assert.ok(isWhole(await text));
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
});

test('the drain timeout cuts what does not finish', async (context) => {
  const gateway = await start(context, '--drain-timeout', '300ms');
  const response = await gateway.fetch('/v1/chat/completions', chatRequest(2000));
  const cut = response.text().then(
    (text) => !isWhole(text),
    () => true,
  );
  const startedMs = performance.now();
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.ok(performance.now() - startedMs < 5000);
  assert.ok(await cut);
});

test('a second SIGINT ends at once', async (context) => {
  const gateway = await start(context);
  const response = await gateway.fetch('/v1/chat/completions', chatRequest(2000));
  const read = response.text().catch(() => '');
  gateway.process.kill('SIGINT');
  await until('it drains', () => gateway.stderr.includes('draining'));
  const startedMs = performance.now();
  assert.deepEqual(await gateway.stop('SIGINT'), { code: 0, signal: null });
  assert.ok(performance.now() - startedMs < 5000);
  await read;
});
