// The AI router over real sockets: strategies, names, wishes, tenants, several keys, limits, fallbacks by class, and what the admin
// server says of providers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { startPlainServer } from '../support/plain-server.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';

interface Received {
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type Say = (
  received: Received,
) => { readonly status: number; readonly error?: object; readonly headers?: object } | undefined;

/** A provider of OpenAI's wire that answers with its name, or as it is told. */
async function startProvider(name: string): Promise<{ url: string; received: Received[]; say(next: Say): void }> {
  const received: Received[] = [];
  let say: Say = () => undefined;
  const { url } = await startPlainServer(FILE_SCOPE, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(pieces).toString() || '{}');
      const one = { key: (request.headers.authorization ?? '').replace('Bearer ', ''), body };
      received.push(one);
      const told = say(one);
      response.writeHead(told?.status ?? 200, { 'content-type': 'application/json', ...told?.headers });
      const message = { role: 'assistant', content: name };
      const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      const good = { id: 'c', object: 'chat.completion', created: 1, model: body.model, choices, usage };
      response.end(JSON.stringify(told === undefined ? good : { error: { message: 'x', ...told.error } }));
    });
  });
  return {
    url,
    received,
    say(next) {
      say = next;
      received.length = 0;
    },
  };
}

const [main, local, far] = [await startProvider('main'), await startProvider('local'), await startProvider('far')];
const KEYS = ['sk-first-0a0a', 'sk-second-1b1b'];

function backends(more: object = {}): object {
  return {
    main: { provider: 'openai', base_url: `${main.url}/v1`, api_key: 'k' },
    local: { provider: 'openai-compatible', base_url: `${local.url}/v1`, models: ['llama-3', 'qwen-*'] },
    ...more,
  };
}

interface Answer {
  readonly status: number;
  /** Who answered, and as which model. */
  readonly by: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly retryAfter: string | null;
}

async function ask(
  gateway: TestGateway,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], ...body }),
  });
  const text = await response.text();
  const answer = JSON.parse(text);
  return {
    status: response.status,
    by: response.ok ? `${answer.choices[0].message.content}/${answer.model}` : '',
    code: answer.error?.code,
    message: answer.error?.message ?? '',
    retryAfter: response.headers.get('retry-after'),
  };
}

function reset(): void {
  for (const provider of [main, local, far]) provider.say(() => undefined);
}

test('a strategy, a name and the wishes of a request find model and provider', async (context) => {
  reset();
  const gateway = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: {
      backends: backends({ or: { provider: 'openrouter', base_url: `${far.url}/v1`, api_key: 'k' } }),
      router: { strategy: 'cost', priorities: { cost: ['llama-3', 'gpt-4o-mini'] } },
    },
  });
  assert.equal((await ask(gateway, { model: 'auto' })).by, 'local/llama-3');
  assert.equal((await ask(gateway, { model: 'auto:quality' })).by, 'main/gpt-4o');
  assert.equal((await ask(gateway, { model: 'local/qwen-7' })).by, 'local/qwen-7');
  assert.equal((await ask(gateway, { model: 'or/meta/llama-4' })).by, 'far/meta/llama-4');
  assert.equal((await ask(gateway, { model: 'gpt-4o' })).by, 'main/gpt-4o');

  const wished = { model: 'gpt-4o', provider: { order: ['or'] }, models: ['llama-3'], seed: 7 };
  assert.equal((await ask(gateway, wished)).by, 'far/gpt-4o');
  assert.deepEqual(far.received.at(-1)?.body.provider, { order: ['or'] }, 'OpenRouter reads the wishes itself');
  far.say(() => ({ status: 500 }));
  assert.equal((await ask(gateway, wished)).by, 'main/gpt-4o');
  const { provider, models, seed } = main.received.at(-1)?.body ?? {};
  assert.deepEqual([provider, models, seed], [undefined, undefined, 7], 'others are sent the request without them');
  main.say(() => ({ status: 500 }));
  assert.equal((await ask(gateway, wished)).by, 'local/llama-3');
  reset();

  const wrong = await ask(gateway, { model: 'gpt-4o', provider: { order: 'main' } });
  assert.equal(wrong.status, 400);
  assert.match(wrong.message, /provider\.order/);
  const nobody = await ask(gateway, { model: 'gpt-4o', provider: { only: ['local'] } });
  assert.equal(nobody.status, 404);
  assert.match(nobody.message, /provider\.only/);
});

