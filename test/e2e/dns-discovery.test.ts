// Endpoints found by name over real sockets, a DNS server and two workers: they come and go without a failed request, and stay while
// nobody answers for the name.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { hasOpenssl, makeCertificates } from '../support/certificates.ts';
import { DnsServer, type Zone } from '../support/dns-server.ts';
import { metricSum } from '../support/exposition.ts';
import { startPlainServer } from '../support/plain-server.ts';
import { answerEach, OK, RawEndpoint } from '../support/raw-endpoint.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { statuses } from './support/statuses.ts';

const NAME = 'svc.test';
const ROUTES = [{ name: 'r', match: { path: '/*' }, backend: 'b' }];
/** Other systems have one loopback address. */
const skip = process.platform === 'linux' ? false : 'needs 127.0.0.2 and more';

/** One service at several addresses and one port, any free one unless it is given. */
async function startAt(context: TestContext, addresses: readonly string[], at = 0): Promise<readonly Simulator[]> {
  for (let attempt = 0; ; attempt++) {
    const started: Simulator[] = [];
    try {
      for (const address of addresses) {
        const port = started.length === 0 ? at : Number(new URL(started[0].url).port);
        started.push(await startSimulator({ port, address, name: address }));
      }
      context.after(() => Promise.all(started.map((server) => server.close())));
      return started;
    } catch (error) {
      // The port is somebody else's at another address.
      await Promise.all(started.map((server) => server.close()));
      if (attempt > 5) throw error;
    }
  }
}

interface Setup {
  readonly gateway: TestGateway;
  readonly dns: DnsServer;
  readonly servers: readonly Simulator[];
  readonly config: { readonly service_discovery: object; readonly backends: object; readonly routes: object };
}

function configOf(dns: DnsServer, port: number): Setup['config'] {
  return {
    service_discovery: { dns: { resolver: dns.address, min_ttl: '50ms', max_ttl: '100ms', negative_ttl: '50ms' } },
    backends: { b: { dns: `${NAME}:${port}` } },
    routes: ROUTES,
  };
}

async function start(
  context: TestContext,
  count: number,
  zone: (addresses: readonly string[]) => Zone,
): Promise<Setup> {
  const addresses = Array.from({ length: count }, (_, index) => `127.0.0.${index + 1}`);
  const servers = await startAt(context, addresses);
  const dns = await DnsServer.start(context, zone(addresses));
  const { port } = new URL(servers[0].url);
  const config = configOf(dns, Number(port));
  const gateway = await startTestGateway(context, { config, args: ['--workers', '2', '--watch'] });
  return { gateway, dns, servers, config };
}

interface View {
  readonly dns?: { readonly error?: string; readonly answeredSecondsAgo?: number };
  readonly endpoints: readonly { readonly url: string; readonly requests: number }[];
}

async function view(gateway: TestGateway): Promise<View> {
  const { backends } = (await (await gateway.admin('/api/v1/backends')).json()) as { backends: readonly View[] };
  return backends[0];
}

async function untilAt(gateway: TestGateway, addresses: readonly string[]): Promise<void> {
  const wanted = addresses.toSorted().join();
  await until(`endpoints ${wanted}`, async () => {
    const { endpoints } = await view(gateway);
    const hosts = endpoints.map(({ url }) => new URL(url).hostname);
    return hosts.toSorted().join() === wanted;
  });
}

test('endpoints come and go under load without a failed request, and what is under way finishes', {
  skip,
}, async (context) => {
  const held: ServerResponse[] = [];
  const first = await startPlainServer(context, (request, response) => {
    if (request.url === '/held') held.push(response);
    else response.end();
  });
  const port = Number(new URL(first.url).port);
  const servers = await startAt(context, ['127.0.0.2', '127.0.0.3', '127.0.0.4'], port);
  const dns = await DnsServer.start(context, { [NAME]: ['127.0.0.1'] });
  const gateway = await startTestGateway(context, { config: configOf(dns, port), args: ['--workers', '2'] });
  const answers: number[] = [];
  let isOver = false;
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver) answers.push(...(await statuses(gateway, 1)));
  });
  const underWay = gateway.fetch('/held');
  await until('it is there', () => held.length > 0);
  const sets = [
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.2', '127.0.0.3'],
    ['127.0.0.3'],
    ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'],
    ['127.0.0.4'],
  ];
  for (const addresses of sets) {
    dns.zone = { [NAME]: addresses };
    await untilAt(gateway, addresses);
    const before = answers.length;
    await until('requests go on', () => answers.length > before + 10);
  }
  isOver = true;
  await Promise.all(load);
  held[0].end('late');
  assert.equal(await (await underWay).text(), 'late', 'its endpoint is gone, and it is answered');
  assert.deepEqual([...new Set(answers)], [200]);
  for (const server of servers) assert.ok(server.received().length > 0);
  // Nothing new reaches who is gone.
  const gone = servers.slice(0, 2).map((server) => server.received().length);
  await statuses(gateway, 20);
  assert.deepEqual(
    servers.slice(0, 2).map((server) => server.received().length),
    gone,
  );
});

