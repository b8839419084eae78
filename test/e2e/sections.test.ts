// A folder that is written in sections alone – routing_config, the rules, pools, least_conn_config, load_balancing, fallback,
// model_mapping – as one gateway of two workers over real sockets.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { type Got, KeepAliveClient } from '../support/keep-alive-client.ts';
import { type Described, describe, startPlainServer } from '../support/plain-server.ts';
import { runSwitchyard, startTestGateway, until } from './support/gateway.ts';

function named(name: string, answer = describe): Promise<{ readonly url: string }> {
  return startPlainServer(FILE_SCOPE, (request, response) => {
    response.setHeader('x-server', name);
    answer(request, response);
  });
}

/** Requests that wait until the test lets them go. */
class Gate {
  readonly waiting: (() => void)[] = [];
  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    this.waiting.push(() => describe(request, response));
  };

  open(): void {
    for (const go of this.waiting.splice(0)) go();
  }
}

/** Bytes of request bodies that have come so far, before they are complete. */
let uploadedBytes = 0;
const upload = (request: IncomingMessage, response: ServerResponse): void => {
  request.on('data', (piece: Buffer) => {
    uploadedBytes += piece.length;
  });
  describe(request, response);
};

let connections = 0;
const gate = new Gate();
const [blue, green, bulk, small, premium, standard, speechOne, speechTwo, held] = await Promise.all([
  named('blue'),
  named('green'),
  named('bulk', upload),
  named('small'),
  named('premium'),
  named('standard'),
  named('speech-one'),
  named('speech-two'),
  named('held', gate.answer),
]);
const brief = await startPlainServer(FILE_SCOPE, (request, response) => {
  response.setHeader('x-connection', request.headers.connection ?? 'none');
  describe(request, response);
});
brief.server.on('connection', () => {
  connections++;
});
/** Takes requests and dies of them. */
const dying = await startPlainServer(FILE_SCOPE, (request) => request.socket.destroy());
const models = await Promise.all(['main', 'second', 'third'].map((name) => startSimulator({ port: 0, name })));
FILE_SCOPE.after(() => Promise.all(models.map((simulator) => simulator.close())));

const hostOf = ({ url }: { readonly url: string }): string => url.slice('http://'.length);
const provider = (index: number): object => ({ provider: 'openai-compatible', base_url: `${models[index].url}/v1` });

const FILES: Readonly<Record<string, object>> = {
  'ai.json': {
    load_balancing: { enabled: true, strategy: 'weighted', weights: { main: 30, second: 10, third: 0 } },
    fallback: { fallback_order: ['third', 'second', 'main'], max_retries: 3 },
    model_mapping: { quick: 'second/small-model' },
  },
  'backends.yaml': {
    backends: {
      main: provider(0),
      second: provider(1),
      third: provider(2),
      bulk: {
        endpoints: [
          { url: dying.url, priority: 0 },
          { url: bulk.url, priority: 1 },
        ],
      },
      speech: { endpoints: [speechOne.url, speechTwo.url] },
      held: { endpoints: [held.url] },
      brief: { endpoints: [brief.url], labels: { kind: 'legacy' } },
    },
    routes: [
      { name: 'held', match: { path: '/held/*' }, backend: 'held' },
      { name: 'brief', match: { path: '/brief/*' }, backend: 'brief' },
    ],
  },
  'default.yaml': {
    routing_config: {
      algorithm: 'weighted_round_robin',
      upstream_targets: [
        { target: blue.url, weight: 70 },
        { target: hostOf(green), weight: 30 },
      ],
    },
    least_conn_config: {
      algorithm: 'least_conn_rt',
      parameters: { response_time_weight: 0.6, connection_count_weight: 0.4, slow_start_duration: '1s' },
      upstream_monitoring: {
        metrics: ['active_connections', 'response_time_p95', 'error_rate'],
        update_interval: '1s',
      },
    },
  },
  'pools.yaml': {
    connection_pooling: {
      upstream_pools: {
        held: { max_connections: 2, max_pending: 1, idle_timeout: '60s', keep_alive: true },
        legacy: { max_connections: 20, keep_alive: false },
      },
    },
  },
  'rules.yaml': {
    size_based_routing: {
      rules: [
        {
          condition: { content_length: '> 10KB' },
          target: 'bulk',
          timeout: '60s',
          buffer_size: '64KB',
        },
        {
          condition: { content_length: '> 10KB', path: '/streamed' },
          target: hostOf(bulk),
          buffer_size: '64KB',
        },
        { condition: { content_length: '< 1KB', methods: 'PUT' }, target: hostOf(small), priority: 'high' },
      ],
    },
    user_routing: {
      gold: {
        condition: { header: 'X-Plan', value: 'gold' },
        target: hostOf(premium),
        rate_limit: 'unlimited',
        priority: 'high',
        sla: '99.5%',
      },
      staff: { condition: { header: 'X-Plan', value: 'staff*' }, target: hostOf(standard), priority: 5 },
    },
    model_routing: {
      rules: [
        {
          condition: { header: 'X-Model', value: 'large' },
          target: hostOf(premium),
          resources: { cpu: '4000m', memory: '8Gi' },
        },
        { condition: { path: '/speech/*' }, target: 'speech', sticky_sessions: true },
      ],
    },
  },
};