test('an unknown name is not found, and the nearest one is named', async (context) => {
  reset();
  const gateway = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: { backends: backends(), router: {} },
  });
  const provider = await ask(gateway, { model: 'mian/gpt-4o' });
  assert.deepEqual([provider.status, provider.code], [404, 'model_not_found']);
  assert.match(provider.message, /did you mean main\/gpt-4o\?/);
  const other = await ask(gateway, { model: 'claude-3-opus' });
  assert.deepEqual([other.status, other.code], [404, 'model_not_found']);
  assert.match(other.message, /no provider has claude-3-opus; providers: main, openai, local/);
  assert.equal((await ask(gateway, {})).status, 400);
  assert.equal(main.received.length + local.received.length, 0);
});

test('tenants use what is theirs, and are named in log and metrics', async (context) => {
  reset();
  const gateway = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: {
      backends: backends(),
      model_mapping: { fast: 'main/gpt-4o-mini', free: 'local/llama-3' },
      tenants: {
        red: { api_keys: ['red-key-55'], allowed_providers: ['main'] },
        blue: { header: { name: 'X-Team', value: 'blue' }, allowed_models: ['free'] },
      },
    },
  });
  const red = { authorization: 'Bearer red-key-55' };
  const blue = { 'x-team': 'blue' };
  assert.equal((await ask(gateway, { model: 'fast' }, red)).by, 'main/gpt-4o-mini');
  assert.equal((await ask(gateway, { model: 'free' }, blue)).by, 'local/llama-3');
  assert.equal((await ask(gateway, { model: 'free' }, red)).status, 403);
  assert.equal((await ask(gateway, { model: 'fast' }, blue)).status, 403);
  assert.equal((await ask(gateway, { model: 'main/gpt-4o' }, blue)).status, 403);
  assert.equal((await ask(gateway, { model: 'fast' }, { authorization: 'Bearer red-key-56' })).status, 401);
  assert.notEqual(main.received.at(-1)?.key, 'red-key-55');

  const listed = await (await gateway.fetch('/v1/models', { headers: blue })).json();
  assert.deepEqual(
    (listed as { data: { id: string }[] }).data.map(({ id }) => id),
    ['free'],
  );

  await until('lines of both tenants', () => {
    const tenants = new Set(gateway.accessLog.map((line) => line.tenant));
    return tenants.has('red') && tenants.has('blue');
  });
  assert.doesNotMatch(gateway.stdout, /red-key-55/);
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.equal(metricSum(metrics, 'gateway_tenant_requests_total', { tenant: 'red', status_code: '403' }), 1);
  assert.equal(metricSum(metrics, 'gateway_tenant_tokens_total', { tenant: 'blue', token_type: 'input' }), 3);
});

test('a refused key is dead for the request and stands out; with all of them the client’s own is not blamed', async (context) => {
  reset();
  const gateway = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: {
      backends: {
        main: { provider: 'openai', base_url: `${main.url}/v1`, api_keys: [KEYS[0], { key: KEYS[1], weight: 1 }] },
      },
      routes: [{ name: 'ai', match: { path: '/v1/*' }, backend: 'main' }],
    },
  });
  main.say(({ key }) => (key === KEYS[0] ? { status: 401, error: { code: 'invalid_api_key' } } : undefined));
  for (let index = 0; index < 6; index++) assert.equal((await ask(gateway, { model: 'gpt-4o' })).status, 200);
  const used = main.received.map(({ key }) => key);
  assert.equal(used.filter((key) => key === KEYS[0]).length, 1, 'the dead key is asked once');

  const health = await (await gateway.admin('/api/v1/admin/router/health?verbose=1')).json();
  const [seen] = (health as { providers: { keys: { name: string; cooldown?: { cause: string } }[] }[] }).providers;
  assert.deepEqual(
    seen.keys.map(({ cooldown }) => cooldown?.cause),
    ['credential', undefined],
  );
  assert.doesNotMatch(JSON.stringify(health), /sk-first|sk-second/);

  main.say(() => ({ status: 403 }));
  const exhausted = await ask(gateway, { model: 'gpt-4o' });
  assert.deepEqual([exhausted.status, exhausted.code], [502, 'upstream.credentials-exhausted']);
  assert.deepEqual(new Set(main.received.map(({ key }) => key)), new Set(KEYS));
  // One key of a list is the gateway's own too.
  const single = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: { backends: { main: { provider: 'openai', base_url: `${main.url}/v1`, api_keys: KEYS[0] } }, router: {} },
  });
  assert.equal((await ask(single, { model: 'gpt-4o' })).status, 502);
  assert.doesNotMatch(gateway.stdout + gateway.stderr, /sk-first|sk-second/);
});

