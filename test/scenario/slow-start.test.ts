// An endpoint that comes back cold, and so slow, is not flooded: its share of the requests under way grows with its warmth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestRecord } from '../../src/scenario/request-record.ts';
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
duration: 14s
load: {rate: 300/s, requests: {path: /x}}
events:
  - {at: 8s, for: 2s, endpoint: "${COLD}", behave: {network: refused}}
  - {at: 10s, for: 4s, endpoint: "${COLD}", behave: {slower: 10}}
expect:
  - errors: 0
`);
  const back = requests.filter(({ atMs, endpoint }) => endpoint === COLD && atMs >= 10_000);
  assert.ok(back.length > 0, 'the endpoint came back');
  // After the pause for the failed connects ended.
  const held = back.filter(({ atMs }) => atMs < back[0].atMs + 1000);
  const at = held.map(({ atMs }) => held.filter((other) => other.atMs <= atMs && other.endedMs > atMs).length);
  return Math.max(...at);
}

for (const balancer of ['least_conn', 'weighted_round_robin', 'random']) {
  test(`${balancer}: in its first second back it holds a third of what it would without slow start, or less`, async (context) => {
    const sudden = await mostUnderWay(balancer, '');
    const gradual = await mostUnderWay(balancer, 'slow_start: 5s,');
    context.diagnostic(`${sudden} under way at most without slow start, ${gradual} with it`);
    // Fifteen to twenty requests at a warm one: up to five may be there while it is at most a fifth warm.
    assert.ok(gradual <= 5 && gradual * 3 <= sudden, `${gradual} under way, ${sudden} without slow start`);
  });
}

/** Part of the requests of a time that standby endpoints answered. */
function standbyPart(requests: readonly RequestRecord[], fromMs: number, untilMs: number): number {
  const sent = requests.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
  return sent.filter(({ endpoint }) => endpoint?.startsWith('http://s')).length / sent.length;
}

async function withStandby(dying: readonly string[]): Promise<readonly RequestRecord[]> {
  const { requests } = await runAsExpected(`
scenario: primary endpoints die after the standby had nothing for long
config:
  backends:
    up:
      slow_start: 6s
      endpoints: ["http://a:80", "http://b:80", {url: "http://s1:80", priority: 1}, {url: "http://s2:80", priority: 1}]
      outlier_detection: {consecutive_5xx: 3, base_ejection_time: 60s}
  routes: [{name: all, match: {path: /*}, backend: up, retry: {attempts: 3}}]
duration: 20s
load: {rate: 500/s, requests: {path: /x}}
events:
${dying.map((endpoint) => `  - {at: 10s, endpoint: "${endpoint}", behave: {network: refused}}`).join('\n')}
expect:
  - errors: 0
`);
  return requests;
}

test('spill-over: the standby priority takes its part little by little while the first one can carry the rest', async (context) => {
  const requests = await withStandby(['http://b:80']);
  const parts = [
    standbyPart(requests, 0, 9900),
    standbyPart(requests, 10_200, 10_700),
    standbyPart(requests, 17_000, 20_000),
  ];
  context.diagnostic(`parts of the standby: ${parts.join(', ')}`);
  assert.equal(parts[0], 0);
  assert.ok(parts[1] < 0.22, `${parts[1]} at once`);
  assert.ok(parts[2] > 0.26 && parts[2] < 0.34, `${parts[2]} when it is warm`);
});

test('spill-over: it takes everything at once where nobody else is left', async () => {
  const requests = await withStandby(['http://a:80', 'http://b:80']);
  assert.ok(standbyPart(requests, 10_200, 10_700) > 0.97);
});
