// Concurrency limits over real sockets: exact over two workers, the higher class first and the lower shed, places given back however
// a request ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricSum } from '../support/exposition.ts';
import { type HeldEndpoint, startHeldEndpoint } from '../support/held-endpoint.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';

interface ConcurrencyView {
  readonly limit: number;
  readonly inFlight: number;
  readonly queued: { readonly high: number; readonly normal: number; readonly low: number };
}

async function concurrencyOf(gateway: TestGateway): Promise<ConcurrencyView> {
  const { backends } = (await (await gateway.admin('/api/v1/backends')).json()) as {
    backends: readonly { readonly concurrency: ConcurrencyView }[];
  };
  return backends[0].concurrency;
}

function configOf({ url }: HeldEndpoint, concurrency: object | number): object {
  const classes = ['high', 'normal', 'low'] as const;
  return {
    backends: { b: { endpoints: [url], concurrency } },
    routes: classes.map((name) => ({ name, match: { path: `/${name}/*` }, backend: 'b', priority: name })),
  };
}

interface Sent {
  status: number;
  retryAfter: string | null;
  proxyStatus: string | null;
  body: string;
}

/** A request on a connection of its own, so that every worker gets some; `status` is 0 until it is answered. */
function send(gateway: TestGateway, path: string, signal?: AbortSignal): Sent {
  const sent: Sent = { status: 0, retryAfter: null, proxyStatus: null, body: '' };
  const run = async () => {
    const response = await gateway.fetch(path, { headers: { connection: 'close' }, ...(signal && { signal }) });
    sent.retryAfter = response.headers.get('retry-after');
    sent.proxyStatus = response.headers.get('proxy-status');
    sent.body = await response.text();
    sent.status = response.status;
  };
  run().catch(() => {
    sent.status = -1; // aborted by the test, or cut by a worker that died
  });
  return sent;
}

test('two workers together never send more than the limit; the rest waits or is told when to come back', async (context) => {
  const endpoint = await startHeldEndpoint(context);
  const config = configOf(endpoint, { limit: 4, queue: { size: 3, timeout: '60s' } });
  const gateway = await startTestGateway(context, { config, args: ['--workers', '2'] });
  const sent = Array.from({ length: 20 }, (_, request) => send(gateway, `/normal/${request}`));
  const count = (status: number) => sent.filter((each) => each.status === status).length;
  const queued = await until('all have found their place', async () => {
    const { inFlight, queued: waiting } = await concurrencyOf(gateway);
    return inFlight === 4 && waiting.normal + count(503) === 16 ? waiting.normal : 0;
  });
  assert.ok(queued >= 3 && queued <= 6, `${queued} wait`);
  for (const each of sent.filter(({ status }) => status === 503)) {
    assert.equal(each.retryAfter, '1');
    assert.match(each.proxyStatus ?? '', /error=connection_limit_reached/);
    assert.equal(JSON.parse(each.body).status, 503);
  }
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_concurrency_limit', { upstream: 'b' }), 4);
  assert.equal(metricSum(metrics, 'gateway_concurrency_in_flight', { upstream: 'b' }), 4);
  assert.equal(metricSum(metrics, 'gateway_admission_queued', { upstream: 'b', class: 'normal' }), queued);
  assert.equal(
    metricSum(metrics, 'gateway_admission_shed_total', { upstream: 'b', class: 'normal', reason: 'queue-full' }),
    16 - queued,
  );
  await until('those admitted are answered', () => {
    endpoint.open[0]?.answer();
    return count(200) === 4 + queued;
  });
  assert.equal(endpoint.mostAtOnce, 4);
  assert.deepEqual(await concurrencyOf(gateway), { limit: 4, inFlight: 0, queued: { high: 0, normal: 0, low: 0 } });
  const log = await until('the log', () => (gateway.accessLog.length >= 20 ? gateway.accessLog : undefined));
  assert.equal(
    log.filter(({ error }) => (error as { readonly code: string } | undefined)?.code === 'upstream.overloaded').length,
    16 - queued,
  );
});

test('the higher class is admitted first, and the lower makes room in the queue', async (context) => {
  const endpoint = await startHeldEndpoint(context);
  const config = configOf(endpoint, { limit: 2, queue: { size: 2, timeout: '60s' } });
  const gateway = await startTestGateway(context, { config, args: ['--workers', '2'] });
  const first = [send(gateway, '/low/a'), send(gateway, '/low/b')];
  await until('the backend is full', () => endpoint.open.length === 2);
  const low = Array.from({ length: 8 }, (_, request) => send(gateway, `/low/${request}`));
  const shed = () => low.filter(({ status }) => status === 503).length;
  await until('the queues are full', async () => (await concurrencyOf(gateway)).queued.low + shed() === 8);
  const high = [send(gateway, '/high/a'), send(gateway, '/high/b')];
  await until('both wait', async () => (await concurrencyOf(gateway)).queued.high === 2);
  for (const held of [...endpoint.open]) held.answer();
  await until('two more are there', () => endpoint.paths.length === 4);
  assert.deepEqual(endpoint.paths.slice(2).toSorted(), ['/high/a', '/high/b']);
  await until('all are answered', () => {
    endpoint.open[0]?.answer();
    return [...first, ...high, ...low].every(({ status }) => status !== 0);
  });
  assert.ok([...first, ...high].every(({ status }) => status === 200));
  assert.ok(shed() >= 2);
});

