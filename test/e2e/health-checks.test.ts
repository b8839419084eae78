// Active health checks over real sockets and two workers: found without traffic, seen by every worker, probed by one.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { hasOpenssl, makeCertificates } from '../support/certificates.ts';
import { metricSum } from '../support/exposition.ts';
import { answerEach, OK, RawEndpoint } from '../support/raw-endpoint.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { statuses } from './support/statuses.ts';

const CHECK = { path: '/health', interval: '50ms', timeout: '10s', healthy_threshold: 2, unhealthy_threshold: 2 };
const ROUTES = [{ name: 'r', match: { path: '/*' }, backend: 'b' }];

interface Setup {
  readonly gateway: TestGateway;
  readonly servers: readonly Simulator[];
}

async function servers(context: TestContext, count: number): Promise<readonly Simulator[]> {
  const started = await Promise.all(
    Array.from({ length: count }, (_, i) => startSimulator({ port: 0, name: `s${i}` })),
  );
  context.after(() => Promise.all(started.map((server) => server.close())));
  return started;
}

async function start(context: TestContext, count: number, more: object = {}): Promise<Setup> {
  const started = await servers(context, count);
  const gateway = await startTestGateway(context, {
    config: {
      backends: { b: { endpoints: started.map(({ url }) => url), health_check: CHECK, ...more } },
      routes: ROUTES,
    },
    args: ['--workers', '2', '--watch'],
  });
  return { gateway, servers: started };
}

interface EndpointView {
  readonly usable: boolean;
  readonly reasons: readonly string[];
  readonly health?: {
    readonly state: string;
    readonly reason: string;
    readonly status: number;
    readonly probes: number;
  };
}

async function endpoints(gateway: TestGateway): Promise<readonly EndpointView[]> {
  const { backends } = (await (await gateway.admin('/api/v1/backends')).json()) as {
    backends: readonly { endpoints: readonly EndpointView[] }[];
  };
  return backends[0].endpoints;
}

const states = async (gateway: TestGateway) => (await endpoints(gateway)).map(({ health }) => health?.state);

const traffic = (server: Simulator) => server.received().filter(({ url }) => url !== '/health').length;
const probes = (server: Simulator) => server.received().filter(({ url }) => url === '/health').length;

const unwell = { fault: 'status-503', path: '/health' };

test('an endpoint whose health fails is found without traffic, left alone, and comes back', async (context) => {
  const {
    gateway,
    servers: [sick, fine],
  } = await start(context, 2);
  await until('both are known', async () => (await states(gateway)).every((state) => state === 'healthy'));
  sick.setFaults([unwell]);
  await until('it is out', async () => (await states(gateway))[0] === 'unhealthy');
  assert.equal(traffic(sick) + traffic(fine), 0);
  const [view] = await endpoints(gateway);
  assert.deepEqual(
    [view.usable, view.reasons, view.health?.reason, view.health?.status],
    [false, ['unhealthy'], 'status', 503],
  );
  assert.deepEqual(await statuses(gateway, 20), new Array(20).fill(200));
  assert.deepEqual([traffic(sick), traffic(fine)], [0, 20]);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_upstream_health', { upstream: 'b' }), 0.5);
  assert.equal(metricSum(metrics, 'gateway_upstream_endpoints_out', { upstream: 'b', reason: 'unhealthy' }), 1);
  assert.ok(metricSum(metrics, 'gateway_upstream_health_probes_total', { upstream: 'b', result: 'status' }) >= 2);
  sick.setFaults([]);
  await until('it is back', async () => (await states(gateway))[0] === 'healthy');
  await until('it gets requests again', async () => (await statuses(gateway, 4)) && traffic(sick) > 0);
  assert.match(gateway.stderr, /health: endpoint http:\S+ of backend b is unhealthy: status 503\n/);
  assert.match(gateway.stderr, /health: endpoint http:\S+ of backend b is healthy again\n/);
});

test('when every endpoint is unhealthy the request is refused, or sent on by the panic threshold', async (context) => {
  const { gateway, servers: both } = await start(context, 2);
  for (const server of both) server.setFaults([unwell]);
  await until('both are out', async () => (await states(gateway)).every((state) => state === 'unhealthy'));
  const response = await gateway.fetch('/x');
  assert.equal(response.status, 503);
  assert.match(response.headers.get('proxy-status') ?? '', /; error=destination_unavailable/);
  assert.equal(((await response.json()) as { code: string }).code, 'upstream.unhealthy');
  assert.equal(traffic(both[0]) + traffic(both[1]), 0);
  const urls = both.map(({ url }) => url);
  gateway.writeConfig({
    backends: { b: { endpoints: urls, health_check: { ...CHECK, panic_threshold: '60%' } } },
    routes: ROUTES,
  });
  await until('the threshold acts', async () => (await statuses(gateway, 1))[0] === 200);
  assert.deepEqual(await states(gateway), ['unhealthy', 'unhealthy'], 'what was found outlives the reload');
});

