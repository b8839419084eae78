// Tokens and cost of AI requests over real sockets: the field of the answer, the log, the metrics and the explanation say the same.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { runSwitchyard, startTestGateway, type TestGateway, until } from './support/gateway.ts';

let requests = 0;

function chat(model: string, rest: object = {}): RequestInit {
  const messages = [{ role: 'user', content: 'one two three four five six seven eight' }];
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': `cost-${requests++}` },
    body: JSON.stringify({ model, messages, ...rest }),
  };
}

function config(urls: Readonly<Record<string, string>>, rest: object = {}): object {
  const backends = Object.entries(urls).map(([name, url]) => [
    name,
    { provider: 'openai', base_url: `${url}/v1`, api_key: 'sk-test' },
  ]);
  const [first] = Object.keys(urls);
  return {
    backends: Object.fromEntries(backends),
    routes: [{ name: 'ai', match: { path: '/v1/*' }, backend: first }],
    ...rest,
  };
}

interface LogUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
  readonly estimated: boolean;
  readonly aborted?: boolean;
}

interface LogLine {
  readonly request_id: string;
  readonly gen_ai: { readonly usage: LogUsage };
  readonly agw?: {
    readonly ai: {
      readonly time_to_first_token?: number;
      readonly usage: {
        readonly cost: Readonly<Record<string, number>>;
        readonly price_version: string;
        readonly spent_tries?: number;
      };
    };
  };
}

async function logLine(gateway: TestGateway, id: string): Promise<LogLine> {
  const line = await until('the log line is there', () =>
    gateway.accessLog.find(({ request_id }) => request_id === id),
  );
  return line as unknown as LogLine;
}

/** Of the last request that was made. */
const lastId = (): string => `cost-${requests - 1}`;

/** A provider that answers every request alike. */
async function fixedProvider(context: TestContext, body: string, contentType = 'application/json'): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': contentType }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an answer says what it cost, and so do log, metrics and explanation', async (context) => {
  const usage = {
    prompt_tokens: 1000,
    completion_tokens: 200,
    total_tokens: 1200,
    prompt_tokens_details: { cached_tokens: 400 },
    completion_tokens_details: { reasoning_tokens: 50 },
  };
  const url = await fixedProvider(context, JSON.stringify({ model: 'gpt-4o-mini-2024-07-18', choices: [], usage }));
  const gateway = await startTestGateway(context, { config: config({ main: url }) });
  const response = await gateway.fetch('/v1/chat/completions', chat('gpt-4o-mini'));
  assert.equal(response.status, 200);
  await response.text();
  // 600 at 0.15, 400 at 0.075, 200 at 0.60 dollars per million.
  assert.equal(response.headers.get('x-switchyard-cost'), '0.00024');
  const { gen_ai, agw } = await logLine(gateway, lastId());
  assert.deepEqual([gen_ai.usage.input_tokens, gen_ai.usage.output_tokens, gen_ai.usage.estimated], [1000, 200, false]);
  const expected = { total: 0.00024, input: 0.00009, output: 0.00009, cache_read: 0.00003, reasoning: 0.00003 };
  assert.deepEqual(agw?.ai.usage.cost, expected);
  assert.match(agw?.ai.usage.price_version ?? '', /^genai-prices-/);
  const metrics = await (await gateway.admin('/metrics')).text();
  const labels = 'gen_ai_request_model="gpt-4o-mini",gen_ai_response_model="gpt-4o-mini-2024-07-18",route="ai"';
  for (const line of [
    `agentgateway_gen_ai_client_cost_usd_total{gen_ai_operation_name="chat",gen_ai_system="openai",${labels}} 0.00024`,
    'agentgateway_cost_catalog_lookups_total{status="exact"} 1',
    'gateway_cached_input_ratio{route="ai"} 0.4',
    'agentgateway_tokens_total{route_name="ai",token_type="input"} 1000',
    `gen_ai_client_operation_duration_count{gen_ai_operation_name="chat",gen_ai_provider_name="openai",${labels}} 1`,
    `agentgateway_gen_ai_server_request_duration_count{gen_ai_operation_name="chat",gen_ai_system="openai",${labels}} 1`,
  ])
    assert.ok(metrics.includes(`${line}\n`), line);
  const { code, stdout, stderr } = await runSwitchyard(['cost', 'explain', lastId(), '--admin', gateway.adminUrl]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\$0\.00024 {2}request /);
  assert.match(stdout, /answer: main, openai, gpt-4o-mini \(answered as gpt-4o-mini-2024-07-18\)/);
  assert.match(stdout, /cache read +400 tokens × 75000 = 30000000 pico-dollars/);
  const unknown = await runSwitchyard(['cost', 'explain', 'nothing', '--admin', gateway.adminUrl]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /not among the last/);
});