const files = Object.fromEntries(Object.entries(FILES).map(([name, value]) => [name, JSON.stringify(value)]));
const gateway = await startTestGateway(FILE_SCOPE, { files, args: ['.', '--workers', '2'] });

const client = new KeepAliveClient(FILE_SCOPE, gateway.url, 8);
const serverOf = ({ headers }: Got): string => String(headers['x-server'] ?? headers['x-simulator']);
const bodyOf = ({ text }: Got): Described => JSON.parse(text) as Described;

test('the folder is accepted with nothing above a note', async () => {
  const { code, stdout } = await runSwitchyard(['check', gateway.folder]);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, / (?:warning|error) /);
});

test('what no rule takes is shared out over the targets of routing_config by their weights', async () => {
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => client.send(`/any/${index}`)));
  const ofBlue = answers.filter((answer) => serverOf(answer) === 'blue').length;
  assert.ok(Math.abs(ofBlue - 700) <= 10, String(ofBlue));
});

test('bodies go by their declared length, and those of unknown length with the large ones', async () => {
  const put = (bytes: number, headers: Readonly<Record<string, number>> = { 'content-length': bytes }): Promise<Got> =>
    client.send('/sized', { method: 'PUT', headers, body: [Buffer.alloc(bytes)] });
  assert.equal(serverOf(await put(500)), 'small');
  assert.match(serverOf(await put(5000)), /^(?:blue|green)$/);
  assert.equal(serverOf(await put(20_000)), 'bulk');
  assert.equal(serverOf(await put(10, {})), 'bulk', 'chunked');
});

test('buffer_size: a chunked body that fits is here before the first try, so another endpoint can get it again', async () => {
  const body = [randomBytes(20_000), randomBytes(20_000)];
  const answer = await client.send('/kept', { method: 'PUT', body });
  assert.equal(answer.status, 200);
  assert.equal(bodyOf(answer).bytes, 40_000, 'the endpoint before it died of the same request');
});

test('buffer_size: a longer body streams while it still arrives, and arrives whole', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<Described>();
  const outgoing = openRequest(`${gateway.url}/streamed`, { method: 'POST' }, (response) => {
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => pieces.push(piece));
    response.on('end', () => resolve(JSON.parse(Buffer.concat(pieces).toString()) as Described));
  });
  outgoing.on('error', reject);
  const before = uploadedBytes;
  outgoing.write(Buffer.alloc(200_000));
  await until('the endpoint has most of what is sent so far', () => uploadedBytes - before > 100_000);
  outgoing.end(Buffer.alloc(1000));
  assert.equal((await promise).bytes, 201_000);
});

test('users go where their plan says; a number as priority goes before everything else', async () => {
  const get = async (path: string, headers: Readonly<Record<string, string>>): Promise<string> =>
    serverOf(await client.send(path, { headers }));
  assert.equal(await get('/x', { 'x-plan': 'gold' }), 'premium');
  assert.equal(await get('/x', { 'x-plan': 'staff-eu' }), 'standard');
  assert.equal(await get('/speech/x', { 'x-plan': 'staff-eu' }), 'standard');
  assert.match(await get('/speech/x', { 'x-plan': 'gold' }), /^speech/);
  assert.match(await get('/x', { 'x-plan': 'free' }), /^(?:blue|green)$/);
  assert.equal(await get('/x', { 'x-model': 'large' }), 'premium');
});

