// Active health checks and names, simulated: who fails its checks gets nothing, with traffic or without, and comes back warm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsExpected } from './support/run.ts';

test('an endpoint that vanishes before anybody asks it is found by its checks, and none of its requests waits', async () => {
  const { said } = await runAsExpected(`
scenario: health checks
config:
  backends:
    up:
      endpoints: ["http://a:80", "http://b:80"]
      slow_start: 5s
      health_check: {path: /health, interval: 1s, timeout: 500ms, healthy_threshold: 2, unhealthy_threshold: 2}
  routes: [{name: all, match: {path: /*}, backend: up}]
duration: 30s
load: {rate: 200/s, from: 10s, requests: {path: /x}}
events:
  - {at: 6s, for: 8s, endpoint: "http://b:80", behave: {network: silent}}
expect:
  - errors: 0
  - {latency: {max: "<= 100ms"}}
  - {at: 5s, backend: up, endpoint: "http://b:80", usable: true}
  - {at: 10s, backend: up, endpoint: "http://b:80", usable: false}
  - {until: 14s, share: {endpoint: {"http://a:80": 100%}, within: 0%}}
  - {at: 18s, backend: up, endpoint: "http://b:80", usable: true}
  - {from: 25s, share: {endpoint: {"http://a:80": 50%, "http://b:80": 50%}, within: 5%}}
`);
  assert.deepEqual(
    said.map(({ line }) => line),
    [
      'health: endpoint http://b:80 of backend up is unhealthy: timeout',
      'health: endpoint http://b:80 of backend up is healthy again',
    ],
  );
});

test('a name stands for an endpoint of that name', async () => {
  await runAsExpected(`
scenario: names
config:
  backends: {up: {dns: "api.internal:8080"}}
  routes: [{name: all, match: {path: /*}, backend: up}]
endpoints: {"http://api.internal:8080": {body: hello}}
requests: [{path: /x, expect: {status: 200, endpoint: "http://api.internal:8080", body: hello}}]
`);
});
