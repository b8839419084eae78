// The command line as people meet it: findings at their line, explanations, friendly errors, exit codes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROGRAM, runSwitchyard, startTestGateway } from './support/gateway.ts';

const GOOD = `
backends:
  one: {endpoints: ["http://127.0.0.1:9"]}
  ai: {provider: openai, base_url: "http://127.0.0.1:9/v1", api_key: sk-very-secret, model: gpt-4o-mini}
routes:
  - {name: exact, match: {path: /x/y}, backend: one}
  - {name: gpt4, match: {path: /x/*, query: {model: gpt-4}}, backend: one}
  - {name: ai, match: {path: /v1/*}, backend: ai}
`;
const BAD = 'routes:\n  - {name: r, match: {pathh: /a}, backend: nope}\n';

function folderWith(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-cli-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('check prints findings at their line and fails on errors', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD, 'bad.yaml': BAD });
  const good = await runSwitchyard(['check', 'good.yaml'], { cwd });
  assert.equal(good.code, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /ok: 1 listener, 3 routes, 2 backends/);
  const bad = await runSwitchyard(['check', 'bad.yaml'], { cwd });
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /^bad\.yaml:2:\d+ error config\.unknown-key .*path/m);
  assert.match(bad.stdout, /not usable/);
  assert.ok(!bad.stdout.includes('\u001b'), 'no colours in a pipe');
});

test('check --json is JSON, --verbose names the dialect and why', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD, 'bad.yaml': BAD });
  const { stdout } = await runSwitchyard(['check', 'bad.yaml', '--json'], { cwd });
  const answer = JSON.parse(stdout);
  assert.equal(answer.ok, false);
  assert.equal(answer.findings[0].origin.line, 2);
  const verbose = await runSwitchyard(['check', 'good.yaml', '--verbose'], { cwd });
  assert.match(verbose.stdout, /good\.yaml:\d+ is native: /);
});

test('check looks at ./gateway.yaml by itself, and says when nothing would be served', async (context) => {
  const cwd = folderWith(context, { 'gateway.yaml': '# nothing yet\n' });
  const { code, stdout } = await runSwitchyard(['check'], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /^gateway\.yaml warning config\.no-routes .*404/m);
  const nowhere = await runSwitchyard(['check'], { cwd: folderWith(context, {}) });
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stdout, /gateway\.yaml does not exist/);
});

test('a reader that has seen enough ends nothing with a stack', async () => {
  const child = spawn(PROGRAM, ['schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  assert.equal(stderr, '');
  assert.equal(code, 0);
});

test('check says which file is missing', async () => {
  const { code, stdout } = await runSwitchyard(['check', 'nowhere.yaml']);
  assert.equal(code, 1);
  assert.match(stdout, /nowhere\.yaml error config\.file-missing nowhere\.yaml does not exist/);
});

test('explain shows rules tried, the plan and what is sent', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD });
  const { code, stdout, stderr } = await runSwitchyard(['explain', 'good.yaml', '/x/1?model=gpt-4'], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /✗ exact .*good\.yaml:6/);
  assert.match(stdout, /✓ gpt4 .*good\.yaml:7/);
  assert.match(stdout, /send {5}GET \/x\/1\?model=gpt-4 HTTP\/1\.1\n +to http:\/\/127\.0\.0\.1:9/);
});

test('explain of an AI request with a body shows the model that is sent, and no key', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD, 'body.json': '{"model":"x","messages":[]}' });
  const path = 'https://api.example/v1/chat/completions';
  const { code, stdout } = await runSwitchyard(['explain', 'good.yaml', path, '-d', '@body.json', '--json'], { cwd });
  assert.equal(code, 0);
  const explanation = JSON.parse(stdout);
  assert.equal(explanation.method, 'POST');
  assert.equal(explanation.host, 'api.example');
  assert.equal(explanation.route, 'ai');
  assert.equal(explanation.result.model, 'gpt-4o-mini');
  assert.match(explanation.result.requestLine, /^POST \/v1\/chat\/completions /);
  assert.doesNotMatch(stdout, /sk-very-secret/);
});

test('explain of a request that no route takes says so', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD });
  const { code, stdout } = await runSwitchyard(['explain', 'good.yaml', '/nothing'], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /answer {3}404 \(route\.not-found\)/);
});

