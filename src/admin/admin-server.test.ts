// The admin server over a real socket with a gateway made of values: answers, methods, token and Host check.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { GatewayModel } from '../model/gateway-model.ts';
import { type AdminServer, isLoopback, startAdminServer } from './admin-server.ts';
import type {
  AdminView,
  ExplainInput,
  ForceRegionRequest,
  ForceRequest,
  RegionView,
  RouterDetailView,
  StatusView,
} from './admin-view.ts';

const STATUS: StatusView = {
  status: 'ready',
  version: '1.2.3',
  generation: 4,
  configuration: 'current',
  listeners: [{ id: 'default', url: 'http://localhost:8080' }],
  workers: { up: 2, wanted: 2 },
  uptimeSeconds: 5,
};

const REGION: RegionView = { name: 'r', state: 'active', force: 'auto', health: 1, reasons: [], backends: [] };

interface Fixture {
  readonly server: AdminServer;
  readonly bugs: unknown[];
  readonly explained: ExplainInput[];
  readonly forced: ForceRequest[];
  readonly forcedRegions: ForceRegionRequest[];
  status: StatusView;
}

async function start(context: TestContext, token?: string): Promise<Fixture> {
  const bugs: unknown[] = [];
  const explained: ExplainInput[] = [];
  const forced: ForceRequest[] = [];
  const forcedRegions: ForceRegionRequest[] = [];
  const fixture = { bugs, explained, forced, forcedRegions, status: STATUS };
  const view: AdminView = {
    status: () => fixture.status,
    model: () => ({ backends: [{ name: 'b', provider: { apiKey: 'sk-secret' } }] }) as unknown as GatewayModel,
    findings: () => [],
    exposition: () => {
      throw new Error('a bug');
    },
    explain: async (input) => {
      explained.push(input);
      return { route: 'r' };
    },
    explainCost: async (requestId) => (requestId === 'a/b' ? { total: 7 } : undefined),
    reload: async () => ({ outcome: 'refused', findings: [], changes: [] }),
    backends: () => [{ name: 'b', endpoints: [] }],
    forceBreaker: (request) => {
      forced.push(request);
      return request.backend === 'b' ? undefined : 'there is no such backend';
    },
    routerHealth: () => ({
      window_seconds: 300,
      thresholds: { degraded: 98, unhealthy: 50, min_requests: 5 },
      providers: [
        {
          name: 'openai',
          status: 'healthy' as const,
          latency_ms: 234,
          success_rate: 99.5,
          provider: 'openai',
          reasons: [],
          requests: 200,
          failures: 1,
          tokens_per_second: 40,
          endpoints: [],
          last_failures: [],
        },
      ],
    }),
    regions: () => ({ regions: [REGION] }),
    forceRegion: (request) => {
      forcedRegions.push(request);
      return request.region === 'r' ? undefined : 'there is no such region';
    },
  };
  const server = await startAdminServer({
    port: 0,
    address: '127.0.0.1',
    token,
    view,
    reportBug: (error) => bugs.push(error),
  });
  context.after(() => server.close());
  return Object.assign(fixture, { server });
}

const get = ({ server }: Fixture, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

test('health is about the process, readiness about serving', async (context) => {
  const fixture = await start(context);
  for (const [status, up, ready] of [
    ['starting', 0, 503],
    ['ready', 2, 200],
    ['ready', 0, 503],
    ['draining', 2, 503],
  ] as const) {
    fixture.status = { ...STATUS, status, workers: { up, wanted: 2 } };
    assert.equal((await get(fixture, '/health')).status, 200);
    assert.equal((await get(fixture, '/ready')).status, ready, `${status}, ${up} up`);
    assert.equal((await get(fixture, '/gateway/health')).status, ready);
  }
});

test('the gateway health document says what runs', async (context) => {
  assert.deepEqual(await (await get(await start(context), '/gateway/health')).json(), STATUS);
});

test('secrets do not leave', async (context) => {
  const text = await (await get(await start(context), '/api/v1/config')).text();
  assert.match(text, /"name": "b"/);
  assert.doesNotMatch(text, /sk-secret/);
});

test('unknown paths, wrong methods and HEAD', async (context) => {
  const fixture = await start(context);
  const missing = await get(fixture, '/nope');
  assert.equal(missing.status, 404);
  assert.equal(missing.headers.get('content-type'), 'application/problem+json');
  const wrong = await get(fixture, '/health', { method: 'DELETE' });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'GET, HEAD');
  assert.equal((await get(fixture, '/api/v1/reload')).headers.get('allow'), 'POST');
  const head = await get(fixture, '/version', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  assert.equal((await get(fixture, '/constructor')).status, 404);
});

test('explain takes a body or a query, and says what it lacks', async (context) => {
  const fixture = await start(context);
  const body = JSON.stringify({ path: '/a?b=1', headers: { 'X-A': 'b' }, body: { model: 'm' } });
  assert.equal((await get(fixture, '/api/v1/explain', { method: 'POST', body })).status, 200);
  assert.equal((await get(fixture, '/api/v1/explain?path=/c&method=put', { method: 'POST' })).status, 200);
  assert.deepEqual(fixture.explained, [
    { method: 'POST', target: '/a?b=1', headers: [['X-A', 'b']], body: '{"model":"m"}' },
    { method: 'PUT', target: '/c', headers: [], body: undefined },
  ]);
  assert.equal((await get(fixture, '/api/v1/explain', { method: 'POST', body: '{' })).status, 400);
  assert.equal((await get(fixture, '/api/v1/explain', { method: 'POST', body: 'null' })).status, 400);
  assert.equal((await get(fixture, '/api/v1/explain', { method: 'POST' })).status, 400);
});

test('a region is forced by name, and what is missing or wrong is said', async (context) => {
  const fixture = await start(context);
  assert.deepEqual(await (await get(fixture, '/api/v1/regions')).json(), { regions: [REGION] });
  const post = (body: string) => get(fixture, '/api/v1/regions', { method: 'POST', body });
  const answer = await post('{"region":"r","force":"out"}');
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), REGION);
  assert.equal((await post('{"region":"x","force":"auto"}')).status, 404);
  assert.deepEqual(fixture.forcedRegions, [
    { region: 'r', force: 'out' },
    { region: 'x', force: 'auto' },
  ]);
  for (const body of ['', '{', 'null', '{"force":"out"}', '{"region":"r"}', '{"region":"r","force":"open"}'])
    assert.equal((await post(body)).status, 400, body);
});

