// Shares and tails of the balancers, over two workers and real shared tables, in simulated time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyOf, runAsExpected } from './support/run.ts';

test('weights 70 and 30 hold within 1 % in any 1,000 consecutive requests over two workers', async () => {
  await runAsExpected(`
scenario: weights over workers
config:
  backends:
    up:
      endpoints:
        - {url: "http://a:80", weight: 70}
        - {url: "http://b:80", weight: 30}
  routes: [{name: all, match: {path: /*}, backend: up}]
workers: 2
load: {rate: 1000/s, until: 10s, requests: {path: /x}}
expect:
  - requests: ">= 9000"
  - errors: 0
  - share: {endpoint: {"http://a:80": 70%, "http://b:80": 30%}, within: 1%, window: 1000}
`);
});

/** Four endpoints that answer in 20 to 40 ms, each working on 64 requests at a time. */
function fourEndpoints(balancer: string, brownOut: string): string {
  return `
scenario: one of four endpoints becomes 20 times slower
config:
  backends:
    up: {balancer: ${balancer}, endpoints: ["http://a:80", "http://b:80", "http://c:80", "http://d:80"]}
  routes: [{name: all, match: {path: /*}, backend: up}]
endpoints:
  "*": {latency: {uniform: {from: 20ms, to: 40ms}}, capacity: 64}
load: {rate: 500/s, until: 25s, requests: {path: /x}}
${brownOut}
expect:
  - errors: 0
`;
}

const BROWN_OUT = 'events: [{at: 10s, endpoint: "http://d:80", behave: {slower: 20}}]';

/** The 99th percentile of requests sent in the brown-out, against that of the same pool in health. */
async function tails(balancer: string): Promise<{ readonly healthyMs: number; readonly brownMs: number }> {
  const sentLate = ({ atMs }: { readonly atMs: number }): boolean => atMs >= 10_000;
  const healthy = await runAsExpected(fourEndpoints(balancer, ''));
  const brown = await runAsExpected(fourEndpoints(balancer, BROWN_OUT));
  return {
    healthyMs: latencyOf(healthy.requests.filter(sentLate), 0.99),
    brownMs: latencyOf(brown.requests.filter(sentLate), 0.99),
  };
}

for (const balancer of ['least_conn_rt', 'p2c']) {
  test(`brown-out: ${balancer} keeps the 99th percentile below 1.5 times the healthy one`, async (context) => {
    const { healthyMs, brownMs } = await tails(balancer);
    context.diagnostic(`${healthyMs.toFixed(1)} ms healthy, ${brownMs.toFixed(1)} ms with one of four 20 times slower`);
    assert.ok(brownMs <= healthyMs * 1.5, `${brownMs} ms against ${healthyMs} ms`);
  });
}

test('brown-out: round robin, which looks at nothing, does not', async (context) => {
  const { healthyMs, brownMs } = await tails('round_robin');
  context.diagnostic(`${healthyMs.toFixed(1)} ms healthy, ${brownMs.toFixed(1)} ms with one of four 20 times slower`);
  assert.ok(brownMs > healthyMs * 10, `${brownMs} ms against ${healthyMs} ms: the brown-out did not happen`);
});
