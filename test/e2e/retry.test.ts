// Retries as a configuration asks for them, over real sockets: what is tried again and what never, pauses, limits and the budget.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE, type LogLine } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { answerEach, OK, RawEndpoint } from '../support/raw-endpoint.ts';
import { startTestGateway, until } from './support/gateway.ts';

const simulator = await startSimulator({ port: 0 });
const silent = await RawEndpoint.start();
const fine = await RawEndpoint.start(answerEach(() => OK));
FILE_SCOPE.after(async () => {
  silent.close();
  fine.close();
  await simulator.close();
});

const backoff = { base: '30ms', jitter: 'none' };
const route = (name: string, retry: unknown, more: object = {}) => ({
  name,
  match: { path: `/${name}/*` },
  backend: 'one',
  retry,
  ...more,
});

const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '2'],
  config: {
    retry_config: {
      strategies: { patient: { base_interval: '10ms', max_retries: 1 }, linear: { interval: '40ms', max_retries: 2 } },
      conditions: [{ status_codes: [500] }, { connection_errors: true }],
      exclude: [{ paths: ['/section/pay/*'] }],
    },
    backends: {
      one: { endpoints: [simulator.url] },
      pair: { endpoints: [`http://127.0.0.1:${silent.port}`, `http://127.0.0.1:${fine.port}`] },
      thrifty: {
        endpoints: [simulator.url],
        retry: { on: 503, backoff: { base: '1ms' }, budget: { percent: '0%', min_per_second: 0.2 } },
      },
      stormy: {
        endpoints: [simulator.url],
        retry: { attempts: 5, on: 503, backoff: { base: '1ms' }, budget: { min_per_second: 1 } },
      },
    },
    routes: [
      route('usual', { attempts: 3, on: [503], backoff }),
      route('unsafe', { on: 503, backoff, non_idempotent: true }),
      route('excluded', { on: 503, backoff, exclude: { methods: 'PUT', paths: '/excluded/pay/*' } }),
      route('asked', { attempts: 2, on: 429, max_retry_after: '1s' }),
      route('short', { attempts: 10, on: 503, backoff: { base: '100ms', jitter: 'none' } }, { timeout: '250ms' }),
      route('slow', { on: 503, backoff: { base: '400ms', jitter: 'none' } }),
      route('rewritten', { on: 503, exclude: { paths: '/rewritten/*' } }, { rewrite: { path: '/other' } }),
      { name: 'section', match: { path: '/section/*' }, backend: 'one' },
      { name: 'chosen', match: { path: '/chosen/*' }, backend: 'one', retry: 'linear' },
      { name: 'off', match: { path: '/off/*' }, backend: 'one', retry: false },
      { name: 'pair', match: { path: '/pair' }, backend: 'pair', retry: { per_try_timeout: '150ms', attempts: 2 } },
      { name: 'thrifty', match: { path: '/thrifty' }, backend: 'thrifty' },
      { name: 'stormy', match: { path: '/stormy' }, backend: 'stormy' },
    ],
  },
});

let requests = 0;

interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly attempts: LogLine['attempts'];
  readonly tookMs: number;
}

async function ask(path: string, init: RequestInit & { readonly fault?: string } = {}): Promise<Seen> {
  const requestId = `retry-${requests++}`;
  const { fault, headers = {}, ...rest } = init;
  const own = { ...(headers as Record<string, string>), 'x-request-id': requestId };
  const startedMs = performance.now();
  const all = fault === undefined ? own : { ...own, 'x-simulate': fault };
  const response = await gateway.fetch(path, { ...rest, headers: all });
  const text = await response.text();
  const tookMs = performance.now() - startedMs;
  const line = await until('the log line', () =>
    (gateway.accessLog as unknown as readonly LogLine[]).find((each) => each.request_id === requestId),
  );
  return { status: response.status, text, headers: response.headers, attempts: line.attempts, tookMs };
}

test('the same endpoint again, after growing pauses; the last answer is relayed as it is', async () => {
  const seen = await ask('/usual/x', { fault: 'status-503' });
  assert.equal(seen.status, 503);
  assert.match(seen.text, /currently overloaded/);
  assert.deepEqual(
    seen.attempts.map(({ status }) => status),
    [503, 503, 503],
  );
  assert.ok(seen.tookMs >= 85, `30 and 60 ms between the tries, ${seen.tookMs} ms in all`);
  assert.equal((await ask('/usual/x', { fault: 'status-500' })).attempts.length, 1, 'not one of the conditions');
});

test('what may have run already is repeated only where that does no harm', async () => {
  const tries = async (path: string, init: RequestInit) =>
    (await ask(path, { ...init, fault: 'status-503' })).attempts.length;
  assert.equal(await tries('/usual/x', { method: 'POST', body: 'order' }), 1);
  assert.equal(await tries('/usual/x', { method: 'PUT', body: 'state' }), 3);
  assert.equal(await tries('/usual/x', { method: 'POST', body: 'order', headers: { 'idempotency-key': 'k1' } }), 3);
  assert.equal(await tries('/unsafe/x', { method: 'POST', body: 'order' }), 3);
});

test('excluded methods and paths are never repeated, by the path of the client', async () => {
  const tries = async (path: string, method = 'GET') =>
    (await ask(path, { method, fault: 'status-503' })).attempts.length;
  assert.equal(await tries('/excluded/x'), 3);
  assert.equal(await tries('/excluded/x', 'PUT'), 1);
  assert.equal(await tries('/excluded/pay/1'), 1);
  assert.equal(await tries('/rewritten/x'), 1);
});

