// Standby tiers: tier 1 serves only while tier 0 is out, no request fails when it goes down or comes back.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { LogLine } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';

interface Setup {
  readonly gateway: TestGateway;
  readonly simulators: readonly Simulator[];
}

async function start(context: TestContext, tiers: readonly number[], provider: object = {}): Promise<Setup> {
  const simulators = await Promise.all(tiers.map((_, index) => startSimulator({ port: 0, name: `s${index}` })));
  context.after(() => Promise.all(simulators.map((simulator) => simulator.close())));
  const isAi = 'provider' in provider;
  const gateway = await startTestGateway(context, {
    args: ['--workers', '2'],
    config: {
      backends: Object.fromEntries(
        simulators.map(({ url }, index) => [
          `b${index}`,
          isAi ? { ...provider, base_url: `${url}/v1`, api_key: 'k' } : { endpoints: [url] },
        ]),
      ),
      routes: [
        {
          name: 'r',
          match: { path: '/*' },
          backends: tiers.map((tier, index) => ({ backend: `b${index}`, tier, weight: 1 })),
        },
      ],
    },
  });
  return { gateway, simulators };
}

/** Names of the servers that answered so many requests; every one must be a success. */
async function servedBy(gateway: TestGateway, count: number): Promise<ReadonlySet<string | null>> {
  const answers = await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await gateway.fetch('/x', { method: 'POST', body: 'small' });
      assert.equal(response.status, 200, await response.text());
      return response.headers.get('x-simulator');
    }),
  );
  return new Set(answers);
}

test('tier 1 is asked only while tier 0 is out, and nobody notices the change', async (context) => {
  const { gateway, simulators } = await start(context, [0, 1]);
  const [first] = simulators;
  assert.deepEqual(await servedBy(gateway, 60), new Set(['s0']));
  await first.close();
  for (let round = 0; round < 5; round++) assert.deepEqual(await servedBy(gateway, 20), new Set(['s1']));
  const lines = gateway.accessLog as unknown as readonly LogLine[];
  const rescued = lines.filter((line) => line.attempts.length > 1);
  assert.ok(rescued.length > 0, 'the first request that failed was rescued');
  for (const { attempts, status, upstream, error } of rescued) {
    assert.deepEqual(
      attempts.map((attempt) => [attempt.backend, attempt.status, attempt.error ?? '']),
      [
        ['b0', 0, attempts[0].error],
        ['b1', 200, ''],
      ],
    );
    assert.match(attempts[0].error ?? '', /^upstream\.(connect-failed|reset)$/);
    assert.equal(status, 200);
    assert.equal(upstream, 'b1');
    assert.equal(error, undefined);
  }
  // While it is marked down it is not even tried: most requests have one attempt.
  assert.ok(rescued.length < 60, `${rescued.length} of 100 requests tried the dead endpoint`);
  const back = await startSimulator({ port: first.port, name: 's0' });
  context.after(() => back.close());
  await until('tier 0 takes over again', async () => (await servedBy(gateway, 4)).has('s0'), 20_000);
  await until('tier 1 is left alone', async () => (await servedBy(gateway, 20)).size === 1);
  assert.deepEqual(await servedBy(gateway, 40), new Set(['s0']));
});

test('tier 1 stays unused while one target of tier 0 is up', async (context) => {
  const { gateway, simulators } = await start(context, [0, 0, 1]);
  assert.deepEqual(await servedBy(gateway, 60), new Set(['s0', 's1']));
  await simulators[0].close();
  for (let round = 0; round < 3; round++) assert.deepEqual(await servedBy(gateway, 20), new Set(['s1']));
  await simulators[1].close();
  assert.deepEqual(await servedBy(gateway, 20), new Set(['s2']));
  assert.equal(simulators[2].received().length, 20);
});

test('an answer is no outage: errors of tier 0 pass to the client', async (context) => {
  const { gateway, simulators } = await start(context, [0, 1]);
  simulators[0].setFaults([{ fault: 'status-503' }]);
  for (let request = 0; request < 10; request++) assert.equal((await gateway.fetch('/x')).status, 503);
  assert.equal(simulators[1].received().length, 0);
});

test('what may have been done already is not done again', async (context) => {
  const { gateway, simulators } = await start(context, [0, 1]);
  simulators[0].setFaults([{ fault: 'reset-before-headers' }]);
  const response = await gateway.fetch('/order', { method: 'POST', body: 'one' });
  assert.equal(response.status, 502);
  assert.equal(simulators[0].received().length, 1, 'sent once');
  assert.equal(simulators[1].received().length, 0);
});

test('when every target is out the client is told, and the gateway goes on trying', async (context) => {
  const { gateway, simulators } = await start(context, [0, 1]);
  await Promise.all(simulators.map((simulator) => simulator.close()));
  for (let request = 0; request < 10; request++) {
    const response = await gateway.fetch('/x');
    assert.equal(response.status, 502);
    assert.equal(((await response.json()) as { code: string }).code, 'upstream.connect-failed');
  }
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_upstream_health', { upstream: 'b0' }), 0);
  const back = await startSimulator({ port: simulators[1].port, name: 's1' });
  context.after(() => back.close());
  assert.deepEqual(await servedBy(gateway, 4), new Set(['s1']), 'a wrong mark is no outage');
});

test('AI requests fail over whole: body, alias and model of the target that answers', async (context) => {
  const { gateway, simulators } = await start(context, [0, 1], { provider: 'openai' });
  await simulators[0].close();
  const bodies = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({ model: `m${index}`, messages: [{ role: 'user', content: `${index}`.repeat(1 + index * 3000) }] }),
  );
  const answers = await Promise.all(
    bodies.map(async (body) => (await gateway.fetch('/v1/chat/completions', { method: 'POST', body })).json()),
  );
  assert.deepEqual(
    (answers as readonly { model: string }[]).map(({ model }) => model),
    bodies.map((_, index) => `m${index}`),
  );
  const received = simulators[1].received().map(({ body }) => body?.bytes);
  assert.deepEqual(
    received.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    bodies.map(({ length }) => length),
  );
});