test('what is at its limit is left alone for as long as it says; requests wait for it where they may', async (context) => {
  reset();
  const config = (queue: object): object => ({ backends: backends(), router: { ...queue } });
  const gateway = await startTestGateway(context, { args: ['--workers', '1'], config: config({}) });
  main.say(() => ({ status: 429, headers: { 'retry-after': '30' } }));
  assert.equal((await ask(gateway, { model: 'gpt-4o' })).status, 429);
  const again = await ask(gateway, { model: 'gpt-4o' });
  assert.equal(again.status, 429);
  assert.ok(Number(again.retryAfter) > 10 && Number(again.retryAfter) <= 30, `retry-after ${again.retryAfter}`);
  assert.equal(main.received.length, 1, 'nobody asks again');
  assert.equal((await ask(gateway, { model: 'llama-3' })).by, 'local/llama-3');

  reset();
  const patient = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: config({ queue: { max: 5, timeout: '20s' } }),
  });
  main.say(() => (main.received.length === 1 ? { status: 429, headers: { 'retry-after-ms': '400' } } : undefined));
  assert.equal((await ask(patient, { model: 'gpt-4o' })).status, 429);
  assert.equal((await ask(patient, { model: 'gpt-4o' })).by, 'main/gpt-4o');
  assert.equal(main.received.length, 2);
});

test('refusals of a class go to the list of their class, everything else in the order of the fallback', async (context) => {
  reset();
  const gateway = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: {
      backends: backends({ far: { provider: 'openai-compatible', base_url: `${far.url}/v1`, models: ['long-1'] } }),
      router: { fallbacks: { context_window: ['far/long-1'], content_policy: ['local/qwen-7'] } },
      fallback: { fallback_order: ['main', 'local'] },
    },
  });
  main.say(() => ({ status: 400, error: { code: 'context_length_exceeded' } }));
  assert.equal((await ask(gateway, { model: 'gpt-4o' })).by, 'far/long-1');
  main.say(() => ({ status: 400, error: { code: 'content_filter' } }));
  assert.equal((await ask(gateway, { model: 'gpt-4o' })).by, 'local/qwen-7');
  main.say(() => ({ status: 503 }));
  assert.equal((await ask(gateway, { model: 'gpt-4o' })).by, 'local/llama-3');
  main.say(() => ({ status: 400, error: { code: 'invalid_request' } }));
  assert.equal((await ask(gateway, { model: 'gpt-4o' })).status, 400);
});

test('the breaker that a router gives opens after failures, and the health document says so', async (context) => {
  reset();
  const gateway = await startTestGateway(context, {
    args: ['--workers', '1'],
    config: { backends: backends(), router: {} },
  });
  main.say(() => ({ status: 500 }));
  for (let index = 0; index < 5; index++) assert.equal((await ask(gateway, { model: 'gpt-4o' })).status, 500);
  const open = await ask(gateway, { model: 'gpt-4o' });
  assert.equal(open.status, 503);
  assert.ok(Number(open.retryAfter) > 5, `retry-after ${open.retryAfter}`);
  assert.equal((await ask(gateway, { model: 'llama-3' })).status, 200);
  const health = (await (await gateway.admin('/api/v1/admin/router/health')).json()) as {
    providers: Readonly<Record<string, unknown>>[];
  };
  assert.deepEqual(
    health.providers.map(({ name, status, success_rate }) => [name, status, success_rate]),
    [
      ['main', 'unhealthy', 0],
      ['local', 'healthy', 100],
    ],
  );
  assert.deepEqual(Object.keys(health.providers[0]), ['name', 'status', 'latency_ms', 'success_rate']);
});