test('retry_config: the first strategy for all, another by name, none where it is off', async () => {
  const tries = async (path: string, fault = 'status-500') => (await ask(path, { fault })).attempts.length;
  assert.equal(await tries('/section/x'), 2);
  assert.equal(await tries('/section/x', 'status-503'), 1);
  assert.equal(await tries('/section/x', 'reset-before-headers'), 2);
  assert.equal(await tries('/section/pay/1'), 1);
  const chosen = await ask('/chosen/x', { fault: 'status-500' });
  assert.equal(chosen.attempts.length, 3);
  assert.ok(chosen.tookMs >= 115, `40 and 80 ms between the tries, ${chosen.tookMs} ms in all`);
  assert.equal(await tries('/off/x'), 1);
});

test('a small body that arrives in pieces is kept for the next try', async () => {
  const seen = simulator.received().length;
  const socket = connect(gateway.port, '127.0.0.1');
  socket.write(
    'PUT /usual/x HTTP/1.1\r\nhost: a\r\nx-simulate: status-503\r\ncontent-length: 10\r\nconnection: close\r\n\r\nhello',
  );
  await new Promise((wake) => setTimeout(wake, 50));
  socket.write('world');
  await new Promise((resolve) => socket.resume().once('close', resolve));
  const received = simulator.received().slice(seen);
  assert.deepEqual(
    received.map(({ body }) => body?.bytes),
    [10, 10, 10],
  );
});

test('Retry-After is waited for within its limit, and passed on beyond it', async () => {
  const near = await ask('/asked/x', { fault: '429-300ms' });
  assert.equal(near.attempts.length, 2);
  assert.ok(near.tookMs >= 290, `${near.tookMs} ms`);
  assert.equal(near.status, 429);
  const far = await ask('/asked/x', { fault: '429-30s' });
  assert.equal(far.attempts.length, 1);
  assert.equal(far.headers.get('retry-after'), '30');
});

test('no pause begins that the limit of the whole exchange would cut', async () => {
  const seen = await ask('/short/x', { fault: 'status-503' });
  assert.equal(seen.status, 503);
  assert.equal(seen.attempts.length, 2, 'a pause of 100 ms fits into 250 ms, one of 200 ms after it does not');
});

test('a try that takes too long is given up for another endpoint', async () => {
  for (let round = 0; round < 4; round++) {
    const seen = await ask('/pair');
    assert.equal(seen.status, 200);
    if (seen.attempts.length === 1) continue;
    assert.equal(seen.attempts[0].error, 'upstream.first-byte-timeout');
    assert.ok(seen.tookMs >= 140, `${seen.tookMs} ms`);
  }
  assert.ok(silent.connections.length > 0);
  await silent.until(() => silent.closed === silent.connections.length);
});

test('a client that leaves during a pause ends the matter at once', async () => {
  const seen = simulator.received().length;
  const socket = connect(gateway.port, '127.0.0.1');
  socket.write('GET /slow/x HTTP/1.1\r\nhost: a\r\nx-request-id: left-1\r\nx-simulate: status-503\r\n\r\n');
  await until('the first try', () => simulator.received().length > seen);
  await new Promise((wake) => setTimeout(wake, 100));
  socket.destroy();
  const line = await until('the log line', () =>
    (gateway.accessLog as unknown as readonly LogLine[]).find((each) => each.request_id === 'left-1'),
  );
  assert.equal(line.status, 499);
  assert.equal(line.attempts.length, 1);
  assert.ok(line.duration_ms < 390, `${line.duration_ms} ms: not at the end of the pause`);
  await new Promise((wake) => setTimeout(wake, 400));
  assert.equal(simulator.received().length, seen + 1);
});

test('what the budget refuses is answered with the last answer, and counted', async () => {
  const tries: number[] = [];
  for (let request = 0; request < 4; request++)
    tries.push((await ask('/thrifty', { fault: 'status-503' })).attempts.length);
  assert.deepEqual(tries, [3, 1, 1, 1], 'two in ten seconds');
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_retry_budget_exhausted_total', { upstream: 'thrifty' }), 3);
  assert.equal(metricSum(metrics, 'gateway_upstream_retries_total', { upstream: 'thrifty', reason: '503' }), 2);
});

test('a retry storm stays small: half of all tries fail, attempts at most 1.25 × requests', async () => {
  simulator.setFaults([{ fault: 'status-503', path: '/stormy', percent: 50 }]);
  const count = 1000;
  const batch = async () => {
    for (let request = 0; request < count / 20; request++) await (await gateway.fetch('/stormy')).text();
  };
  await Promise.all(Array.from({ length: 20 }, batch));
  simulator.setFaults([]);
  const metrics = await (await gateway.admin('/metrics')).text();
  const attempts = metricSum(metrics, 'gateway_upstream_attempts_total', { upstream: 'stormy' });
  assert.ok(attempts <= 1.25 * count, `${attempts} attempts`);
  assert.ok(attempts > 1.1 * count, `${attempts} attempts`);
  assert.ok(metricSum(metrics, 'gateway_retry_budget_exhausted_total', { upstream: 'stormy' }) > 0);
  assert.doesNotMatch(gateway.stderr, /bug|unexpected/i);
});
