// `switchyard test` as a user runs it: verdicts and findings on the terminal, exit codes, JSON, the same bytes for the same seed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

const ROOT = dirname(dirname(import.meta.dirname));
const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
after(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'gateway.yaml'),
  `
backends:
  up: {balancer: random, endpoints: ["\${A_URL}", "http://b:80"]}
routes: [{name: all, match: {path: /api/*}, backend: up}]
`,
);

function write(name: string, rest: string): string {
  const file = join(folder, name);
  writeFileSync(file, `scenario: ${name}\nconfig: gateway.yaml\nenvironment: {A_URL: "http://a:80"}\n${rest}`);
  return file;
}

function run(...parameters: readonly string[]): { readonly status: number | null; readonly text: string } {
  const result = spawnSync(join(ROOT, 'bin', 'switchyard'), ['test', ...parameters], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status: result.status, text: result.stdout + result.stderr };
}

const GOOD = write(
  'good.yaml',
  `
endpoints: {"*": {latency: {exponential: {mean: 30ms}}}}
load: {rate: 100/s, until: 5s, requests: {path: /api/x}}
requests: [{path: /api/y, expect: {status: 200, route: all}}]
expect: [{errors: 0}]
`,
);

test('as expected: exit code 0, and the same seed gives the same bytes', () => {
  const first = run(GOOD, '--verbose');
  assert.equal(first.status, 0, first.text);
  assert.match(first.text, /good\.yaml \(seed 1, 2 workers, /);
  assert.match(first.text, /ok {6}errors = 0: 0 of \d+/);
  assert.match(first.text, /2 as expected, 0 not/);
  assert.equal(run(GOOD, '--verbose').text, first.text);
  assert.notEqual(run(GOOD, '--verbose', '--seed', '8').text, first.text);
});

test('not as expected: what came, when, and where it was written; exit code 1', () => {
  const bad = write('bad.yaml', 'requests: [{path: /other, expect: {status: 200, route: all}}]\n');
  const { status, text } = run(GOOD, bad);
  assert.equal(status, 1);
  assert.match(
    text,
    /FAILED {2}GET \/other: status 200, route all\n {8}came: status is 404, not 200; route is none, not "all", first at 0 s/,
  );
  assert.match(text, /bad\.yaml:4:12/);
  assert.match(text, /2 as expected, 1 not/);
});

test('mistakes are findings at their line, in the scenario and in the configuration', () => {
  const wrong = write('wrong.yaml', 'events: [{at: 1s, backend: upp, behave: {slower: 2}}]\n');
  const { status, text } = run(wrong);
  assert.equal(status, 1);
  assert.match(
    text,
    /wrong\.yaml:4:\d+ error config\.undefined-name the configuration has no backend "upp" — did you mean "up"\?/,
  );
  assert.match(text, /1 file not usable/);
  assert.match(run(join(folder, 'missing.yaml')).text, /does not exist/);
  const all = run(folder);
  assert.deepEqual(
    [all.status, all.text.match(/\((?:seed 1)/g)?.length],
    [1, 2],
    `scenarios of a folder, and only these: ${all.text}`,
  );
  assert.equal(run(GOOD, '--seed', 'x').status, 2);
});

test('--json gives the reports and nothing else', () => {
  const { status, text } = run(GOOD, '--json');
  assert.equal(status, 0);
  const [report] = JSON.parse(text);
  assert.deepEqual(
    report.verdicts.map(({ ok }: { readonly ok: boolean }) => ok),
    [true, true],
  );
  assert.equal(report.traffic.errors, 0);
});
