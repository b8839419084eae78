// Simulated endpoints do what they are told, time limits and pools act on them as on real ones, and the same seed gives the same run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '../model/format-finding.ts';
import { judge } from './judge.ts';
import { readScenario } from './read-scenario.ts';
import type { RequestRecord } from './request-record.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { Simulation, type SimulationResult } from './simulation.ts';

function scenarioOf(text: string): Scenario {
  const { scenario, findings } = readScenario({ source: 's.yaml', text }, {});
  assert.ok(scenario !== undefined, findings.map(formatFinding).join('\n'));
  return scenario;
}

/** One plain backend with endpoint a, its keys and the rest of the scenario as given. */
function plain(rest: string, backend = ''): Scenario {
  return scenarioOf(`
scenario: s
config:
  backends: {up: {endpoints: ["http://a:80"]${backend}}}
  routes: [{name: all, match: {path: /*}, backend: up}]
${rest}`);
}

async function run(scenario: Scenario): Promise<SimulationResult> {
  const result = await new Simulation(scenario).run();
  assert.deepEqual(result.bugs, []);
  return result;
}

/** Status, error and milliseconds of each request of the load. */
async function outcomes(scenario: Scenario): Promise<readonly (readonly [number, string | undefined, number])[]> {
  const { requests } = await run(scenario);
  return requests.map(({ status, errorCode, endedMs, atMs }: RequestRecord) => [
    status,
    errorCode,
    Math.round(endedMs - atMs),
  ]);
}

const THREE = 'load: {rate: 1000/s, arrivals: constant, until: 3ms, requests: {path: /x}}\n';
const ONE = 'load: {rate: 1/s, arrivals: constant, until: 1ms, requests: {path: /x}}\n';

test('more requests than an endpoint works on wait their turn', async () => {
  const scenario = plain(`${THREE}endpoints: {"http://a:80": {latency: 100ms, connect: 0ms, capacity: 1}}`);
  assert.deepEqual(await outcomes(scenario), [
    [200, undefined, 100],
    [200, undefined, 199],
    [200, undefined, 298],
  ]);
});

test('more requests than connections wait in the gateway, and too many are refused', async () => {
  const scenario = plain(
    `${THREE}endpoints: {"http://a:80": {latency: 100ms, connect: 0ms}}`,
    ', pool: {max_connections: 1, max_pending: 1}',
  );
  const [first, second, third] = await outcomes({ ...scenario, workers: 1 });
  assert.deepEqual(first, [200, undefined, 100]);
  assert.deepEqual(second, [200, undefined, 199]);
  assert.deepEqual(third.slice(0, 2), [503, 'upstream.connection-limit']);
});

for (const [failure, status, code, atLeastMs] of [
  ['{kind: status, status: 500}', 500, undefined, 20],
  ['{kind: reset}', 502, 'upstream.reset', 20],
  ['{kind: stall}', 504, 'upstream.first-byte-timeout', 3000],
  ['{kind: refuse-connect}', 502, 'upstream.connect-failed', 1],
  ['{kind: never-connect}', 504, 'upstream.connect-timeout', 2000],
  ['{kind: cut}', 200, 'upstream.cut', 20],
  ['{kind: stall-midway}', 200, 'upstream.idle-timeout', 4000],
] as const) {
  test(`an endpoint with ${failure} gives what the real one gives: ${status} ${code ?? ''}`, async () => {
    const scenario = plain(
      `${ONE}endpoints: {"http://a:80": {failures: ${failure}}}`,
      ', timeout: {connect: 2s, first_byte: 3s, idle: 4s}',
    );
    const { requests } = await run(scenario);
    const [{ status: found, errorCode, atMs, endedMs, isError }] = requests;
    assert.deepEqual([found, errorCode], [status, code]);
    // The wheel of deadlines turns every 10 ms.
    assert.ok(endedMs - atMs >= atLeastMs && endedMs - atMs <= atLeastMs + 30, `${endedMs - atMs} ms`);
    assert.equal(isError, true);
  });
}

test('a client that waits no longer is gone, and its endpoint is free for the next', async () => {
  const scenario = plain(`
load: {rate: 1000/s, arrivals: constant, until: 2ms, patience: 50ms, requests: {path: /x}}
endpoints: {"http://a:80": {latency: 70ms, connect: 0ms, capacity: 1}}`);
  assert.deepEqual(await outcomes(scenario), [
    [499, 'request.aborted', 50],
    [499, 'request.aborted', 50],
  ]);
});