test('a client that leaves while it waits, and one that leaves while it is served, free their places', async (context) => {
  const endpoint = await startHeldEndpoint(context);
  const config = configOf(endpoint, { limit: 1, queue: { size: 1, timeout: '60s' } });
  const gateway = await startTestGateway(context, { config, args: ['--workers', '1'] });
  const [serving, waiting] = [new AbortController(), new AbortController()];
  send(gateway, '/normal/served', serving.signal);
  await until('one is served', () => endpoint.open.length === 1);
  send(gateway, '/normal/waiting', waiting.signal);
  await until('one waits', async () => (await concurrencyOf(gateway)).queued.normal === 1);
  waiting.abort();
  await until('none waits', async () => (await concurrencyOf(gateway)).queued.normal === 0);
  const next = send(gateway, '/normal/next');
  await until('the next waits', async () => (await concurrencyOf(gateway)).queued.normal === 1);
  serving.abort();
  await until('it is served', () => endpoint.open.find(({ path }) => path === '/normal/next'));
  endpoint.open.find(({ path }) => path === '/normal/next')?.answer();
  await until('it is answered', () => next.status === 200);
  assert.deepEqual(endpoint.paths, ['/normal/served', '/normal/next']);
  assert.equal((await concurrencyOf(gateway)).inFlight, 0);
});

test('an AI client is refused in its own format, and the next backend is asked first', async (context) => {
  const [first, second] = [await startHeldEndpoint(context), await startHeldEndpoint(context)];
  const ai = ({ url }: HeldEndpoint) => ({
    provider: 'openai-compatible',
    base_url: `${url}/v1`,
    api_key: 'key',
    concurrency: { limit: 1, queue: { size: 0 } },
  });
  const backends = [
    { backend: 'b', tier: 0 },
    { backend: 'c', tier: 1 },
  ];
  const gateway = await startTestGateway(context, {
    config: { backends: { b: ai(first), c: ai(second) }, routes: [{ match: { path: '/v1/*' }, backends }] },
    args: ['--workers', '2'],
  });
  const ask = () =>
    gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ model: 'm', messages: [] }),
    });
  const answers = [ask()];
  await until('the first has one', () => first.open.length === 1);
  answers.push(ask());
  await until('the second has the other', () => second.open.length === 1);
  const refused = await ask();
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  const { error } = (await refused.json()) as { readonly error: { readonly code: string } };
  assert.equal(error.code, 'upstream.overloaded');
  for (const held of [...first.open, ...second.open]) held.answer(200, '{}');
  for (const answer of answers) assert.equal((await answer).status, 200);
});

test('who waits is served while the gateway drains', async (context) => {
  const endpoint = await startHeldEndpoint(context);
  const config = configOf(endpoint, { limit: 1, queue: { timeout: '60s' } });
  const gateway = await startTestGateway(context, { config, args: ['--workers', '1'] });
  const first = send(gateway, '/normal/first');
  await until('one is served', () => endpoint.open.length === 1);
  const second = send(gateway, '/normal/second');
  await until('one waits', async () => (await concurrencyOf(gateway)).queued.normal === 1);
  const exit = gateway.stop();
  await until('it drains', () => gateway.stderr.includes('draining'));
  await until('both are answered', () => {
    endpoint.open[0]?.answer();
    return first.status === 200 && second.status === 200;
  });
  assert.equal((await exit).code, 0);
});

test('places held by a worker that dies are given back', async (context) => {
  const endpoint = await startHeldEndpoint(context);
  const gateway = await startTestGateway(context, {
    config: configOf(endpoint, { limit: 2, queue: { timeout: '60s' } }),
    args: ['--workers', '1'],
    environment: { SWITCHYARD_TEST_HOOKS: '1' },
  });
  const lost = [0, 1, 2].map((request) => send(gateway, `/normal/${request}`));
  await until('two are served, one waits', async () => {
    const { inFlight, queued } = await concurrencyOf(gateway);
    return inFlight === 2 && queued.normal === 1;
  });
  assert.equal((await gateway.admin('/__test/crash?worker=0', { method: 'POST' })).status, 202);
  await until('their clients see it', () => lost.every(({ status }) => status === -1));
  await until('nothing is held', async () => {
    const { inFlight, queued } = await concurrencyOf(gateway);
    return inFlight === 0 && queued.normal === 0;
  });
  const next = await until('the worker is replaced', async () => {
    const sent = send(gateway, '/normal/next');
    await until('an answer', () => sent.status !== 0 || endpoint.open.some(({ path }) => path === '/normal/next'));
    return sent.status === 0 ? sent : undefined;
  });
  endpoint.open.find(({ path }) => path === '/normal/next')?.answer();
  await until('it is served', () => next.status === 200);
});