test('one prober for all workers: no more probes than intervals, and the admin API counts the ones that came', async (context) => {
  const startedMs = performance.now();
  const {
    gateway,
    servers: [server],
  } = await start(context, 1, { health_check: { ...CHECK, jitter: '0%' } });
  await until('there are some', () => probes(server) >= 20);
  const came = probes(server);
  // One per interval at most, whatever the speed of the machine: a slow one only makes it less.
  assert.ok(came <= (performance.now() - startedMs) / 50 + 1, `${came} probes`);
  await until('the count follows', async () => ((await endpoints(gateway))[0].health?.probes ?? 0) >= came);
});

test('a reload ends the checks of removed endpoints and takes changed settings up', async (context) => {
  const {
    gateway,
    servers: [kept, removed],
  } = await start(context, 2);
  await until('both are probed', () => probes(kept) > 0 && probes(removed) > 0);
  gateway.writeConfig({
    backends: { b: { endpoints: kept.url, health_check: { ...CHECK, path: '/other' } } },
    routes: ROUTES,
  });
  await until('the new path is asked', () => kept.received().some(({ url }) => url === '/other'));
  const [before, beforeKept] = [removed.received().length, kept.received().length];
  await until('the kept one goes on', () => kept.received().length >= beforeKept + 5);
  // One probe may have been under way.
  assert.ok(removed.received().length <= before + 1);
});

test('requests go to the other backend of a route when health checks keep the first one out', async (context) => {
  const [primary, standby] = await servers(context, 2);
  const gateway = await startTestGateway(context, {
    config: {
      backends: { primary: { endpoints: primary.url, health_check: CHECK }, standby: { endpoints: standby.url } },
      routes: [
        {
          name: 'r',
          match: { path: '/*' },
          backends: [{ backend: 'primary' }, { backend: 'standby', tier: 1 }],
        },
      ],
      health_checks: { gateway_health: { path: '/ready', checks: ['downstream_services', 'cache_availability'] } },
    },
    args: ['--workers', '2'],
  });
  await until('known', async () => (await states(gateway))[0] === 'healthy');
  const ready = async () => {
    const response = await gateway.fetch('/ready');
    return [response.status, await response.json()];
  };
  const absent = { cache_availability: { status: 'not configured' } };
  const services = (status: string, usable: number) => ({ downstream_services: { status, usable, backends: 2 } });
  assert.deepEqual(await ready(), [200, { status: 'ok', checks: { ...services('ok', 2), ...absent } }]);
  primary.setFaults([unwell]);
  await until('out', async () => (await states(gateway))[0] === 'unhealthy');
  assert.deepEqual(await ready(), [200, { status: 'degraded', checks: { ...services('degraded', 1), ...absent } }]);
  assert.deepEqual(await statuses(gateway, 6), new Array(6).fill(200));
  assert.deepEqual([traffic(primary), traffic(standby)], [0, 6]);
  assert.equal(primary.received().filter(({ url }) => url === '/gateway/health').length, 0);
  assert.equal(
    (await gateway.fetch('/gateway/health')).headers.get('x-simulator') !== null,
    true,
    'that path is free now',
  );
});

test('an ejected endpoint whose health is good is taken back before its time', async (context) => {
  const {
    gateway,
    servers: [bad],
  } = await start(context, 2, {
    health_check: { ...CHECK, ends_ejection: true },
    outlier_detection: { consecutive_5xx: 2, base_ejection_time: '60s' },
  });
  await until('both are known', async () => (await states(gateway)).every((state) => state === 'healthy'));
  bad.setFaults([{ fault: 'status-500', path: '/x' }]);
  await until('a probe took it back', async () => {
    await statuses(gateway, 10);
    return /is no longer ejected: its health check is good/.test(gateway.stderr);
  });
});

const skip = hasOpenssl() ? false : 'openssl is not installed';

test('probes trust and ask for what requests to the backend do', { skip }, async (context) => {
  const made = makeCertificates();
  const endpoint = await RawEndpoint.start(
    answerEach(() => OK),
    made.server,
  );
  context.after(() => endpoint.close());
  const url = `https://127.0.0.1:${endpoint.port}`;
  const backend = (authority: object) => ({ endpoints: url, health_check: CHECK, tls: authority });
  const named = { ca: made.ca, server_name: 'endpoint.example' };
  const gateway = await startTestGateway(context, {
    config: { backends: { b: backend(named) }, routes: ROUTES },
    args: ['--workers', '1', '--watch'],
  });
  await until('trusted', async () => (await states(gateway))[0] === 'healthy');
  gateway.writeConfig({ backends: { b: backend({ ...named, server_name: 'other.example' }) }, routes: ROUTES });
  await until('refused', async () => (await endpoints(gateway))[0].health?.reason === 'certificate-refused');
});
