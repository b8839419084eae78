// Choosing among endpoints over real sockets and two workers: shares, slow endpoints, keys, sessions, priorities.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { type Got, KeepAliveClient } from '../support/keep-alive-client.ts';
import { startTestGateway, until } from './support/gateway.ts';

const names = ['one', 'two', 'three'] as const;
const simulators = await Promise.all(names.map((name) => startSimulator({ port: 0, name })));
const slow: Simulator = await startSimulator({ port: 0, name: 'slow', faults: [{ fault: 'latency-400ms' }] });
/** Quick by comparison, and slow enough that a hiccup of the machine is not several times their time. */
const steady = await Promise.all(
  ['one', 'two'].map((name) => startSimulator({ port: 0, name, faults: [{ fault: 'latency-20ms' }] })),
);
FILE_SCOPE.after(() => Promise.all([...simulators, ...steady, slow].map((simulator) => simulator.close())));
const [one, two, three] = simulators.map(({ url }) => url);

const SECRET = 'a-secret-for-this-test';

function config(stickyEndpoints: readonly object[]): object {
  const all = [one, two, three];
  const backends = {
    wrr: {
      endpoints: [
        { url: one, weight: 70 },
        { url: two, weight: 30 },
      ],
    },
    rt: { endpoints: [...steady.map(({ url }) => url), slow.url], balancer: 'least_conn_rt' },
    p2c: { endpoints: [...steady.map(({ url }) => url), slow.url], balancer: 'p2c' },
    hashed: { endpoints: all, balancer: { name: 'ring_hash', hash_on: { header: 'X-User' } } },
    model: {
      provider: 'openai',
      base_url: `${one}/v1`,
      api_key: 'k',
      endpoints: all,
      balancer: { name: 'maglev', hash_on: 'model' },
    },
    sticky: { endpoints: stickyEndpoints, sticky: { cookie: 'sid', ttl: '1h', secret: SECRET } },
    header: { endpoints: all, sticky: { header: 'X-Session' }, balancer: 'random' },
    standby: { endpoints: [{ url: 'http://127.0.0.1:1' }, { url: two, priority: 1 }] },
  };
  const routes = Object.keys(backends).map((name) => ({
    name,
    match: { path: name === 'model' ? '/v1/*' : `/${name}/*` },
    backend: name,
  }));
  return { backends, routes };
}

const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '2', '--watch'],
  config: config([{ url: one }, { url: two }]),
});

const nameOf = ({ headers }: Got): string => String(headers['x-simulator']);

async function tally(path: string, count: number, connections: number): Promise<ReadonlyMap<string, number>> {
  const client = new KeepAliveClient(FILE_SCOPE, gateway.url, connections);
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => client.send(`${path}/${index}`)));
  const counts = new Map<string, number>();
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    counts.set(nameOf(answer), (counts.get(nameOf(answer)) ?? 0) + 1);
  }
  return counts;
}

test('weighted_round_robin keeps 70/30 to 1 % of 1,000 requests over two workers', async () => {
  const counts = await tally('/wrr', 1000, 16);
  assert.ok(Math.abs((counts.get('one') ?? 0) - 700) <= 10, JSON.stringify([...counts]));
});

for (const balancer of ['rt', 'p2c']) {
  test(`${balancer} leaves the slow endpoint alone`, async () => {
    await tally(`/${balancer}`, 20, 4);
    const counts = await tally(`/${balancer}`, 300, 4);
    assert.ok((counts.get('slow') ?? 0) <= 3, JSON.stringify([...counts]));
    assert.ok(Math.min(counts.get('one') ?? 0, counts.get('two') ?? 0) > 50, JSON.stringify([...counts]));
  });
}

