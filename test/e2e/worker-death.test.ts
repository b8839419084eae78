// A data-plane thread that dies is replaced; the others go on, and the counters it held are given back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { startTestGateway, until } from './support/gateway.ts';
import { streamConfig } from './support/streams.ts';

interface Health {
  readonly workers: { readonly up: number; readonly wanted: number };
}

test('a worker that throws is replaced and the gateway goes on', async (context) => {
  const simulator = await startSimulator({ port: 0 });
  context.after(() => simulator.close());
  const gateway = await startTestGateway(context, {
    config: streamConfig(simulator.url),
    args: ['--workers', '2'],
    environment: { SWITCHYARD_TEST_HOOKS: '1' },
  });
  const health = async (): Promise<Health> => (await gateway.admin('/gateway/health')).json() as Promise<Health>;
  assert.equal((await health()).workers.up, 2);
  assert.equal((await gateway.admin('/__test/crash?worker=0', { method: 'POST' })).status, 202);
  await until('the death is reported', () => gateway.stderr.includes('died and is replaced'));
  assert.match(gateway.stderr, /crashed on demand of a test/);
  await until('the thread is replaced', async () => (await health()).workers.up === 2);
  for (let request = 0; request < 20; request++) {
    const response = await gateway.fetch('/plain/x', { headers: { connection: 'close' } });
    assert.equal(response.status, 200);
    await response.text();
  }
  assert.match(await (await gateway.admin('/metrics')).text(), /gateway_worker_restarts_total 1/);
});

test('the hook does not exist in a real gateway', async (context) => {
  const simulator = await startSimulator({ port: 0 });
  context.after(() => simulator.close());
  const gateway = await startTestGateway(context, { config: streamConfig(simulator.url), args: ['--workers', '1'] });
  assert.equal((await gateway.admin('/__test/crash', { method: 'POST' })).status, 404);
});
