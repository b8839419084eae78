// What a provider should not answer, in every client's format: where bytes pass they stay as they are, where they are translated the
// client gets a proper error of its own format, with the code in the log, and nothing breaks.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { startPlainServer } from '../support/plain-server.ts';
import { until } from './support/gateway.ts';

const GOOD = {
  openai: {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Fine' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  },
  anthropic: {
    id: 'm1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Fine' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  },
} as const;

type Wire = keyof typeof GOOD;
const JSON_TYPE = { 'content-type': 'application/json' };

type Say = (response: ServerResponse, wire: Wire) => void;

/** By the name of the model. */
const SAYINGS: Readonly<Record<string, Say>> = {
  html: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'),
  truncated: (response, wire) => response.writeHead(200, JSON_TYPE).end(JSON.stringify(GOOD[wire]).slice(0, -20)),
  empty: (response) => response.writeHead(200, JSON_TYPE).end(),
  'no-content': (response) => response.writeHead(204).end(),
  'other-wire': (response, wire) =>
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(GOOD[wire === 'openai' ? 'anthropic' : 'openai'])),
  'json-null': (response) => response.writeHead(200, JSON_TYPE).end('null'),
  'json-array': (response) => response.writeHead(200, JSON_TYPE).end('[]'),
  'json-text': (response) => response.writeHead(200, JSON_TYPE).end('"Fine"'),
  'error-in-200': (response) =>
    response.writeHead(200, JSON_TYPE).end('{"error":{"message":"down","type":"server_error"},"type":"error"}'),
  deep: (response) => response.writeHead(200, JSON_TYPE).end('['.repeat(100_000)),
  'half-gzip': (response, wire) =>
    response
      .writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
      .end(gzipSync(JSON.stringify(GOOD[wire])).subarray(0, 40)),
};

/** These are answers all the same. */
const GOOD_SAYINGS: Readonly<Record<string, Say>> = {
  'wrong-type': (response, wire) =>
    response.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(GOOD[wire])),
  'no-type': (response, wire) => response.writeHead(200).end(JSON.stringify(GOOD[wire])),
  gzip: (response, wire) =>
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify(GOOD[wire]))),
};

const provider = await startPlainServer(FILE_SCOPE, (request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const { model } = JSON.parse(Buffer.concat(pieces).toString()) as { readonly model: string };
    const say = SAYINGS[model] ?? GOOD_SAYINGS[model] ?? assert.fail(model);
    say(response, (request.url ?? '').endsWith('/messages') ? 'anthropic' : 'openai');
  });
});

const ai = await startAiGateway(FILE_SCOPE, {
  config: () => ({
    backends: {
      openai: { provider: 'openai', base_url: `${provider.url}/v1`, api_key: 'k' },
      anthropic: { provider: 'anthropic', base_url: provider.url, api_key: 'k' },
    },
    routes: ['openai', 'anthropic'].map((name) => ({
      name,
      match: { path: '/*', headers: { 'x-to': name } },
      backend: name,
    })),
  }),
});

interface Client {
  readonly name: string;
  readonly to: Wire;
  ask(model: string, isStream?: boolean): readonly [path: string, body: object];
  /** Its own error JSON: code or status word, and message. */
  readError(body: unknown): readonly [kind: string, message: string];
  readText(body: unknown): string;
}

type Tree = { readonly [name: string]: Tree } & { readonly [index: number]: Tree } & string;
const messages = [{ role: 'user', content: 'How are you?' }];

