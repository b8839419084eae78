// The largest and oddest requests and answers that are still legal: what is over a limit is refused by its name, all else arrives
// whole, in bounded memory, also in another wire.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { type AiGateway, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { startPlainServer } from '../support/plain-server.ts';

const MEBIBYTE = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

interface Received {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly input_schema?: object; readonly function?: { readonly parameters: object } }[];
  readonly model: string;
  readonly stream?: boolean;
}
let last: Received | undefined;

function received(): Received {
  return last ?? assert.fail('nothing arrived');
}

const ODD_TEXT = 'NUL \0, lone \ud800 and \udc00, emoji 👩‍👩‍👧‍👦, "quoted" \\ \u2028 end';

/** Anthropic's stream of one text in the pieces given. */
function anthropicStream(texts: readonly string[]): string {
  const event = (type: string, rest: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null };
  const deltas = texts.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }));
  return [
    event('message_start', { message: { ...message, usage: { input_tokens: 1, output_tokens: 1 } } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...deltas,
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } }),
    event('message_stop', {}),
  ].join('');
}

const LONG = 'long words '.repeat(100_000);

function openaiStream(text: string): string {
  const chunk = (choices: object): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`;
  const first = chunk([{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }]);
  return `${first}${chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])}data: [DONE]\n\n`;
}

/** Byte by byte around what is not ASCII: no character arrives whole. */
function inPieces(response: ServerResponse, text: string): void {
  const bytes = Buffer.from(text);
  let at = 0;
  const next = (): void => {
    if (at >= bytes.length) {
      response.end();
      return;
    }
    const end = bytes[at] < 0x80 ? bytes.findIndex((byte, index) => index > at && byte >= 0x80) : at + 1;
    const until = end === -1 ? bytes.length : end;
    response.write(bytes.subarray(at, until));
    at = until;
    setImmediate(next);
  };
  next();
}

const SSE = { 'content-type': 'text/event-stream' };
const WHOLE = {
  id: 'm1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: ODD_TEXT }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 3, output_tokens: 1 },
};
const CHOICE = { index: 0, message: { role: 'assistant', content: ODD_TEXT }, finish_reason: 'stop' };
const COMPLETION = { id: 'c1', object: 'chat.completion', created: 1, model: 'm', choices: [CHOICE] };

const provider = await startPlainServer(FILE_SCOPE, (request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    last = JSON.parse(Buffer.concat(pieces).toString()) as Received;
    const isAnthropic = (request.url ?? '').endsWith('/messages');
    if (last.stream !== true) response.writeHead(200, JSON_TYPE).end(JSON.stringify(isAnthropic ? WHOLE : COMPLETION));
    else if (last.model === 'long')
      response.writeHead(200, SSE).end(isAnthropic ? anthropicStream([LONG]) : openaiStream(LONG));
    else
      inPieces(
        response.writeHead(200, SSE),
        isAnthropic ? anthropicStream(['👋 ', 'é', ODD_TEXT]) : openaiStream(ODD_TEXT),
      );
  });
});

function config(limits: object): object {
  return {
    listeners: [{ name: 'default', port: 0, limits }],
    backends: {
      openai: { provider: 'openai', base_url: `${provider.url}/v1`, api_key: 'k' },
      anthropic: { provider: 'anthropic', base_url: provider.url, api_key: 'k' },
    },
    prices: { anthropic: { limited: { max_output_tokens: 12_345 } } },
    routes: ['openai', 'anthropic'].map((name) => ({
      name,
      match: { path: '/*', headers: { 'x-to': name } },
      backend: name,
    })),
  };
}

const ai = await startAiGateway(FILE_SCOPE, { config: () => config({}) });
const roomy = await startAiGateway(FILE_SCOPE, { config: () => config({ max_buffered_body: '64MiB' }) });

interface Client {
  readonly name: string;
  readonly path: string;
  /** The provider of another wire. */
  readonly to: string;
  image(data: string): object;
}

const text = { type: 'text', text: 'Look' };
const CLIENTS: readonly Client[] = [
  {
    name: 'openai',
    path: '/v1/chat/completions',
    to: 'anthropic',
    image: (data) => ({
      model: 'm',
      messages: [
        { role: 'user', content: [text, { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }] },
      ],
    }),
  },
  {
    name: 'anthropic',
    path: '/v1/messages',
    to: 'openai',
    image: (data) => {
      const source = { type: 'base64', media_type: 'image/png', data };
      return { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: [text, { type: 'image', source }] }] };
    },
  },
  {
    name: 'gemini',
    path: '/v1beta/models/m:generateContent',
    to: 'openai',
    image: (data) => ({
      contents: [{ role: 'user', parts: [{ text: 'Look' }, { inlineData: { mimeType: 'image/png', data } }] }],
    }),
  },
];

const IMAGE = 'iVBORw0KGgoAAAANSUhE'.repeat(2 * MEBIBYTE);
const digest = (value: string): string => createHash('sha256').update(value).digest('hex');

async function residentBytes(gateway: AiGateway): Promise<number> {
  return metricSum(await gateway.metrics(), 'process_resident_memory_bytes');
}

test('an image of 40 MB is over the default limit: 413 in the client’s words, naming the limit', async () => {
  for (const client of CLIENTS) {
    const answer = await ai.post(client.path, JSON.stringify(client.image(IMAGE)), {
      'x-to': client.to,
      'x-request-id': `large-${client.name}`,
    });
    assert.equal(answer.status, 413, client.name);
    const body = await answer.text();
    assert.match(body, /max_buffered_body/, client.name);
    assert.ok('error' in (JSON.parse(body) as object));
    assert.equal((await ai.line(`large-${client.name}`)).error?.code, 'request.too-large');
  }
});

test('under a limit that was raised it is translated, byte for byte, and memory stays bounded', async () => {
  const before = await residentBytes(roomy);
  for (const client of CLIENTS) {
    const answer = await roomy.post(client.path, JSON.stringify(client.image(IMAGE)), { 'x-to': client.to });
    assert.equal(answer.status, 200, `${client.name}: ${await answer.clone().text()}`);
    await answer.text();
    const sent = JSON.stringify(received().messages[0].content);
    const found = /"(?:data:image\/png;base64,)?(iVBORw0KGgo[A-Za-z0-9]+)"/.exec(sent)?.[1] ?? '';
    assert.equal(digest(found), digest(IMAGE), client.name);
  }
  const grown = (await residentBytes(roomy)) - before;
  // Each is held as bytes, as text and as the text that is sent; 210 MiB after nine of them was measured.
  assert.ok(grown < 1024 * MEBIBYTE, `grew by ${Math.round(grown / MEBIBYTE)} MiB`);
});

test('an event of 1 MB passes and is translated, whole', async () => {
  for (const [path, to, isPassed] of [
    ['/v1/chat/completions', 'openai', true],
    ['/v1/messages', 'anthropic', true],
    ['/v1/chat/completions', 'anthropic', false],
    ['/v1/messages', 'openai', false],
    ['/v1/responses', 'anthropic', false],
    ['/v1beta/models/long:streamGenerateContent?alt=sse', 'openai', false],
  ] as const) {
    const messages = [{ role: 'user', content: 'Talk' }];
    const contents = [{ role: 'user', parts: [{ text: 'Talk' }] }];
    const own = path.startsWith('/v1beta') ? { contents } : path === '/v1/responses' ? { input: 'Talk' } : { messages };
    const shared = path.startsWith('/v1beta') ? {} : { model: 'long', stream: true };
    const limit = path === '/v1/messages' ? { max_tokens: 9 } : {};
    const answer = await ai.post(path, JSON.stringify({ ...shared, ...own, ...limit }), { 'x-to': to });
    assert.equal(answer.status, 200);
    const stream = await answer.text();
    assert.ok(stream.includes(LONG), `${path} to ${to}, ${isPassed ? 'passed' : 'translated'}`);
    assert.doesNotMatch(stream.slice(-300), /"error"/);
  }
});

test('ten thousand messages arrive in their order', async () => {
  const messages = Array.from({ length: 10_001 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `number ${index}`,
  }));
  for (const [path, to] of [
    ['/v1/chat/completions', 'anthropic'],
    ['/v1/messages', 'openai'],
  ] as const) {
    const answer = await ai.post(path, JSON.stringify({ model: 'm', max_tokens: 9, messages }), { 'x-to': to });
    assert.equal(answer.status, 200, await answer.text());
    const numbers = JSON.stringify(received().messages).match(/number \d+/g) ?? [];
    assert.deepEqual(
      numbers,
      messages.map(({ content }) => content),
    );
  }
});

function nested(depth: number): object {
  let schema: object = { type: 'string' };
  for (let level = 0; level < depth; level++) schema = { type: 'object', properties: { inner: schema } };
  return schema;
}

test('the schema of a tool may be nested 200 deep', async () => {
  const parameters = nested(200);
  const messages = [{ role: 'user', content: 'Call it' }];
  const tools = [{ type: 'function', function: { name: 'f', parameters } }];
  const openai = await ai.post('/v1/chat/completions', JSON.stringify({ model: 'm', messages, tools }), {
    'x-to': 'anthropic',
  });
  assert.equal(openai.status, 200, await openai.text());
  assert.deepEqual(received().tools?.[0].input_schema, parameters);
  const own = [{ name: 'f', input_schema: parameters }];
  const anthropic = await ai.post('/v1/messages', JSON.stringify({ model: 'm', max_tokens: 9, messages, tools: own }), {
    'x-to': 'openai',
  });
  assert.equal(anthropic.status, 200, await anthropic.text());
  assert.deepEqual(received().tools?.[0].function?.parameters, parameters);
});

test('deeper than any stack is refused as JSON, in the client’s words', async () => {
  for (const [path, to] of [
    ['/v1/chat/completions', 'anthropic'],
    ['/v1/messages', 'openai'],
    ['/v1beta/models/m:generateContent', 'openai'],
  ] as const) {
    const body = `{"model":"m","messages":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const answer = await ai.post(path, body, { 'x-to': to });
    assert.equal(answer.status, 400, path);
    assert.ok('error' in ((await answer.json()) as object));
  }
});

