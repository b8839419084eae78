// Hedged requests over real sockets: the second endpoint answers, the connection of the first is given up, both tries are in the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { metricSum } from '../support/exposition.ts';
import { startHeldEndpoint } from '../support/held-endpoint.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';

interface Attempt {
  readonly endpoint: string;
  readonly status: number;
  readonly error?: string;
}

async function attemptsOf(gateway: TestGateway): Promise<readonly Attempt[]> {
  const [line] = await until('the log line', () => (gateway.accessLog.length > 0 ? gateway.accessLog : undefined));
  return line.attempts as readonly Attempt[];
}

async function endpointLoad(gateway: TestGateway): Promise<number> {
  const { backends } = (await (await gateway.admin('/api/v1/backends')).json()) as {
    backends: readonly { readonly endpoints: readonly { readonly inFlight: number }[] }[];
  };
  return backends.flatMap(({ endpoints }) => endpoints).reduce((sum, { inFlight }) => sum + inFlight, 0);
}

test('the endpoint asked second answers, and the first sees its connection close', async (context) => {
  const endpoints = [await startHeldEndpoint(context), await startHeldEndpoint(context)];
  const gateway = await startTestGateway(context, {
    config: {
      backends: { b: { endpoints: endpoints.map(({ url }) => url) } },
      routes: [{ match: { path: '/*' }, backend: 'b', hedge: '100ms' }],
    },
    args: ['--workers', '2'],
  });
  const answer = gateway.fetch('/x');
  const first = await until('one is asked', () => endpoints.find(({ open }) => open.length > 0));
  const [slow] = first.open;
  const second = await until('the other too', () => endpoints.find((each) => each !== first && each.open.length > 0));
  second.open[0].answer(200, 'second');
  assert.equal(await (await answer).text(), 'second');
  await until('the first is given up', () => slow.isGone);
  const attempts = await attemptsOf(gateway);
  assert.deepEqual(
    attempts.map(({ endpoint, status, error }) => [endpoint, status, error]),
    [
      [first.url, 0, 'hedge-lost'],
      [second.url, 200, undefined],
    ],
  );
  assert.equal(await endpointLoad(gateway), 0);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_upstream_hedges_total', { upstream: 'b', result: 'won' }), 1);
});

test('tries beside others are counted by zone like all tries', async (context) => {
  const endpoints = [await startHeldEndpoint(context), await startHeldEndpoint(context)];
  const gateway = await startTestGateway(context, {
    config: {
      backends: { b: { endpoints: endpoints.map(({ url }, index) => ({ url, zone: ['one', 'two'][index] })) } },
      routes: [{ match: { path: '/*' }, backend: 'b', hedge: '100ms' }],
      datacenter_routing: { zones: { one: { capacity: '50%' }, two: { capacity: '50%' } } },
    },
  });
  const answer = gateway.fetch('/x');
  await until('both are asked', () => endpoints.every(({ open }) => open.length > 0));
  endpoints[0].open[0].answer(200, 'first');
  assert.equal(await (await answer).text(), 'first');
  const metrics = await (await gateway.admin('/metrics')).text();
  for (const zone of ['one', 'two'])
    assert.equal(metricSum(metrics, 'gateway_upstream_locality_requests_total', { upstream: 'b', zone }), 1, zone);
});

test('a POST that might run twice waits for the endpoint it went to', async (context) => {
  const endpoints = [await startHeldEndpoint(context), await startHeldEndpoint(context)];
  const gateway = await startTestGateway(context, {
    config: {
      backends: { b: { endpoints: endpoints.map(({ url }) => url) } },
      routes: [
        { match: { path: '/hedged/*', methods: ['GET'] }, backend: 'b', hedge: '50ms' },
        { match: { path: '/*' }, backend: 'b', hedge: '50ms' },
      ],
    },
    args: ['--workers', '1'],
  });
  const open = () => endpoints.flatMap((endpoint) => endpoint.open);
  const posted = gateway.fetch('/orders', { method: 'POST', body: 'one' });
  await until('it is there', () => open().length === 1);
  // A request that may be repeated has long been hedged when this one would have been.
  const read = gateway.fetch('/hedged/x');
  await until('the other is at both', () => open().length === 3);
  assert.equal(open().filter(({ path }) => path === '/orders').length, 1);
  for (const held of open()) held.answer();
  assert.deepEqual([(await posted).status, (await read).status], [200, 200]);
});

test('a stream that does not begin to tell anything is overtaken by one that does', async (context) => {
  const hanging = await startSimulator({ port: 0, name: 'hanging', faults: [{ fault: 'first-token-60s' }] });
  const quick = await startSimulator({ port: 0, name: 'quick' });
  context.after(() => Promise.all([hanging.close(), quick.close()]));
  const ai = (url: string) => ({ provider: 'openai-compatible', base_url: `${url}/v1`, api_key: 'key' });
  const gateway = await startTestGateway(context, {
    config: {
      backends: { hanging: ai(hanging.url), quick: ai(quick.url) },
      routes: [
        {
          match: { path: '/v1/*' },
          backends: [
            { backend: 'hanging', tier: 0 },
            { backend: 'quick', tier: 1 },
          ],
          hedge: { delay: '100ms', budget: '50%' },
        },
      ],
    },
    args: ['--workers', '1'],
  });
  const response = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
  });
  const text = await response.text();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('x-simulator'), 'quick');
  assert.match(text, /data: \[DONE\]/);
  assert.equal(text.split('"role":"assistant"').length, 2, 'one answer');
  const attempts = await attemptsOf(gateway);
  assert.deepEqual(
    attempts.map(({ status, error }) => [status, error]),
    [
      [200, 'hedge-lost'],
      [200, undefined],
    ],
  );
  await until('the provider sees the other closed', () =>
    hanging.received().every((each) => each.clientAbortedAfterMs !== undefined),
  );
});
