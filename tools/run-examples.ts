// Runs examples/*: each gateway.yaml as it stands, in front of simulators on free ports, with the requests of its requests.yaml.
// `node tools/run-examples.ts [NAME…]`; the same check is part of `npm test`.
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Simulator, startSimulator } from '../src/simulator/simulator.ts';
import { startTestGateway, type TestGateway, until } from '../test/e2e/support/gateway.ts';
import { type ExampleExpectation, type ExampleFile, type ExampleRequest, readExampleFile } from './example-file.ts';

const ROOT = dirname(import.meta.dirname);

/** Ends what was started, the latest first. */
class Scope {
  private readonly ends: (() => unknown)[] = [];

  after(end: () => unknown): void {
    this.ends.unshift(end);
  }

  async close(): Promise<void> {
    for (const end of this.ends) await end();
  }
}

interface LogLine {
  readonly request_id: string;
  readonly route_name: string | null;
  readonly upstream?: string;
  readonly gen_ai?: { readonly request: { readonly sent_model: string } };
}

interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly line: LogLine;
}

export function exampleNames(): readonly string[] {
  return globSync('examples/*/gateway.yaml', { cwd: ROOT })
    .map((path) => basename(dirname(path)))
    .sort();
}

async function startServers(file: ExampleFile, scope: Scope): Promise<Readonly<Record<string, string>>> {
  const environment: Record<string, string> = { ...file.environment };
  for (const { name, variable, path = '', down = false } of file.servers) {
    const simulator: Simulator = await startSimulator({ port: 0, name });
    environment[variable] = simulator.url + path;
    if (down) await simulator.close();
    else scope.after(() => simulator.close());
  }
  return environment;
}

async function send(gateway: TestGateway, request: ExampleRequest, requestId: string): Promise<Outcome> {
  const { method = request.body === undefined ? 'GET' : 'POST', path, headers = {}, body } = request;
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await gateway.fetch(path, {
    method,
    headers: { ...json, ...headers, 'x-request-id': requestId },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  const line = await until(`the log line of "${request.name}"`, () =>
    (gateway.accessLog as unknown as readonly LogLine[]).find((entry) => entry.request_id === requestId),
  );
  return { status: response.status, headers: response.headers, text, line };
}

function differences(expect: ExampleExpectation, { status, headers, text, line }: Outcome): readonly string[] {
  const problems: string[] = [];
  const compare = (what: string, wanted: unknown, got: unknown): void => {
    if (wanted !== undefined && wanted !== got) problems.push(`${what} is ${got}, expected ${wanted}`);
  };
  compare('the status', expect.status, status);
  compare('the route', expect.route, line.route_name);
  compare('the backend', expect.upstream, line.upstream);
  compare('the model', expect.model, line.gen_ai?.request.sent_model);
  for (const [name, value] of Object.entries(expect.headers ?? {})) compare(name, value, headers.get(name));
  for (const part of expect.body ?? []) if (!text.includes(part)) problems.push(`the body lacks ${part}: ${text}`);
  for (const part of expect.body_without ?? []) if (text.includes(part)) problems.push(`the body has ${part}: ${text}`);
  return problems;
}

async function tryRequest(gateway: TestGateway, request: ExampleRequest): Promise<readonly string[]> {
  const { times = 1, expect } = request;
  const problems: string[] = [];
  const counts: Record<string, number> = {};
  for (let round = 0; round < times; round++) {
    const outcome = await send(gateway, request, `${request.name.replaceAll(/[^a-z0-9]+/gi, '-')}-${round}`);
    problems.push(...differences(expect, outcome));
    const upstream = outcome.line.upstream ?? 'none';
    counts[upstream] = (counts[upstream] ?? 0) + 1;
  }
  for (const [upstream, count] of Object.entries(expect.shares ?? {}))
    if (counts[upstream] !== count) problems.push(`${upstream} answered ${counts[upstream] ?? 0} times, not ${count}`);
  return problems.map((problem) => `${request.name}: ${problem}`);
}

/** What did not come out as the example says; empty = all well. */
export async function runExample(name: string): Promise<readonly string[]> {
  const folder = join(ROOT, 'examples', name);
  const file = readExampleFile(join(folder, 'requests.yaml'));
  const scope = new Scope();
  try {
    const environment = await startServers(file, scope);
    const gateway = await startTestGateway(scope as unknown as TestContext, {
      config: readFileSync(join(folder, 'gateway.yaml'), 'utf8'),
      args: ['--workers', '1'],
      environment,
    });
    const problems: string[] = [];
    for (const request of file.requests) problems.push(...(await tryRequest(gateway, request)));
    return problems;
  } finally {
    await scope.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const named = process.argv.slice(2);
  for (const name of named.length > 0 ? named : exampleNames()) {
    const problems = await runExample(name);
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    for (const problem of problems) console.log(`  ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
}