test('ring_hash takes every user to an endpoint of their own, from any worker', async () => {
  const client = new KeepAliveClient(FILE_SCOPE, gateway.url, 8);
  const owners = new Set<string>();
  // Ports, and so the ring, differ in every run: six users were all of one endpoint's now and then.
  for (const user of Array.from({ length: 18 }, (_, index) => `user-${index}`)) {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => client.send('/hashed/x', { headers: { 'x-user': user } })),
    );
    // In turns of few: with all at once the bound on the load of one endpoint comes in.
    const sequential: Got[] = [];
    for (let turn = 0; turn < 4; turn++)
      sequential.push(await client.send('/hashed/x', { headers: { 'x-user': user } }));
    assert.equal(new Set(sequential.map(nameOf)).size, 1, user);
    assert.ok(answers.some((answer) => nameOf(answer) === nameOf(sequential[0])));
    owners.add(nameOf(sequential[0]));
  }
  assert.ok(owners.size > 1);
});

test('maglev by model: one model, one endpoint', async () => {
  const ask = async (model: string): Promise<string> => {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] });
    const answer = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await answer.text();
    return String(answer.headers.get('x-simulator'));
  };
  const owners = new Set<string>();
  for (const model of ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']) {
    const asked = [await ask(model), await ask(model), await ask(model)];
    assert.equal(new Set(asked).size, 1, model);
    owners.add(asked[0]);
  }
  assert.ok(owners.size > 1);
});

test('a sticky cookie keeps its endpoint over workers and reloads, drains with weight 0, and moves when it is gone', async () => {
  const get = async (cookie?: string): Promise<{ name: string; cookie: string | undefined }> => {
    const answer = await gateway.fetch('/sticky/x', { headers: { connection: 'close', ...(cookie && { cookie }) } });
    await answer.text();
    const set = answer.headers.get('set-cookie');
    return { name: String(answer.headers.get('x-simulator')), cookie: set?.split(';')[0] };
  };
  const first = await get();
  assert.match(String(first.cookie), /^sid=[\w.-]+$/);
  for (let turn = 0; turn < 8; turn++)
    assert.deepEqual(await get(first.cookie), { name: first.name, cookie: undefined });
  const forged = first.cookie?.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  assert.notEqual((await get(forged)).cookie, undefined, 'a forged cookie is worth nothing');

  const others = [one, two, three].filter((_, index) => names[index] !== first.name).map((url) => ({ url }));
  const own = simulators[names.indexOf(first.name as (typeof names)[number])].url;
  const reload = async (endpoints: readonly object[]): Promise<void> => {
    const generation = async (): Promise<unknown> =>
      ((await (await gateway.admin('/gateway/health')).json()) as { generation: unknown }).generation;
    const before = await generation();
    gateway.writeConfig(config(endpoints));
    await until('the configuration is loaded', async () => (await generation()) !== before);
  };
  await reload([...others, { url: own, weight: 0 }]);
  assert.equal((await get(first.cookie)).name, first.name);
  for (let turn = 0; turn < 6; turn++) assert.notEqual((await get()).name, first.name);

  await reload(others);
  const moved: Awaited<ReturnType<typeof get>>[] = [];
  for (let turn = 0; turn < 6; turn++) moved.push(await get(first.cookie));
  assert.equal(new Set(moved.map(({ name }) => name)).size, 1, 'all requests of the session agree');
  assert.notEqual(moved[0].name, first.name);
  assert.equal((await get(moved[0].cookie)).name, moved[0].name);
});

test('a sticky header: what the answer says is where the next request goes', async () => {
  const client = new KeepAliveClient(FILE_SCOPE, gateway.url, 4);
  const first = await client.send('/header/x');
  const session = String(first.headers['x-session']);
  for (let turn = 0; turn < 8; turn++) {
    const again = await client.send('/header/x', { headers: { 'x-session': session } });
    assert.equal(nameOf(again), nameOf(first));
  }
});

test('a higher priority number serves while the lower one is down', async () => {
  const counts = await tally('/standby', 20, 4);
  assert.equal(counts.get('two'), 20);
});
