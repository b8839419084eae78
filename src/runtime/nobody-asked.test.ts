// What a client is told when no endpoint of its backend could be asked: the reason that holds, and no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import type { Backend } from '../model/backend.ts';
import { DEFAULT_BREAKER, DEFAULT_HEALTH_CHECK } from '../model/defaults.ts';
import { backendRowId, rowIdsOf } from '../model/row-ids.ts';
import { backend, gatewayModel, route, target } from './testing/gateway-model.ts';
import { replyOf, Stage } from './testing/stage.ts';

const RULES = { healthyThreshold: 1, unhealthyThreshold: 1 };

/** One endpoint fails its health check; the other is not checked, and takes no connections. */
async function askedOf(parts: Partial<Backend>) {
  const hosts = ['checked', 'unchecked'];
  const endpoints = hosts.map((host) => ({
    id: `b/${host}:80` as Id<'endpoint'>,
    url: `http://${host}`,
    weight: 1,
    healthChecked: host === 'checked',
  }));
  const model = {
    backends: [backend('b', { endpoints, healthCheck: DEFAULT_HEALTH_CHECK, ...parts })],
    routes: [route('r', [target('b')])],
  };
  const stage = new Stage(model);
  const rows = new Map(rowIdsOf(gatewayModel(model)).map((id, row) => [id, row]));
  const rowOf = (id: string): number => rows.get(id) ?? -1;
  const { health, table } = stage.resources;
  const result = { reason: 'timeout', status: 0, latencyMs: 1 } as const;
  const nowMs = stage.resources.wallMs();
  health.record({ row: rowOf(endpoints[0].id), backendRow: rowOf(backendRowId('b')) }, { result, nowMs }, RULES);
  for (let failure = 0; failure < 5; failure++) table.recordConnectFailure(rowOf(endpoints[1].id), nowMs);
  const exchange = stage.request({ line: 'GET /x' });
  const asked = stage.hosts;
  await stage.close();
  return { exchange, asked, text: replyOf(exchange).text };
}

test('without a circuit breaker none is said to be open', async () => {
  const { exchange, asked, text } = await askedOf({});
  assert.deepEqual(asked, []);
  assert.equal(exchange.errorCode, 'upstream.unhealthy');
  assert.doesNotMatch(text, /circuit breaker/);
});

test('a closed circuit breaker is not said to be open', async () => {
  const { exchange, text } = await askedOf({ breaker: DEFAULT_BREAKER });
  assert.equal(exchange.errorCode, 'upstream.unhealthy');
  assert.doesNotMatch(text, /circuit breaker/);
});
