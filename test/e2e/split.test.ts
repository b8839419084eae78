// Users divided by a key over real sockets and two workers: each stays with the backend that the published hash gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmur3 } from '../../src/base/murmur3.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { startTestGateway } from './support/gateway.ts';

const simulators = await Promise.all(['old', 'new'].map((name) => startSimulator({ port: 0, name })));
FILE_SCOPE.after(() => Promise.all(simulators.map((simulator) => simulator.close())));

const SEED = 11;
const shares = [
  { backend: 'old', weight: 70 },
  { backend: 'new', weight: 30 },
];
const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '2'],
  config: {
    backends: {
      old: { endpoints: [simulators[0].url] },
      new: { endpoints: [simulators[1].url] },
      gone: { endpoints: ['http://127.0.0.1:1'] },
    },
    routes: [
      {
        name: 'split',
        match: { path: '/s/*' },
        backends: shares,
        split: { key: [{ header: 'X-Session-Id' }, { query: 'user' }], seed: SEED },
      },
      {
        name: 'gone',
        match: { path: '/g/*' },
        backends: [
          { backend: 'gone', weight: 99 },
          { backend: 'new', weight: 1 },
        ],
        split: { key: { header: 'X-Session-Id' } },
      },
    ],
  },
});

async function backendFor(path: string, headers: Record<string, string>): Promise<string> {
  const client = new KeepAliveClient(FILE_SCOPE, gateway.url, 1);
  const got = await client.send(path, { headers });
  assert.equal(got.status, 200);
  return String(got.headers['x-simulator']);
}

const expected = (key: string): string => (murmur3(key, SEED) % 100 < 70 ? 'old' : 'new');

test('a key has the backend of its bucket, from a header or else the query, in every worker', async () => {
  const seen = new Set<string>();
  for (let user = 0; user < 24; user++) {
    const key = `session-${user}`;
    seen.add(expected(key));
    assert.equal(await backendFor('/s/x', { 'X-Session-Id': key }), expected(key), key);
    assert.equal(await backendFor(`/s/x?user=${key}`, {}), expected(key), key);
  }
  assert.equal(seen.size, 2);
});

test('without the key the weighted turn reaches both', async () => {
  const seen = new Set<string>();
  for (let turn = 0; turn < 40; turn++) seen.add(await backendFor('/s/x', {}));
  assert.deepEqual([...seen].sort(), ['new', 'old']);
});

test('where the backend of the key is away, the other one answers', async () => {
  for (let user = 0; user < 5; user++) assert.equal(await backendFor('/g/x', { 'X-Session-Id': `u${user}` }), 'new');
});
