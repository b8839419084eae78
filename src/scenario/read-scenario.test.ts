// Scenario files: what they come to, and mistakes with their lines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '../model/format-finding.ts';
import { readScenario } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';

const CONFIG = `
config:
  backends:
    up: {endpoints: [{url: "http://a:80", zone: east}, "http://b:80"]}
  routes: [{name: all, match: {path: /*}, backend: up}]
`;

function read(rest: string, head = CONFIG): Scenario {
  const { scenario, findings } = readScenario(
    { source: 's.yaml', text: `scenario: s${head}${rest}` },
    { FROM_MACHINE: 'm' },
  );
  assert.ok(scenario !== undefined, findings.map(formatFinding).join('\n'));
  return scenario;
}

function findings(rest: string, head = CONFIG): readonly string[] {
  const { scenario, findings: found } = readScenario({ source: 's.yaml', text: `scenario: s${head}${rest}` }, {});
  assert.equal(scenario, undefined, 'nothing is run that has an error');
  return found.map(formatFinding);
}

test('times, rates, distributions and comparisons are read as they are written', () => {
  const scenario = read(`
endpoints:
  "*": {latency: {lognormal: {median: 40ms, p99: 1s}}, failures: {kind: status, share: 10%}}
  http://b:80: {capacity: 3}
load: {rate: 600/min, requests: [{path: /x}, {path: /y, json: {a: 1}, weight: 3}]}
events: [{at: 2s, for: 1s, zone: east, behave: {network: silent}}]
expect: [{from: 1s, errors: "< 1%", latency: {p99: "<= 2s"}}]
`);
  assert.deepEqual(scenario.endpoints.get('b:80')?.latency, { kind: 'lognormal', medianMs: 40, p99Ms: 1000 });
  assert.equal(scenario.endpoints.get('b:80')?.capacity, 3);
  assert.equal(scenario.load[0].ratePerSecond, 10);
  assert.deepEqual(scenario.load[0].mix[1].request.headers, [['content-type', 'application/json']]);
  assert.deepEqual([scenario.load[0].mix[1].request.method, scenario.load[0].mix[1].request.body], ['POST', '{"a":1}']);
  assert.equal(scenario.durationMs, 61_000, 'a load has a minute');
  const said = scenario.expect.map(({ what, origin }) => [what.kind, origin.line]);
  assert.deepEqual(said, [
    ['errors', 12],
    ['latency', 12],
  ]);
});

test('variables come from the file, then from the machine', () => {
  const head = `
environment: {URL: "http://a:80"}
config:
  backends: {up: {endpoints: ["\${URL}"], labels: {m: "\${FROM_MACHINE}"}}}
  routes: [{name: all, match: {path: /*}, backend: up}]`;
  const scenario = read('', head);
  assert.equal(scenario.model.backends[0].endpoints[0].url, 'http://a:80');
  assert.deepEqual(scenario.model.backends[0].labels, { m: 'm' });
});

test('a configuration written inside keeps its lines and columns', () => {
  const mend = 'error config.unknown-key unknown key "endpoint" — did you mean "endpoints"?';
  assert.ok(findings('', CONFIG.replace('endpoints', 'endpoint')).includes(`s.yaml:4:10 ${mend}`));
  const inBraces =
    '\nconfig: {backends: {up: {endpoint: ["http://a:80"]}},\n  routes: [{name: all, match: {path: /*}, backend: up}]}\nseed: 3\n';
  assert.match(findings('', inBraces).join('\n'), /s\.yaml:2:26 error config\.unknown-key/);
});

test('unknown keys, names and places are found at their line', () => {
  assert.deepEqual(findings('laod: {rate: 5/s}\n'), [
    's.yaml:6:1 error config.unknown-key unknown key "laod" — did you mean "load"?',
  ]);
  const [unknown, late, nowhere] = findings(`
duration: 10s
events: [{at: 1s, endpoint: "http://c:80", behave: {slower: 2}}]
expect: [{at: 12s, backend: up, usable: true}]
requests: [{path: /, expect: {route: al}}]
`).toSorted();
  assert.match(
    unknown,
    /^s\.yaml:10:\d+ error config\.undefined-name the configuration has no route "al" — did you mean "all"\?/,
  );
  assert.match(late, /^s\.yaml:8:\d+ error config\.undefined-name the configuration has no endpoint "http:\/\/c:80"/);
  assert.match(nowhere, /^s\.yaml:9:\d+ error config\.wrong-value this is after the end of the scenario/);
});

test('a listener that requests come to must be there, in each configuration', () => {
  const refused = findings('requests: [{path: /, listener: inner, expect: {status: 200}}]\n').join('\n');
  assert.match(refused, /s\.yaml:6:\d+ error config\.undefined-listener .*"inner" — there are: default/);
});

test('what could never act is refused', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    'events: [{at: 1s, backend: up}]': /expected one of behave, reload, force/,
    'events: [{at: 1s, behave: {slower: 2}}]': /nothing says whose behaviour changes/,
    'events: [{at: 1s, force: open}]': /"backend" is required/,
    'expect: [{from: 1s}]': /nothing is expected here/,
    'expect: [{at: 1s, backend: up}]': /nothing is expected of this moment/,
    'expect: [{usable: true}]': /"usable" is about a moment/,
    'expect: [{at: 1s, backend: up, errors: 0}]': /"errors" is about requests/,
    'expect: [{latency: {p99: 5}}]': /a comparison such as "<= 150ms"/,
    'expect: [{share: {within: 1%}}]': /expected one of backend, endpoint/,
    'expect: [{share: {backend: {up: 120%}}}]': /a part such as 70%/,
    'load: {rate: fast, requests: {path: /x}}': /a rate such as 5\/s/,
    'load: {rate: 5/s, requests: {path: x}}': /a path that begins with \//,
    'endpoints: {a: {}}': /expected the URL of an endpoint/,
    'endpoints: {"http://a:80": {latency: {uniform: {from: 1s, to: 2s}, normal: {mean: 1s, deviation: 1s}}}}':
      /one distribution/,
    'endpoints: {"http://a:80": {latency: {percentiles: {p50: 2s, p99: 1s}}}}': /whose times rise/,
    'requests: [{path: /, expect: {error: upstream.rest}}]': /there is no error code "upstream\.rest"/,
    'seed: -1': /too small/,
  };
  for (const [text, message] of Object.entries(refused)) assert.match(findings(`${text}\n`).join('\n'), message, text);
});

test('a configuration that is not there is a finding', () => {
  assert.match(findings('', '\nconfig: nowhere.yaml\n').join('\n'), /config\.file-missing/);
});
