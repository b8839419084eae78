// Regions and zones, simulated with the code that serves, over two workers: the cap on what leaves the own zone in every stretch of
// requests, the loss of that zone, a region that fails and is taken back, clients near their regions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsExpected } from './support/run.ts';

test('zone loss with a cap of 30 %: never exceeded while the zone is healthy, no error when it is lost, and it comes back', async () => {
  const { said } = await runAsExpected(`
scenario: zone loss
config:
  backends:
    up:
      endpoints:
        - {url: "http://a1:80", zone: a}
        - {url: "http://a2:80", zone: a}
        - {url: "http://a3:80", zone: a}
        - {url: "http://a4:80", zone: a}
        - {url: "http://b1:80", zone: b}
        - {url: "http://b2:80", zone: b}
        - {url: "http://c1:80", zone: c}
        - {url: "http://c2:80", zone: c}
  routes: [{name: all, match: {path: /*}, backend: up}]
  datacenter_routing:
    local_zone: a
    zones:
      a: {capacity: 40%, latency_target: 60ms}
      b: {capacity: 35%, latency_target: 60ms}
      c: {capacity: 25%, latency_target: 60ms}
    cross_zone_routing: {max_cross_zone_ratio: 30%}
workers: 2
duration: 120s
endpoints:
  "*": {latency: {lognormal: {median: 30ms, p99: 150ms}}}
load: {rate: 200/s, requests: {path: /x}}
events:
  - {at: 10s, for: 10s, endpoint: "http://a1:80", behave: {network: refused}}
  - {at: 40s, for: 20s, zone: a, behave: {network: refused}}
expect:
  - errors: 0
  - {until: 40s, share: {zone: {a: ">= 70%"}}}
  - {until: 40s, share: {zone: {a: ">= 68%"}, window: 1000}}
  - {from: 41s, until: 59s, share: {zone: {a: "<= 1%"}}}
  - {from: 95s, share: {zone: {a: ">= 69%"}}}
`);
  const lines = said.map(({ line }) => line).filter((line) => line.includes('zone a'));
  assert.deepEqual(lines, ['backend up: more leaves zone a than its cap, because less than 50 % of it is up']);
});

test('a region with too many errors is left for the next one, and taken back with a ramp once it keeps its conditions', async () => {
  const { said } = await runAsExpected(`
scenario: region failover
config:
  backends:
    up:
      endpoints: [{url: "http://f:80", region: fra}, {url: "http://m:80", region: ams}]
  routes: [{name: all, match: {path: /*}, backend: up}]
  multi_region:
    primary_region: fra
    secondary_regions: [ams]
    failover_conditions: [{error_rate: "> 5%"}]
    failover: {window: 2s, leave_after: 2/3, return_after: 3/3, hold_down: 20s, ramp: 10s}
workers: 2
duration: 90s
load: {rate: 100/s, requests: {path: /x}}
events:
  - {at: 20s, for: 10s, region: fra, behave: {failures: {kind: status, status: 503, share: 50%}}}
expect:
  - {until: 20s, share: {region: {fra: 100%}, within: 0%}}
  - {from: 26s, until: 40s, share: {region: {ams: 100%}, within: 0%}}
  - {from: 26s, errors: 0}
  - {from: 70s, share: {region: {fra: 100%}, within: 0%}}
`);
  const lines = said
    .map(({ line }) => line.replace(/errors [\d.]+ %/, 'errors'))
    .filter((line) => line.startsWith('region'));
  assert.deepEqual(lines, [
    'region fra has failed: errors > 5 %, 2 of 3 windows; next in order: ams',
    'region fra is taken back: it keeps its conditions again',
  ]);
});