test('written prices count, and a model that nobody knows has no cost', async (context) => {
  const simulator = await startSimulator({ port: 0 });
  context.after(() => simulator.close());
  const prices = { main: { 'sim*': { input: 1, output: '2.5' } } };
  const gateway = await startTestGateway(context, { config: config({ main: simulator.url }, { prices }) });
  const priced = await gateway.fetch('/v1/chat/completions', chat('sim'));
  await priced.text();
  const { gen_ai, agw } = await logLine(gateway, lastId());
  const { input_tokens: input, output_tokens: output } = gen_ai.usage;
  const pico = BigInt(input) * 1_000_000n + BigInt(output) * 2_500_000n;
  assert.equal(BigInt(Math.round((agw?.ai.usage.cost.total ?? 0) * 1e12)), pico);
  assert.equal(Number(priced.headers.get('x-switchyard-cost')), agw?.ai.usage.cost.total);
  assert.match(agw?.ai.usage.price_version ?? '', /\+[0-9a-f]{8}$/);
  const unknown = await gateway.fetch('/v1/chat/completions', chat('other-model'));
  await unknown.text();
  assert.equal(unknown.headers.get('x-switchyard-cost'), null);
  assert.equal((await logLine(gateway, lastId())).agw, undefined);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.match(metrics, /agentgateway_cost_catalog_lookups_total\{status="unknown"\} 1\n/);
});

test('an answer without counts is counted by the tokenizer, and marked', async (context) => {
  const content = 'A short answer of nine words, with its dot.';
  const url = await fixedProvider(
    context,
    JSON.stringify({ model: 'gpt-4o', choices: [{ message: { role: 'assistant', content } }] }),
  );
  const gateway = await startTestGateway(context, { config: config({ main: url }) });
  const response = await gateway.fetch('/v1/chat/completions', chat('gpt-4o'));
  await response.text();
  const { gen_ai, agw } = await logLine(gateway, lastId());
  assert.equal(gen_ai.usage.estimated, true);
  // Eight words, and what frames one message; the answer's role is counted as no text.
  assert.deepEqual([gen_ai.usage.input_tokens, gen_ai.usage.output_tokens], [8 + 6, 11]);
  assert.equal(agw?.ai.usage.cost.total, (14 * 2.5 + 11 * 10) / 1e6);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.match(metrics, /gateway_usage_estimates_total\{method="tokenizer"\} 1\n/);
});

test('a stream whose client leaves is billed as what was produced', async (context) => {
  const simulator = await startSimulator({ port: 0 });
  context.after(() => simulator.close());
  const prices = { main: { 'sim*': { input: 1, output: 1 } } };
  const gateway = await startTestGateway(context, { config: config({ main: simulator.url }, { prices }) });
  const leaving = new AbortController();
  const request = chat('sim-gap-20ms', { stream: true, max_tokens: 4000 });
  const response = await gateway.fetch('/v1/chat/completions', { ...request, signal: leaving.signal });
  const reader = response.body?.getReader();
  assert.ok(reader !== undefined);
  let received = '';
  while (received.split('data: ').length < 5) received += Buffer.from((await reader.read()).value ?? []).toString();
  leaving.abort();
  const line = await logLine(gateway, lastId());
  const { usage } = line.gen_ai;
  assert.deepEqual([usage.aborted, usage.estimated], [true, true]);
  assert.ok(usage.input_tokens >= 8 && usage.output_tokens >= 3, JSON.stringify(usage));
  assert.ok((line.agw?.ai.usage.cost.total ?? 0) > 0);
  assert.ok((line.agw?.ai.time_to_first_token ?? -1) >= 0);
});

test('estimates can be turned off: then nothing is known', async (context) => {
  const url = await fixedProvider(context, JSON.stringify({ model: 'gpt-4o', choices: [] }));
  const gateway = await startTestGateway(context, { config: config({ main: url }, { usage: { estimate: false } }) });
  const response = await gateway.fetch('/v1/chat/completions', chat('gpt-4o'));
  await response.text();
  const { gen_ai, agw } = await logLine(gateway, lastId());
  assert.deepEqual([gen_ai.usage.total_tokens, gen_ai.usage.estimated, agw], [null, false, undefined]);
});
