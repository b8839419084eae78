// Circuit breakers over real sockets and two workers: failures open one, a fallback answers at once, exactly so many probes follow,
// a reload keeps the state, an operator's word wins.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { metricSum } from '../support/exposition.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { statuses } from './support/statuses.ts';

const BREAKER = {
  failure_threshold: 5,
  states: {
    open: { duration: '1s', jitter: '0%' },
    half_open: { probe_requests: 3, success_criteria: '2/3', timeout: '20s' },
  },
};

/** Stays open for the whole of a test, however slow the machine. */
const LONG_BREAKER = { ...BREAKER, states: { ...BREAKER.states, open: { duration: '60s' } } };

async function simulators(context: TestContext, count: number): Promise<readonly Simulator[]> {
  const started = await Promise.all(
    Array.from({ length: count }, (_, i) => startSimulator({ port: 0, name: `s${i}` })),
  );
  context.after(() => Promise.all(started.map((simulator) => simulator.close())));
  return started;
}

function configOf([first, second]: readonly Simulator[], breaker: object, name = 'r'): object {
  const tiers = second === undefined ? [] : [{ backend: 'b1', tier: 1, weight: 1 }];
  return {
    backends: {
      b0: { endpoints: [first.url], circuit_breaker: breaker },
      ...(second !== undefined && { b1: { endpoints: [second.url] } }),
    },
    routes: [{ name, match: { path: '/*' }, backends: [{ backend: 'b0', tier: 0, weight: 1 }, ...tiers] }],
  };
}

interface BackendView {
  readonly name: string;
  readonly breaker: {
    readonly state: string;
    readonly force: string;
    readonly cause: string;
    readonly openings: number;
  };
  readonly endpoints: readonly {
    readonly url: string;
    readonly usable: boolean;
    readonly reasons: readonly string[];
  }[];
}

async function breakerOf(gateway: TestGateway): Promise<BackendView['breaker']> {
  const { backends } = (await (await gateway.admin('/api/v1/backends')).json()) as { backends: readonly BackendView[] };
  return backends.find(({ name }) => name === 'b0')?.breaker as BackendView['breaker'];
}

async function force(gateway: TestGateway, body: object): Promise<number> {
  return (await gateway.admin('/api/v1/breakers', { method: 'POST', body: JSON.stringify(body) })).status;
}

test('five failures open it, the next tier answers at once, and a reload keeps it open', async (context) => {
  const servers = await simulators(context, 2);
  const gateway = await startTestGateway(context, {
    config: configOf(servers, LONG_BREAKER),
    args: ['--workers', '2', '--watch'],
  });
  servers[0].setFaults([{ fault: 'status-503' }]);
  assert.deepEqual(await statuses(gateway, 5), [503, 503, 503, 503, 503]);
  assert.deepEqual(await statuses(gateway, 20), new Array(20).fill(200));
  assert.equal(servers[0].received().length, 5, 'not one request more');
  assert.equal(servers[1].received().length, 20);
  gateway.writeConfig(configOf(servers, LONG_BREAKER, 'renamed'));
  await until('the reload', () => gateway.stderr.includes('configuration reloaded'));
  assert.deepEqual(await statuses(gateway, 4), [200, 200, 200, 200]);
  assert.equal(servers[0].received().length, 5, 'still open after the reload');
  const { state, cause, openings } = await breakerOf(gateway);
  assert.deepEqual([state, cause, openings], ['open', 'consecutive-failures', 1]);
  const metrics = await (await gateway.admin('/metrics')).text();
  const shown = ['closed', 'open', 'half_open'].map((each) =>
    metricSum(metrics, 'gateway_circuit_breaker_state', { service: 'b0', state: each }),
  );
  assert.deepEqual(shown, [0, 1, 0]);
  assert.equal(metricSum(metrics, 'gateway_upstream_health', { upstream: 'b0' }), 0);
  assert.equal(metricSum(metrics, 'gateway_upstream_endpoints_out', { upstream: 'b0', reason: 'breaker-open' }), 1);
});

