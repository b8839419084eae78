// Regions and zones over real sockets and two workers: who answers, how much leaves the own zone, failover and the way back, and what
// operators see of it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { metricSum } from '../support/exposition.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { runSwitchyard, startTestGateway, type TestGateway, until } from './support/gateway.ts';

async function simulators(context: TestContext, names: readonly string[]): Promise<readonly Simulator[]> {
  const servers = await Promise.all(names.map((name) => startSimulator({ port: 0, name })));
  context.after(() => Promise.all(servers.map((server) => server.close())));
  return servers;
}

/** Answers by simulator; every one must be 200. */
async function tally(client: KeepAliveClient, count: number, headers: Readonly<Record<string, string>> = {}) {
  const counts: Record<string, number> = {};
  const answers = await Promise.all(Array.from({ length: count }, () => client.send('/x', { headers })));
  for (const { status, headers: fields } of answers) {
    assert.equal(status, 200);
    const name = String(fields['x-simulator']);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

interface RegionsAnswer {
  readonly regions: readonly { readonly name: string; readonly state: string; readonly reasons: readonly string[] }[];
  readonly dns?: {
    readonly ttlSeconds: number;
    readonly default: { readonly region: string; readonly hosts: readonly string[] };
  };
}

async function regionsOf(gateway: TestGateway): Promise<RegionsAnswer> {
  return (await (await gateway.admin('/api/v1/regions')).json()) as RegionsAnswer;
}

async function states(gateway: TestGateway): Promise<readonly string[]> {
  return (await regionsOf(gateway)).regions.map(({ state }) => state);
}

const ARGS = ['--workers', '2'];

test('a client is answered by its own region, by another while that is down, and by the default one when nobody vouches', async (context) => {
  const [north, south] = await simulators(context, ['north', 'south']);
  const listeners = [
    { name: 'trusting', address: '127.0.0.1', trusted_proxies: ['127.0.0.1'] },
    { name: 'open', port: 0, address: '127.0.0.1' },
  ];
  const config = {
    listeners,
    geo_routing: {
      regions: { north: { endpoints: [north.url], clients: ['NO', 'SE'] }, south: { endpoints: [south.url] } },
      region_header: 'X-Country',
      default_region: 'south',
    },
  };
  const gateway = await startTestGateway(context, { args: ARGS, config });
  const client = new KeepAliveClient(context, gateway.url, 8);
  assert.deepEqual(await tally(client, 20, { 'x-country': 'se' }), { north: 20 });
  assert.deepEqual(await tally(client, 20, { 'x-country': 'North' }), { north: 20 });
  assert.deepEqual(await tally(client, 20, { 'x-country': 'atlantis' }), { south: 20 });
  assert.deepEqual(await tally(client, 20), { south: 20 });
  const health = (await (await gateway.admin('/gateway/health')).json()) as {
    listeners: { id: string; url: string }[];
  };
  const stranger = new KeepAliveClient(context, String(health.listeners.find(({ id }) => id === 'open')?.url), 2);
  assert.deepEqual(await tally(stranger, 10, { 'x-country': 'NO' }), { south: 10 });

  const explained = await gateway.admin('/api/v1/explain', { method: 'POST', body: '{"path": "/x"}' });
  const { locality, result } = (await explained.json()) as {
    locality: { clientRegion: string; levels: { places: { place: string; share: number }[] }[] };
    result: { endpoint: string };
  };
  assert.deepEqual(
    [locality.clientRegion, locality.levels[0].places[0].place, result.endpoint],
    ['south', 'south', south.url],
  );

  await north.close();
  // The first of them finds out and is rescued by the other region, like all that follow.
  assert.deepEqual(await tally(client, 30, { 'x-country': 'NO' }), { south: 30 });
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_upstream_health', { datacenter: 'north' }), 0);
  assert.equal(metricSum(metrics, 'gateway_upstream_health', { datacenter: 'south' }), 1);
  assert.equal(metricSum(metrics, 'gateway_region_state', { region: 'north', state: 'out' }), 1);
});

test('the cap on other zones holds exactly over two workers, and gives way when the own zone is lost', async (context) => {
  const servers = await simulators(context, ['a1', 'a2', 'b1', 'c1']);
  const gateway = await startTestGateway(context, {
    args: ARGS,
    environment: { SWITCHYARD_ZONE: 'hall-a' },
    config: {
      backends: {
        shop: {
          endpoints: servers.map(({ url }, index) => ({ url, zone: ['hall-a', 'hall-a', 'hall-b', 'hall-c'][index] })),
        },
      },
      routes: [{ name: 'all', match: { path: '/*' }, backend: 'shop' }],
      datacenter_routing: {
        zones: { 'hall-a': { capacity: '40%' }, 'hall-b': { capacity: '35%' }, 'hall-c': { capacity: '25%' } },
        cross_zone_routing: { max_cross_zone_ratio: '30%' },
      },
    },
  });
  const client = new KeepAliveClient(context, gateway.url, 16);
  const before = await tally(client, 1000);
  const across = (before.b1 ?? 0) + (before.c1 ?? 0);
  assert.ok(across <= 300 && across >= 200, JSON.stringify(before));
  const metric = async (labels: Readonly<Record<string, string>>): Promise<number> =>
    metricSum(await (await gateway.admin('/metrics')).text(), 'gateway_upstream_locality_requests_total', labels);
  assert.equal(await metric({ own_zone: 'other' }), across);
  assert.equal(await metric({ own_zone: 'own', zone: 'hall-a' }), 1000 - across);

  await servers[0].close();
  await servers[1].close();
  const after = await tally(client, 200);
  assert.deepEqual([after.a1, after.a2, (after.b1 ?? 0) + (after.c1 ?? 0)], [undefined, undefined, 200]);
  assert.match(gateway.stderr, /listening/);
  await until('the breach is said', () => /backend shop: more leaves zone hall-a than its cap/.test(gateway.stderr));
  const breaches = metricSum(await (await gateway.admin('/metrics')).text(), 'gateway_cross_zone_breaches_total', {});
  assert.ok(breaches > 100, `${breaches}`);
});

test('a primary region that fails its conditions is left and taken back after its hold-down; an operator may do the same', async (context) => {
  const [fra, ams] = await simulators(context, ['fra', 'ams']);
  const gateway = await startTestGateway(context, {
    args: ARGS,
    config: {
      backends: {
        api: {
          endpoints: [
            { url: fra.url, region: 'fra' },
            { url: ams.url, region: 'ams' },
          ],
        },
      },
      routes: [{ name: 'all', match: { path: '/*' }, backend: 'api' }],
      multi_region: {
        primary_region: 'fra',
        secondary_regions: ['ams'],
        failover_conditions: [{ error_rate: '> 20%' }],
        failover: {
          window: '200ms',
          leave_after: '2/3',
          return_after: '2/2',
          hold_down: '3s',
          min_requests: 5,
          ramp: '0s',
        },
        dns_failover: { ttl: '60s' },
      },
    },
  });
  const client = new KeepAliveClient(context, gateway.url, 4);
  const send = (count: number) => Promise.all(Array.from({ length: count }, () => client.send('/x')));
  assert.deepEqual(await tally(client, 20), { fra: 20 });
  assert.deepEqual(await states(gateway), ['active', 'standby']);

  fra.setFaults([{ fault: 'status-500' }]);
  const left = await until('the region is left', async () => {
    await send(20);
    const answer = await regionsOf(gateway);
    return answer.regions.map(({ state }) => state).join() === 'out,active' ? answer : undefined;
  });
  assert.match(left.regions[0].reasons.join(), /^errors \d/);
  assert.deepEqual(left.dns?.default, { for: '*', region: 'ams', hosts: ['127.0.0.1'] });
  fra.setFaults([]);
  await until('both workers know', async () => Object.keys(await tally(client, 20)).join() === 'ams');
  await until('the region is taken back', async () => (await states(gateway)).join() === 'active,standby');
  await until('both workers know it', async () => Object.keys(await tally(client, 20)).join() === 'fra');
  assert.match(gateway.stderr, /region fra has failed: errors [\d.]+ % > 20 %/);
  assert.match(gateway.stderr, /region fra is taken back/);

  const force = (value: string) =>
    gateway.admin('/api/v1/regions', { method: 'POST', body: JSON.stringify({ region: 'fra', force: value }) });
  assert.equal((await force('out')).status, 200);
  await until('the other answers', async () => Object.keys(await tally(client, 20)).join() === 'ams');
  assert.equal((await force('auto')).status, 200);
  await until('the first is back', async () => Object.keys(await tally(client, 20)).join() === 'fra');
});

test('check says where failover could never act', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const config = JSON.stringify({
    backends: { api: { endpoints: [{ url: 'http://127.0.0.1:1', region: 'fra', zone: 'a' }, 'http://127.0.0.1:2'] } },
    routes: [{ name: 'all', match: { path: '/*' }, backend: 'api' }],
    multi_region: {
      primary_region: 'fra',
      secondary_regions: ['ams'],
      failover_conditions: [{ primary_health: '< 95%' }],
    },
    datacenter_routing: { zones: { a: {}, b: {} }, cross_zone_routing: { penalty_factor: 2 } },
  });
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, config);
  const { stdout, code } = await runSwitchyard(['check', path]);
  assert.equal(code, 0);
  for (const expected of [
    /warning config.empty-region no endpoint is in the region "ams" of multi_region/,
    /warning config.no-health-signal failover of the backend "api" sees only endpoints that take no connection/,
    /warning config.outside-region endpoints of the backend "api" are in no region of multi_region/,
    /warning config.empty-zone no endpoint is in the zone "b" of datacenter_routing/,
    /note config.no-local-zone the zone of this gateway is not known/,
  ])
    assert.match(stdout, expected);
});