test('bodies in pieces, announced or not, reach the endpoint, as do headers, and the answer comes back whole', async () => {
  const scenario = plain(
    `
endpoints: {"http://a:80": {headers: {x-from: a}, body: thanks}}
requests:
  - {path: /x, body_size: 300KB, expect: {status: 200, received: {headers: {content-length: "300000"}}}}
  - {path: /y, body_size: 300KB, chunked: true, expect: {status: 200, received: {headers: {transfer-encoding: chunked, content-length: null}}}}
  - {path: "/z?n={n}", method: PUT, headers: {x-a: "{client}"}, body: small, client: 7, expect: {status: 200, headers: {x-from: a}, body: thanks, received: {headers: {x-a: 7}, body: small}}}
  - {path: "/%2e%2e/x", expect: {status: 200, received: {path: /x}}}
`,
  );
  const result = await run(scenario);
  assert.deepEqual(
    judge(scenario, result).filter(({ ok }) => !ok),
    [],
  );
});

test('a vanished host keeps everybody waiting; back again it knows no connection of before', async () => {
  const scenario = plain(
    `
load: {rate: 10/s, arrivals: constant, until: 2s, requests: {path: /x}}
events: [{at: 500ms, for: 500ms, endpoint: "http://a:80", behave: {network: silent}}]`,
    ', timeout: {connect: 2s, first_byte: 3s}',
  );
  const found = await outcomes(scenario);
  assert.deepEqual(
    found.slice(0, 5).map(([status]) => status),
    [200, 200, 200, 200, 200],
  );
  assert.deepEqual(
    found.slice(12).map(([status]) => status),
    new Array(8).fill(200),
    'after it is back',
  );
});

test('requests come to the listener they name, from clients it trusts or not', async () => {
  const scenario = scenarioOf(`
scenario: s
config:
  listeners:
    outer: {port: 8080}
    inner: {port: 8081, trusted_proxies: [10.0.0.0/8]}
  backends: {up: {endpoints: ["http://a:80"]}}
  routes: [{name: all, match: {path: /*}, backend: up}]
requests:
  - {path: /, headers: {x-forwarded-for: 1.2.3.4}, expect: {received: {headers: {x-forwarded-for: 10.0.0.1}}}}
  - {path: /, listener: inner, headers: {x-forwarded-for: 1.2.3.4}, expect: {received: {headers: {x-forwarded-for: "1.2.3.4, 10.0.0.1"}}}}
`);
  assert.deepEqual(
    judge(scenario, await run(scenario)).map(({ found }) => found),
    ['as expected', 'as expected'],
  );
});

test('what is expected and does not come is told, with the moment', async () => {
  const scenario = plain(`
load: {rate: 100/s, arrivals: constant, until: 1s, requests: {path: /x}}
events: [{at: 500ms, for: 100ms, endpoint: "http://a:80", behave: {failures: {kind: status}}}]
requests: [{path: /y, at: 550ms, expect: {status: 200}}]
expect:
  - errors: "<= 5"
  - {from: 700ms, errors: 0}
  - {from: 700ms, until: 700ms, errors: 0}
  - {latency: {p50: "> 1s"}}
  - {at: 550ms, backend: up, usable: false}
  - {share: {endpoint: {"http://a:80": 50%}}}
  - {share: {endpoint: {"http://a:80": ">= 90%"}, window: 10}}
  - {share: {backend: {up: "< 100%"}}}
`);
  const verdicts = judge(scenario, await run(scenario));
  assert.deepEqual(
    verdicts.map(({ ok, found, atMs, origin }) => [
      ok,
      found,
      atMs === undefined ? undefined : Math.round(atMs),
      origin.line,
    ]),
    [
      [false, 'status is 503, not 200', 550, 9],
      [false, '10 of 100', 500, 11],
      [true, '0 of 30', undefined, 12],
      [false, 'no such request', undefined, 13],
      [false, '20 ms', 0, 14],
      [false, 'in use', 550, 15],
      [false, 'http://a:80 100%', undefined, 16],
      [true, 'farthest: http://a:80 100%', undefined, 17],
      [false, 'up 100%', undefined, 18],
    ],
  );
});

const NOISY = `
scenario: noise
config:
  backends:
    up:
      balancer: p2c
      sticky: {cookie: s}
      endpoints: ["http://a:80", "http://b:80", "http://c:80"]
      circuit_breaker: {failure_threshold: 2, timeout: 1s}
      outlier_detection: {}
      retry: {attempts: 3, on: [5xx]}
  routes: [{name: all, match: {path: /*}, backend: up}]
endpoints: {"*": {latency: {lognormal: {median: 20ms, p99: 300ms}}, failures: {kind: status, share: 15%}}}
load: {rate: 200/s, until: 5s, requests: {path: "/{client}"}}
expect: [{errors: 0}]
`;

test('the same seed gives the same report, byte for byte; another seed another', async () => {
  const report = async (seed: number): Promise<string> =>
    JSON.stringify(await runScenario({ ...scenarioOf(NOISY), seed }));
  const first = await report(5);
  assert.equal(await report(5), first);
  assert.notEqual(await report(6), first);
});