test('half-open lets exactly three probes through over two workers, and closes on two successes', async (context) => {
  const servers = await simulators(context, 1);
  const gateway = await startTestGateway(context, { config: configOf(servers, BREAKER), args: ['--workers', '2'] });
  servers[0].setFaults([{ fault: 'status-503' }]);
  assert.deepEqual(await statuses(gateway, 5), [503, 503, 503, 503, 503]);
  servers[0].clearReceived();
  servers[0].setFaults([{ fault: 'latency-700ms' }]);
  await until('half-open', async () => (await breakerOf(gateway)).state === 'half_open');
  const burst = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const response = await gateway.fetch('/x', { headers: { connection: 'close' } });
      return [response.status, ((await response.json().catch(() => ({}))) as { code?: string }).code] as const;
    }),
  );
  assert.equal(burst.filter(([status]) => status === 200).length, 3);
  assert.deepEqual(
    new Set(burst.filter(([status]) => status !== 200).map(([, code]) => code)),
    new Set(['upstream.circuit-open']),
  );
  assert.equal(servers[0].received().length, 3, 'exactly the probes');
  assert.equal((await breakerOf(gateway)).state, 'closed');
  servers[0].setFaults([]);
  assert.deepEqual(await statuses(gateway, 6), new Array(6).fill(200));
});

test('two failed probes open it again for twice the time', async (context) => {
  const servers = await simulators(context, 1);
  const gateway = await startTestGateway(context, { config: configOf(servers, BREAKER), args: ['--workers', '2'] });
  servers[0].setFaults([{ fault: 'status-503' }]);
  await statuses(gateway, 5);
  await until('half-open', async () => (await breakerOf(gateway)).state === 'half_open');
  const codes = await statuses(gateway, 4);
  assert.deepEqual(codes, [503, 503, 503, 503]);
  assert.equal(servers[0].received().length, 7);
  const { state, cause, openings } = await breakerOf(gateway);
  assert.deepEqual([state, cause, openings], ['open', 'probes-failed', 2]);
});

test('a fixed answer stands in while it is open', async (context) => {
  const servers = await simulators(context, 1);
  const breaker = { failure_threshold: 1, timeout: '60s', fallback: { status: 200, body: { items: [] } } };
  const gateway = await startTestGateway(context, { config: configOf(servers, breaker), args: ['--workers', '2'] });
  servers[0].setFaults([{ fault: 'status-503' }]);
  assert.deepEqual(await statuses(gateway, 3), [503, 200, 200]);
  const response = await gateway.fetch('/x');
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.deepEqual(await response.json(), { items: [] });
});

test('what an operator forces wins until it is taken back', async (context) => {
  const servers = await simulators(context, 1);
  const gateway = await startTestGateway(context, {
    config: configOf(servers, LONG_BREAKER),
    args: ['--workers', '2'],
  });
  assert.equal(await force(gateway, { backend: 'b0', force: 'open' }), 200);
  assert.deepEqual(await statuses(gateway, 4), [503, 503, 503, 503]);
  assert.equal(servers[0].received().length, 0);
  assert.equal((await breakerOf(gateway)).force, 'open');
  assert.equal(await force(gateway, { backend: 'b0', force: 'closed' }), 200);
  servers[0].setFaults([{ fault: 'status-503' }]);
  await statuses(gateway, 8);
  assert.equal(servers[0].received().length, 8, 'failures count for nothing');
  assert.equal(await force(gateway, { backend: 'b0', force: 'auto' }), 200);
  await statuses(gateway, 7);
  assert.equal(servers[0].received().length, 13, 'five more open it');
  assert.equal(await force(gateway, { backend: 'nobody', force: 'open' }), 404);
  assert.equal(await force(gateway, { backend: 'b0', force: 'sometimes' }), 400);
});