test('NUL, lone surrogates and split emoji arrive both ways as they are', async () => {
  for (const [path, to] of [
    ['/v1/chat/completions', 'anthropic'],
    ['/v1/chat/completions', 'openai'],
    ['/v1/messages', 'openai'],
    ['/v1/messages', 'anthropic'],
  ] as const)
    for (const stream of [false, true]) {
      const body = { model: 'm', max_tokens: 9, stream, messages: [{ role: 'user', content: ODD_TEXT }] };
      const answer = await ai.post(path, JSON.stringify(body), { 'x-to': to });
      assert.equal(answer.status, 200);
      const told = await answer.text();
      assert.ok(
        JSON.stringify(received().messages).includes(JSON.stringify(ODD_TEXT).slice(1, -1)),
        `${path} to ${to}`,
      );
      assert.ok(told.includes(JSON.stringify(ODD_TEXT).slice(1, -1)), `${path} from ${to}: ${told}`);
    }
});

test('what is known of a model’s size is the max_tokens of a client that names none', async () => {
  const messages = [{ role: 'user', content: 'hi' }];
  for (const [model, limit] of [
    ['limited', 12_345],
    ['other', 4096],
  ] as const) {
    const answer = await ai.post('/v1/chat/completions', JSON.stringify({ model, messages }), { 'x-to': 'anthropic' });
    assert.equal(answer.status, 200);
    assert.equal((received() as { readonly max_tokens?: number }).max_tokens, limit);
  }
});

test('afterwards no worker was lost', async () => {
  for (const gateway of [ai, roomy])
    assert.equal(metricSum(await gateway.metrics(), 'gateway_worker_restarts_total'), 0);
});
