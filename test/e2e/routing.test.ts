// Plain proxying over real sockets: shares of weighted targets over several workers, and answers that are odd but legal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { describe, startPlainServer } from '../support/plain-server.ts';
import { startTestGateway } from './support/gateway.ts';

const names = ['one', 'two', 'three'] as const;
const simulators = await Promise.all(names.map((name) => startSimulator({ port: 0, name })));
const plain = await startPlainServer(FILE_SCOPE, (request, response) => {
  if (request.url === '/plain/no-content') response.writeHead(204).end();
  else if (request.url === '/plain/not-modified') response.writeHead(304, { etag: '"v1"' }).end();
  else if (request.url === '/plain/chunked') {
    response.write('first, ');
    response.end('second');
  } else if (request.url === '/plain/teapot') response.writeHead(418, 'Short and stout').end('tea');
  else describe(request, response);
});
const split = (weights: readonly number[]): readonly object[] =>
  weights.map((weight, index) => ({ backend: names[index], weight }));
const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '2'],
  config: {
    backends: {
      ...Object.fromEntries(names.map((name, index) => [name, { endpoints: [simulators[index].url] }])),
      plain: { endpoints: [plain.url] },
      weighted: {
        endpoints: [
          { url: simulators[0].url, weight: 3 },
          { url: simulators[1].url, weight: 1 },
        ],
      },
    },
    routes: [
      { name: 'four-to-one', match: { path: '/four-to-one/*' }, backends: split([80, 20]) },
      { name: 'three-ways', match: { path: '/three-ways/*' }, backends: split([50, 30, 20]) },
      { name: 'zero', match: { path: '/zero/*' }, backends: split([1, 0]) },
      { name: 'endpoints', match: { path: '/endpoints/*' }, backend: 'weighted' },
      { name: 'plain', match: { path: '/plain/*' }, backend: 'plain' },
    ],
  },
});
FILE_SCOPE.after(() => Promise.all(simulators.map((simulator) => simulator.close())));

async function shares(path: string, count: number): Promise<readonly number[]> {
  const client = new KeepAliveClient(FILE_SCOPE, gateway.url, 24);
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => client.send(`${path}/${index}`)));
  assert.ok(answers.every(({ status }) => status === 200));
  return names.map((name) => answers.filter(({ headers }) => headers['x-simulator'] === name).length / count);
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  for (const [index, share] of expected.entries())
    assert.ok(Math.abs(actual[index] - share) <= 0.02, `${actual} is not within 2 % of ${expected}`);
}

test('shares of weighted targets hold over two workers', async () => {
  assertNear(await shares('/four-to-one', 1000), [0.8, 0.2, 0]);
  assertNear(await shares('/three-ways', 1000), [0.5, 0.3, 0.2]);
  const text = await (await gateway.admin('/metrics')).text();
  const counted = metricSum(text, 'gateway_route_requests_total', { route: 'four-to-one', upstream: 'two' });
  assert.ok(counted >= 180 && counted <= 220, `${counted} counted`);
});

test('weight 0 gets nothing; endpoints of one backend share by weight', async () => {
  assert.deepEqual(await shares('/zero', 200), [1, 0, 0]);
  assertNear(await shares('/endpoints', 400), [0.75, 0.25, 0]);
});

test('HEAD, 204, 304, chunked and own reasons pass', async () => {
  const client = new KeepAliveClient(FILE_SCOPE, gateway.url);
  const head = await client.send('/plain/head', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.equal(head.headers['content-type'], 'application/json');
  const empty = await client.send('/plain/no-content', { method: 'DELETE' });
  assert.equal(empty.status, 204);
  assert.equal(empty.headers['content-length'], undefined);
  const same = await client.send('/plain/not-modified', { headers: { 'if-none-match': '"v1"' } });
  assert.equal(same.status, 304);
  assert.equal(same.headers.etag, '"v1"');
  assert.equal((await client.send('/plain/chunked')).text, 'first, second');
  const teapot = await client.send('/plain/teapot');
  assert.equal(teapot.status, 418);
  assert.equal(teapot.text, 'tea');
  assert.equal((await client.send('/plain/head')).status, 200, 'the connection is still in step');
});