test('one bad endpoint is kept out alone: its backend goes on', async (context) => {
  const servers = await simulators(context, 2);
  const gateway = await startTestGateway(context, {
    config: {
      backends: {
        b0: {
          endpoints: servers.map(({ url }) => url),
          circuit_breaker: { failure_threshold: 3, timeout: '60s' },
        },
      },
      routes: [{ name: 'r', match: { path: '/*' }, backend: 'b0' }],
    },
    args: ['--workers', '2'],
  });
  servers[0].setFaults([{ fault: 'status-503' }]);
  await statuses(gateway, 20);
  assert.equal(servers[0].received().length, 3);
  assert.deepEqual(await statuses(gateway, 10), new Array(10).fill(200));
  const { backends } = (await (await gateway.admin('/api/v1/backends')).json()) as { backends: readonly BackendView[] };
  assert.deepEqual(
    backends[0].endpoints.map(({ usable, reasons }) => [usable, reasons]),
    [
      [false, ['breaker-open']],
      [true, []],
    ],
  );
  assert.equal(backends[0].breaker.state, 'closed');
});

test('the last good answer to the same request stands in, marked as stale', async (context) => {
  const servers = await simulators(context, 1);
  const breaker = { failure_threshold: 1, timeout: '60s', fallback: 'cached_response' };
  const gateway = await startTestGateway(context, {
    config: {
      backends: {
        b0: { provider: 'openai', base_url: `${servers[0].url}/v1`, api_key: 'k', circuit_breaker: breaker },
      },
      routes: [{ name: 'r', match: { path: '/*' }, backend: 'b0' }],
    },
    args: ['--workers', '1'],
  });
  const ask = async (text: string, key: string, stream = false): Promise<readonly [Response, string]> => {
    const body = JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: text }] });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await gateway.fetch('/v1/chat/completions', { method: 'POST', body, headers });
    return [response, await response.text()];
  };
  const [good, text] = await ask('hello', 'one');
  assert.equal(good.status, 200);
  servers[0].setFaults([{ fault: 'status-503' }]);
  assert.equal((await ask('hello', 'one'))[0].status, 503);
  const [again, sameText] = await ask('hello', 'one');
  assert.equal(again.status, 200);
  assert.equal(sameText, text);
  assert.match(again.headers.get('cache-status') ?? '', /^switchyard; hit; ttl=(0|-\d+); detail=circuit-open$/);
  assert.match(again.headers.get('age') ?? '', /^\d+$/);
  for (const [other] of [await ask('hello!', 'one'), await ask('hello', 'two'), await ask('hello', 'one', true)])
    assert.equal(other.status, 503, 'any other request gets the error');
  assert.equal(servers[0].received().length, 2);
});

test('reads go to the replica while it is open, writes do not', async (context) => {
  const servers = await simulators(context, 3);
  const breaker = { failure_threshold: 1, timeout: '60s', fallback_strategy: 'read_replica' };
  const gateway = await startTestGateway(context, {
    config: {
      backends: {
        b0: { endpoints: [servers[0].url], circuit_breaker: breaker },
        replica: { endpoints: [servers[1].url], labels: { role: 'read_replica', primary: 'b0' } },
        stranger: { endpoints: [servers[2].url], labels: { role: 'read_replica', primary: 'other' } },
      },
      routes: [{ name: 'r', match: { path: '/*' }, backend: 'b0' }],
    },
    args: ['--workers', '2'],
  });
  servers[0].setFaults([{ fault: 'status-503' }]);
  assert.deepEqual(await statuses(gateway, 6), [503, 200, 200, 200, 200, 200]);
  assert.equal((await gateway.fetch('/x', { method: 'POST', body: 'write' })).status, 503);
  assert.deepEqual(
    servers.map((server) => server.received().length),
    [1, 5, 0],
  );
});