test('the resolver dies and traffic goes on; a reload keeps what is known', { skip }, async (context) => {
  const { gateway, dns, config } = await start(context, 2, (addresses) => ({ [NAME]: addresses }));
  await untilAt(gateway, ['127.0.0.1', '127.0.0.2']);
  dns.zone = { [NAME]: 'failed' };
  await until('it is seen', async () => (await view(gateway)).dns?.error !== undefined);
  assert.deepEqual([...new Set(await statuses(gateway, 20))], [200]);
  gateway.writeConfig({ ...config, routes: [{ ...ROUTES[0], name: 'other' }] });
  await until('the reload took effect', async () => {
    const { generation } = (await (await gateway.admin('/gateway/health')).json()) as { generation: number };
    return generation === 2;
  });
  assert.deepEqual([...new Set(await statuses(gateway, 20))], [200]);
  assert.equal((await view(gateway)).endpoints.length, 2);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.ok(metricSum(metrics, 'gateway_dns_resolutions_total', { name: NAME, result: 'ESERVFAIL' }) > 0);
  assert.ok(metricSum(metrics, 'gateway_dns_resolutions_total', { name: NAME, result: 'found' }) > 0);
  assert.match(metrics, /gateway_dns_age_seconds\{name="svc\.test"\} \d/);
  dns.zone = { [NAME]: ['127.0.0.2'] };
  await untilAt(gateway, ['127.0.0.2']);
  assert.match(gateway.stderr, /dns: svc\.test is not resolved \(ESERVFAIL\); 2 known endpoints stay in use\n/);
  assert.match(gateway.stderr, /dns: svc\.test is resolved again\n/);
});

test('a name without an address is an error of its own, until it has one', { skip }, async (context) => {
  const { gateway, dns } = await start(context, 1, () => ({}));
  const response = await gateway.fetch('/x');
  assert.equal(response.status, 502);
  assert.match(response.headers.get('proxy-status') ?? '', /; error=dns_error/);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_upstream_health', { upstream: 'b' }), 0);
  dns.zone = { [NAME]: ['127.0.0.1'] };
  await untilAt(gateway, ['127.0.0.1']);
  await until('it is served', async () => (await statuses(gateway, 1))[0] === 200);
  dns.zone = {};
  await untilAt(gateway, []);
  assert.equal((await gateway.fetch('/x')).status, 502);
});

test('services give port, priority and weight', { skip }, async (context) => {
  const [first, second] = await startAt(context, ['127.0.0.1', '127.0.0.2']);
  const port = Number(new URL(first.url).port);
  const service = (target: string, priority: number) => ({ target, port, priority, weight: 1 });
  const dns = await DnsServer.start(context, {
    '_http._tcp.svc.test': [service('one.test', 0), service('two.test', 1)],
    'one.test': ['127.0.0.1'],
    'two.test': ['127.0.0.2'],
  });
  const gateway = await startTestGateway(context, {
    config: {
      service_discovery: { dns: { resolver: dns.address, min_ttl: '50ms', max_ttl: '100ms' } },
      backends: { b: { dns: '_http._tcp.svc.test' } },
      routes: ROUTES,
    },
    args: ['--workers', '2'],
  });
  await untilAt(gateway, ['127.0.0.1', '127.0.0.2']);
  await statuses(gateway, 10);
  assert.deepEqual([first.received().length, second.received().length], [10, 0]);
  dns.zone = { '_http._tcp.svc.test': [service('two.test', 1)], 'two.test': ['127.0.0.2'] };
  await untilAt(gateway, ['127.0.0.2']);
  await until('the other one serves', async () => {
    await statuses(gateway, 1);
    return second.received().length > 0;
  });
});

const skipTls = hasOpenssl() ? false : 'openssl is not installed';

test('certificate and Host are those of the name, whatever its address', { skip: skipTls }, async (context) => {
  const made = makeCertificates();
  const endpoint = await RawEndpoint.start(
    answerEach(() => OK),
    made.server,
  );
  context.after(() => endpoint.close());
  const dns = await DnsServer.start(context, { 'endpoint.example': ['127.0.0.1'] });
  const gateway = await startTestGateway(context, {
    config: {
      service_discovery: { dns: { resolver: dns.address } },
      backends: {
        b: {
          dns: `https://endpoint.example:${endpoint.port}`,
          tls: { ca: made.ca },
          health_check: { interval: '50ms', timeout: '10s' },
        },
      },
      routes: ROUTES,
    },
    args: ['--workers', '1'],
  });
  assert.equal((await gateway.fetch('/x')).status, 200);
  await until('it is probed', () => endpoint.connections.some(({ text }) => text.startsWith('GET /health ')));
  for (const { text } of endpoint.connections)
    assert.match(text, new RegExp(`\r\nhost: endpoint\\.example:${endpoint.port}\r\n`, 'i'));
});