test('a breaker is forced by name, and what is missing or wrong is said', async (context) => {
  const fixture = await start(context);
  const post = async (body: string) => (await get(fixture, '/api/v1/breakers', { method: 'POST', body })).status;
  assert.equal(await post('{"backend":"b","force":"open"}'), 200);
  assert.equal(await post('{"backend":"b","endpoint":"http://a:1","force":"auto"}'), 200);
  assert.equal(await post('{"backend":"c","force":"closed"}'), 404);
  assert.deepEqual(fixture.forced, [
    { backend: 'b', endpoint: undefined, force: 'open' },
    { backend: 'b', endpoint: 'http://a:1', force: 'auto' },
    { backend: 'c', endpoint: undefined, force: 'closed' },
  ]);
  for (const body of [
    '',
    '{',
    'null',
    '{"force":"open"}',
    '{"backend":"b"}',
    '{"backend":"b","endpoint":1,"force":"open"}',
  ])
    assert.equal(await post(body), 400, body);
});

test('a refused reload is no success', async (context) => {
  assert.equal((await get(await start(context), '/api/v1/reload', { method: 'POST' })).status, 422);
});

test('a bug is reported and answered, and the server goes on', async (context) => {
  const fixture = await start(context);
  assert.equal((await get(fixture, '/metrics')).status, 500);
  assert.equal(fixture.bugs.length, 1);
  assert.equal((await get(fixture, '/health')).status, 200);
});

test('a token is asked for by everything but the probes', async (context) => {
  const fixture = await start(context, 'open-sesame');
  assert.equal((await get(fixture, '/ready')).status, 200);
  assert.equal((await get(fixture, '/version')).status, 401);
  assert.equal((await get(fixture, '/version', { headers: { authorization: 'Bearer wrong' } })).status, 401);
  assert.equal((await get(fixture, '/version', { headers: { authorization: 'Bearer open-sesame' } })).status, 200);
});

function statusWithHost(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: '/health', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

test('a page that resolves its own name to this machine is refused', async (context) => {
  const { server } = await start(context);
  assert.equal(await statusWithHost(server.port, `evil.example:${server.port}`), 421);
  assert.equal(await statusWithHost(server.port, '127.0.0.1.evil.example'), 421);
  for (const host of ['localhost', `127.0.0.1:${server.port}`, '[::1]:1', 'gateway.localhost'])
    assert.equal(await statusWithHost(server.port, host), 200, host);
});

test('loopback is 127/8 and ::1, nothing else', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) assert.ok(isLoopback(address), address);
  for (const address of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '']) assert.ok(!isLoopback(address), address);
});

test('the cost of a request is asked for by its id, which may hold any character', async (context) => {
  const fixture = await start(context);
  const found = await get(fixture, '/api/v1/requests/a%2Fb/cost');
  assert.deepEqual([found.status, await found.json()], [200, { total: 7 }]);
  for (const path of ['/api/v1/requests/other/cost', '/api/v1/requests//cost', '/api/v1/requests/a%2/cost'])
    assert.equal((await get(fixture, path)).status, 404, path);
  assert.equal((await get(fixture, '/api/v1/requests/a/cost', { method: 'POST' })).status, 405);
});

test('the health of the router is exactly what dashboards read, and everything on demand', async (context) => {
  const fixture = await start(context);
  const short = await get(fixture, '/api/v1/admin/router/health');
  assert.deepEqual(await short.json(), {
    providers: [{ name: 'openai', status: 'healthy', latency_ms: 234, success_rate: 99.5 }],
  });
  const whole = (await (await get(fixture, '/api/v1/admin/router/health?verbose=1')).json()) as RouterDetailView;
  assert.equal(whole.providers[0].requests, 200);
  assert.equal(whole.window_seconds, 300);
});
