// An endpoint that comes back cold, and so slow, is not flooded: its share of the requests under way grows with its warmth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsExpected } from './support/run.ts';

const COLD = 'http://c:80';

/** Most requests that the endpoint had under way at once in a part of the run. */
async function mostUnderWay(balancer: string, slowStart: string): Promise<number> {
  const { requests } = await runAsExpected(`
scenario: one of three is away, and comes back ten times slower
config:
  backends:
    up: {balancer: ${balancer}, ${slowStart} endpoints: ["http://a:80", "http://b:80", "${COLD}"]}
  routes: [{name: all, match: {path: /*}, backend: up}]
endpoints: {"*": {latency: 100ms}}
duration: 12s
load: {rate: 300/s, requests: {path: /x}}
events:
  - {at: 4s, for: 3s, endpoint: "${COLD}", behave: {network: refused}}
  - {at: 7s, for: 5s, endpoint: "${COLD}", behave: {slower: 10}}
expect:
  - errors: 0
`);
  const held = requests.filter(({ atMs, endpoint }) => endpoint === COLD && atMs >= 7000 && atMs < 9000);
  const at = held.map(({ atMs }) => held.filter((other) => other.atMs <= atMs && other.endedMs > atMs).length);
  assert.ok(at.length > 0, 'the endpoint came back');
  return Math.max(...at);
}

for (const balancer of ['least_conn', 'least_conn_rt', 'p2c', 'weighted_round_robin', 'random']) {
  test(`${balancer}: a returning endpoint holds a third of what it would without slow start, or less`, async (context) => {
    const sudden = await mostUnderWay(balancer, '');
    const gradual = await mostUnderWay(balancer, 'slow_start: 20s,');
    context.diagnostic(`${sudden} under way at most without slow start, ${gradual} with it`);
    // Fifteen requests at a warm one: two to three may be there while it is a tenth to a seventh warm.
    assert.ok(gradual <= 4, `${gradual} under way`);
    if (balancer !== 'p2c' && balancer !== 'least_conn_rt') assert.ok(gradual * 3 <= sudden, `${gradual}, ${sudden}`);
  });
}