const CLIENTS: readonly Client[] = [
  {
    name: 'openai',
    to: 'anthropic',
    ask: (model, stream) => ['/v1/chat/completions', { model, messages, stream }],
    readError: (body) => [(body as Tree).error.type, (body as Tree).error.message],
    readText: (body) => (body as Tree).choices[0].message.content,
  },
  {
    name: 'openai responses',
    to: 'anthropic',
    ask: (model, stream) => ['/v1/responses', { model, input: 'How are you?', stream }],
    readError: (body) => [(body as Tree).error.type, (body as Tree).error.message],
    readText: (body) => (body as Tree).output[0].content[0].text,
  },
  {
    name: 'anthropic',
    to: 'openai',
    ask: (model, stream) => ['/v1/messages', { model, messages, max_tokens: 9, stream }],
    readError: (body) => [(body as Tree).error.type, (body as Tree).error.message],
    readText: (body) => (body as Tree).content[0].text,
  },
  {
    name: 'gemini',
    to: 'openai',
    ask: (model, isStream) => [
      `/v1beta/models/${model}:${isStream === true ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      { contents: [{ role: 'user', parts: [{ text: 'How are you?' }] }] },
    ],
    readError: (body) => [(body as Tree).error.status, (body as Tree).error.message],
    readText: (body) => (body as Tree).candidates[0].content.parts[0].text,
  },
];

const KINDS: Readonly<Record<string, string>> = {
  openai: 'server_error',
  'openai responses': 'server_error',
  anthropic: 'api_error',
  gemini: 'UNAVAILABLE',
};

let requests = 0;

async function ask(client: Client, model: string, isStream: boolean) {
  const id = `bad-${requests++}`;
  const [path, body] = client.ask(model, isStream);
  const response = await ai.post(path, JSON.stringify(body), { 'x-to': client.to, 'x-request-id': id });
  const { status, headers } = response;
  return { status, headers, text: await response.text(), line: await ai.line(id) };
}

for (const client of CLIENTS) {
  for (const isStream of [false, true]) {
    const what = `${client.name}${isStream ? ', streamed' : ''}`;

    test(`${what}: an answer that is not of the provider's API is an error in the client's words`, async () => {
      for (const model of Object.keys(SAYINGS)) {
        const { status, headers, text, line } = await ask(client, model, isStream);
        assert.equal(status, 502, `${model}: ${text}`);
        assert.equal(headers.get('content-type'), 'application/json', model);
        const [kind, message] = client.readError(JSON.parse(text));
        assert.equal(kind, KINDS[client.name], model);
        assert.match(message, /^The endpoint /, model);
        assert.ok(text.includes(headers.get('x-request-id') ?? '?'), `${model}: ${text}`);
        const expected = model === 'error-in-200' ? 'upstream.in-band-error' : 'upstream.bad-response';
        assert.equal(line.error?.code, expected, model);
        assert.equal(line.status, 502);
      }
    });
  }

  test(`${client.name}: what is only labelled wrong, or packed, is the answer`, async () => {
    for (const model of Object.keys(GOOD_SAYINGS)) {
      const { status, headers, text } = await ask(client, model, false);
      assert.equal(status, 200, `${model}: ${text}`);
      assert.equal(headers.get('content-type'), 'application/json', model);
      assert.equal(headers.get('content-encoding'), null);
      assert.equal(client.readText(JSON.parse(text)), 'Fine', model);
    }
  });
}

test('where bytes pass, they are what the provider said, and nothing is invented', async () => {
  for (const [to, path] of [
    ['openai', '/v1/chat/completions'],
    ['anthropic', '/v1/messages'],
  ] as const)
    for (const model of ['html', 'truncated', 'empty', 'no-content', 'other-wire', 'json-null', 'deep', 'wrong-type']) {
      const answer = await ai.post(path, JSON.stringify({ model, messages, max_tokens: 9 }), { 'x-to': to });
      const sent = await fetch(`${provider.url}${path}`, { method: 'POST', body: JSON.stringify({ model }) });
      assert.equal(answer.status, sent.status, model);
      assert.equal(answer.headers.get('content-type'), sent.headers.get('content-type'), model);
      assert.equal(await answer.text(), await sent.text(), model);
    }
});

test('afterwards the gateway is well, and has counted each failure', async () => {
  await until('no request is active', async () => metricSum(await ai.metrics(), 'gateway_active_requests') === 0);
  const metrics = await ai.metrics();
  assert.equal(metricSum(metrics, 'gateway_worker_restarts_total'), 0);
  const failed = metricSum(metrics, 'gateway_route_requests_total', { status_code: '502' });
  assert.ok(failed >= CLIENTS.length * 2 * Object.keys(SAYINGS).length, `${failed} counted`);
});