test('explain takes a request as people write it', async (context) => {
  const cwd = folderWith(context, { 'gateway.yaml': GOOD });
  const forms = [
    ['gateway.yaml', 'DELETE', '/x/y'],
    ['gateway.yaml', 'DELETE /x/y HTTP/1.1'],
    ['DELETE /x/y'],
    ['DELETE', '/x/y'],
  ];
  for (const form of forms) {
    const { code, stdout, stderr } = await runSwitchyard(['explain', ...form], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^request {2}DELETE localhost\/x\/y on listener default$/m);
  }
  const broken = await runSwitchyard(['explain', 'gateway.yaml', 'http://a:99999/x'], { cwd });
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /is not a URL/);
  const bodiless = await runSwitchyard(['explain', 'gateway.yaml', 'POST /v1/chat/completions'], { cwd });
  assert.match(bodiless.stdout, /answer {3}400 \(request\.bad-json\)/);
  assert.match(bodiless.stderr, /-d '\{"model"/);
});

test('explain without a request, or with a broken header, says how to write it', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD });
  const alone = await runSwitchyard(['explain', 'good.yaml'], { cwd });
  assert.equal(alone.code, 2);
  assert.match(alone.stderr, /switchyard explain gateway\.yaml/);
  assert.equal((await runSwitchyard(['explain', 'good.yaml', '/', '-H', 'nocolon'], { cwd })).code, 2);
});

test('a mistyped option or command gets the nearest one', async () => {
  const option = await runSwitchyard(['run', '--wach']);
  assert.equal(option.code, 2);
  assert.match(option.stderr, /--watch/);
  const command = await runSwitchyard(['chekc', 'x']);
  assert.equal(command.code, 2);
  assert.match(command.stderr, /check/);
});

test('help has examples, schema is JSON Schema, version is a version', async () => {
  const help = await runSwitchyard(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Examples:/);
  const schema = await runSwitchyard(['schema']);
  assert.match(JSON.parse(schema.stdout).$schema, /2020-12/);
  assert.match((await runSwitchyard(['version'])).stdout, /^switchyard \d+\.\d+\.\d+ /);
});

test('run refuses a broken configuration with its findings', async (context) => {
  const cwd = folderWith(context, { 'bad.yaml': BAD });
  const { code, stderr } = await runSwitchyard(['run', 'bad.yaml', '--port', '0', '--admin-port', '0'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /bad\.yaml:2:\d+ error/);
  assert.match(stderr, /not started/);
});

test('run says that a port is in use', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  context.after(() => server.close());
  const { port } = server.address() as { port: number };
  const listener = await runSwitchyard(['run', 'good.yaml', '--port', `${port}`, '--admin-port', '0'], { cwd });
  assert.equal(listener.code, 1);
  assert.match(listener.stderr, new RegExp(`port ${port} is in use`));
  const admin = await runSwitchyard(['run', 'good.yaml', '--port', '0', '--admin-port', `${port}`], { cwd });
  assert.equal(admin.code, 1);
  assert.match(admin.stderr, new RegExp(`port ${port} is in use`));
});

test('a second gateway does not share the port of the first', async (context) => {
  const gateway = await startTestGateway(context, { config: GOOD, args: ['--workers', '2'] });
  const args = ['run', join(gateway.folder, 'gateway.yaml'), '--port', `${gateway.port}`, '--admin-port', '0'];
  const second = await runSwitchyard(args);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`port ${gateway.port} is in use`));
});

test('the admin port of another address needs a token', async (context) => {
  const cwd = folderWith(context, { 'good.yaml': GOOD });
  const { code, stderr } = await runSwitchyard(['run', 'good.yaml', '--admin-address', '0.0.0.0'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /SWITCHYARD_ADMIN_TOKEN/);
});

test('the admin API explains live and hides secrets', async (context) => {
  const gateway = await startTestGateway(context, { config: GOOD, args: ['--workers', '1'] });
  const body = JSON.stringify({ path: '/x/y' });
  const explanation = (await (await gateway.admin('/api/v1/explain', { method: 'POST', body })).json()) as object;
  assert.ok('route' in explanation && explanation.route === 'exact');
  const config = await (await gateway.admin('/api/v1/config')).text();
  assert.doesNotMatch(config, /sk-very-secret/);
  assert.match(config, /"name": "gpt4"/);
});

test('the quickstart answers a streamed chat, and clients of Google, without any configuration', async (context) => {
  for (const workers of ['0', '1']) {
    const gateway = await startTestGateway(context, {
      args: ['--quickstart', '--workers', workers],
      environment: { OPENAI_API_KEY: '' },
    });
    const response = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
    });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /data: \[DONE\]/);
    const ofGoogle = await gateway.fetch('/v1beta/models/gpt-4o-mini:generateContent', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }),
    });
    assert.match(await ofGoogle.text(), /You said: hello/);
    assert.match(gateway.stderr, /curl -N http:\/\/localhost:\d+\/v1\/chat\/completions/);
    assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  }
});
