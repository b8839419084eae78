// A zone is lost while only so much may leave the gateway's own zone, and ten minutes of noise move nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsExpected } from './support/run.ts';

const CONFIG = `
config:
  backends:
    up:
      endpoints:
        - {url: "http://w1:80", zone: west}
        - {url: "http://w2:80", zone: west}
        - {url: "http://e1:80", zone: east}
        - {url: "http://e2:80", zone: east}
      outlier_detection: {consecutive_5xx: 5, base_ejection_time: 5s, max_ejection_percent: 100}
  datacenter_routing:
    zones: {west: {capacity: 30%}, east: {capacity: 70%}}
    local_zone: west
    cross_zone_routing: {enabled: true, penalty_factor: 1, max_cross_zone_ratio: 30%}
  routes: [{name: all, match: {path: /*}, backend: up}]
`;

test('the own zone is healthy: never more than 30 % of the requests leave it, though the other has 70 % of the capacity', async () => {
  const { requests } = await runAsExpected(`
scenario: cap
${CONFIG}
duration: 20s
load: {rate: 500/s, requests: {path: /x}}
expect:
  - errors: 0
  - {share: {zone: {east: "<= 30%"}}}
  - {share: {zone: {east: ">= 28%"}}}
`);
  let across = 0;
  for (const [index, { endpoint }] of requests.entries()) {
    if (endpoint?.startsWith('http://e') === true) across++;
    assert.ok(across <= 0.3 * (index + 1) + 1, `${across} of the first ${index + 1} requests left the zone`);
  }
});

test('the own zone is lost: everything leaves it without an error, and returns when it is back', async () => {
  await runAsExpected(`
scenario: zone loss
${CONFIG}
duration: 60s
load: {rate: 500/s, requests: {path: /x}}
events: [{at: 10s, for: 15s, zone: west, behave: {network: refused}}]
expect:
  - errors: 0
  - {until: 10s, share: {zone: {east: "<= 30%"}}}
  - {from: 11s, until: 24s, share: {zone: {east: ">= 99%"}}}
  - {from: 50s, share: {zone: {east: "<= 30%"}}}
`);
});

test('ten minutes of noise: nothing is put out of use, and the shares of zones stay', async () => {
  const { changes, said } = await runAsExpected(`
scenario: noise
${CONFIG}
duration: 600s
endpoints: {"*": {latency: {lognormal: {median: 20ms, p99: 400ms}}, failures: {kind: status, status: 500, share: 2%}}}
load: {rate: 50/s, requests: {path: /x}}
expect:
  - errors: "< 3%"
  # The cap holds for every prefix; what was saved up may be spent in one window.
  - {share: {zone: {east: "<= 30%"}}}
  - {share: {zone: {east: "<= 32%"}, window: 1000}}
  - {share: {zone: {east: ">= 25%"}, window: 1000}}
`);
  assert.deepEqual(changes, []);
  assert.deepEqual(said, []);
});