test('sticky_sessions keep a client at its endpoint, whichever worker it meets', async () => {
  const get = async (cookie?: string): Promise<{ server: string; cookie: string | undefined }> => {
    const answer = await gateway.fetch('/speech/a', { headers: { connection: 'close', ...(cookie && { cookie }) } });
    await answer.text();
    const server = String(answer.headers.get('x-server'));
    return { server, cookie: answer.headers.get('set-cookie')?.split(';')[0] };
  };
  const first = await get();
  assert.match(String(first.cookie), /^session-speech=/);
  for (let turn = 0; turn < 10; turn++)
    assert.deepEqual(await get(first.cookie), { server: first.server, cookie: undefined });
});

test('a pool lets in as many as it says over both workers, and refuses who finds no place to wait', async () => {
  const send = (): Promise<Response> => gateway.fetch('/held/x', { headers: { connection: 'close' } });
  const metric = async (name: string): Promise<number> =>
    metricSum(await (await gateway.admin('/metrics')).text(), name, { upstream: 'held' });
  const admitted = [send(), send()];
  await until('both connections are in use', () => gate.waiting.length === 2);
  const pending = send();
  await until('one request waits', async () => (await metric('gateway_upstream_pending')) === 1);
  for (let turn = 0; turn < 6; turn++) {
    const refused = await send();
    assert.equal(refused.status, 503);
    assert.equal(((await refused.json()) as { code: string }).code, 'upstream.connection-limit');
  }
  assert.equal(gate.waiting.length, 2);
  gate.open();
  for (const answer of await Promise.all(admitted)) assert.equal(answer.status, 200);
  await until('who waited has its turn', () => gate.waiting.length === 1);
  gate.open();
  assert.equal((await pending).status, 200);
});

test('keep_alive: false of the pool with the label: every request has a connection of its own, and says so', async () => {
  for (let turn = 1; turn <= 5; turn++) {
    const answer = await client.send('/brief/x');
    assert.equal(answer.headers['x-connection'], 'close');
    assert.equal(connections, turn);
  }
});

const chat = (model: string): Promise<Response> =>
  gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });

async function ask(model: string): Promise<string> {
  const answer = await chat(model);
  assert.equal(answer.status, 200);
  await answer.text();
  return String(answer.headers.get('x-simulator'));
}

test('load_balancing shares by weight, an alias goes to its own provider', async () => {
  const counts = new Map<string, number>();
  for (let turn = 0; turn < 80; turn++) {
    const name = await ask('some-model');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  // Each worker has turns of its own: what is left over of one round differs.
  assert.ok(Math.abs((counts.get('main') ?? 0) - 60) <= 4, JSON.stringify([...counts]));
  assert.equal(counts.has('third'), false, 'weight 0 stands by');
  assert.equal(await ask('quick'), 'second');
  assert.equal(models[1].received().at(-1)?.body?.model, 'small-model');
});

test('when the provider chosen fails, the order of fallback says who is asked', async () => {
  models[0].setFaults([{ fault: 'status-503' }]);
  models[1].setFaults([{ fault: 'status-503' }]);
  for (let turn = 0; turn < 8; turn++) assert.equal(await ask('some-model'), 'third');
  models[2].setFaults([{ fault: 'status-503' }]);
  models[1].setFaults([]);
  for (let turn = 0; turn < 8; turn++) assert.equal(await ask('some-model'), 'second');
  for (const simulator of models) simulator.setFaults([]);
});

test('explain names every rule tried by its section, and what the target needs', async () => {
  const { stdout } = await runSwitchyard(['explain', gateway.folder, '/x', '-H', 'X-Model: large']);
  assert.match(stdout, /✗ user_routing\.staff .*rules\.yaml:1/);
  assert.match(stdout, /✓ model_routing\.1 .*rules\.yaml:1/);
  assert.match(stdout, /needs {4}cpu 4000m, memory 8Gi/);
});

test('the promise of a rule is a gauge', async () => {
  const text = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(text, 'gateway_route_sla_target', { route: 'user_routing.gold' }), 0.995);
  assert.equal(metricSum(text, 'gateway_route_error_budget_ratio', { route: 'user_routing.gold' }), 1);
});
