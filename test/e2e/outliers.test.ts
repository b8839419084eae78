// Outlier detection over real sockets and two workers: the bad endpoint goes after its failures in a row, comes back, and the last
// one stays.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { metricSum } from '../support/exposition.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { statuses } from './support/statuses.ts';

interface Setup {
  readonly gateway: TestGateway;
  readonly servers: readonly Simulator[];
}

async function start(context: TestContext, count: number, detection: object): Promise<Setup> {
  const servers = await Promise.all(
    Array.from({ length: count }, (_, i) => startSimulator({ port: 0, name: `s${i}` })),
  );
  context.after(() => Promise.all(servers.map((server) => server.close())));
  const gateway = await startTestGateway(context, {
    config: {
      backends: { b: { endpoints: servers.map(({ url }) => url), outlier_detection: detection } },
      routes: [{ name: 'r', match: { path: '/*' }, backend: 'b' }],
    },
    args: ['--workers', '2'],
  });
  return { gateway, servers };
}

interface EndpointView {
  readonly usable: boolean;
  readonly reasons: readonly string[];
  readonly ejection?: { readonly count: number };
}

async function endpoints(gateway: TestGateway): Promise<readonly EndpointView[]> {
  const { backends } = (await (await gateway.admin('/api/v1/backends')).json()) as {
    backends: readonly { endpoints: readonly EndpointView[] }[];
  };
  return backends[0].endpoints;
}

test('the bad one of two is ejected after exactly its failures in a row, and comes back', async (context) => {
  const { gateway, servers } = await start(context, 2, { consecutive_5xx: 3, base_ejection_time: '2s' });
  servers[0].setFaults([{ fault: 'status-500' }]);
  const answers = await statuses(gateway, 20);
  assert.equal(answers.filter((status) => status === 500).length, 3);
  assert.equal(servers[0].received().length, 3);
  const [bad, fine] = await endpoints(gateway);
  assert.deepEqual([bad.usable, bad.reasons, bad.ejection?.count], [false, ['ejected-consecutive-5xx'], 1]);
  assert.deepEqual([fine.usable, fine.reasons], [true, []]);
  const metrics = await (await gateway.admin('/metrics')).text();
  const out = { upstream: 'b', reason: 'ejected-consecutive-5xx' };
  assert.equal(metricSum(metrics, 'gateway_upstream_endpoints_out', out), 1);
  assert.equal(metricSum(metrics, 'gateway_upstream_health', { upstream: 'b' }), 0.5);
  servers[0].setFaults([]);
  await until('it is back', async () => (await endpoints(gateway))[0].usable);
  servers[0].clearReceived();
  assert.deepEqual(await statuses(gateway, 10), new Array(10).fill(200));
  assert.ok(servers[0].received().length > 0);
});

test('the last endpoint stays whatever it answers', async (context) => {
  const { gateway, servers } = await start(context, 2, { consecutive_5xx: 2, max_ejection_percent: 100 });
  for (const server of servers) server.setFaults([{ fault: 'status-500' }]);
  await statuses(gateway, 20);
  assert.deepEqual((await endpoints(gateway)).map(({ usable }) => usable).toSorted(), [false, true]);
});

test('endpoints are compared once per interval, and the worse one goes', async (context) => {
  const { gateway, servers } = await start(context, 5, {
    consecutive_5xx: 0,
    success_rate_request_volume: 5,
    interval: '500ms',
    base_ejection_time: '30s',
  });
  servers[4].setFaults([{ fault: 'status-500', percent: 60 }]);
  await until('the worse one is out', async () => {
    await Promise.all([statuses(gateway, 20), statuses(gateway, 20), statuses(gateway, 20)]);
    return !(await endpoints(gateway))[4].usable;
  });
  assert.deepEqual(
    (await endpoints(gateway)).map(({ reasons }) => reasons),
    [[], [], [], [], ['ejected-success-rate']],
  );
});
