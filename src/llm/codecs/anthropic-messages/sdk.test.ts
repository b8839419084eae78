// The official SDK against a server that understands and answers with this codec alone: what it sends is understood, what it gets
// is what was meant.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import type { LlmEvent } from '../../event.ts';
import { anthropic } from '../../formats/anthropic.ts';
import type { JsonObject } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { ChatRequest } from '../../request.ts';
import type { Finish } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { anthropicMessagesClient } from './client.ts';
import { anthropicTokenCountClient } from './count-tokens.ts';

/** What the server says, and what it was last asked. */
interface Turn {
  content: readonly AssistantPart[];
  finish: Finish;
  /** Instead of an end. */
  failsInStream: boolean;
  asked: ChatRequest | undefined;
}

const turn: Turn = { content: [], finish: { reason: 'stop' }, failsInStream: false, asked: undefined };
const usage = createUsage({ input: 30, output: 8, cachedInput: 10, cacheWrite: 5, cacheWrite1h: 2 });
const NO_ADDRESS = { model: undefined, stream: undefined };

function eventsOf(content: readonly AssistantPart[]): readonly LlmEvent[] {
  let call = -1;
  return content.flatMap((part): readonly LlmEvent[] => {
    if (part.type === 'text') return [...part.text].map((text) => ({ type: 'text-delta', choice: 0, text }));
    if (part.type === 'reasoning')
      return [
        { type: 'reasoning-delta', choice: 0, text: part.text },
        { type: 'reasoning-signature', choice: 0, signature: part.signature ?? '' },
      ];
    if (part.type !== 'tool-call') return [];
    call++;
    const pieces = part.arguments.match(/.{1,4}/g) ?? [];
    return [
      { type: 'tool-call-start', choice: 0, call, id: part.id, name: part.name },
      ...pieces.map((text): LlmEvent => ({ type: 'tool-call-delta', choice: 0, call, text })),
    ];
  });
}

function answerStream(request: ChatRequest, response: ServerResponse): void {
  const encoder = anthropicMessagesClient.createStreamEncoder({
    id: 'r1',
    model: request.model,
    createdSeconds: 1,
    request,
  });
  response.writeHead(200, { 'content-type': encoder.contentType });
  const events: LlmEvent[] = [
    { type: 'start', id: undefined, model: undefined, createdSeconds: undefined, usage },
    { type: 'ping' },
    ...eventsOf(turn.content),
  ];
  for (const event of events) response.write(encoder.encode(event));
  response.write(encoder.heartbeat());
  if (turn.failsInStream) {
    response.end(
      encoder.fail({ status: 529, type: 'overloaded_error', code: undefined, message: 'Busy', param: undefined }),
    );
    return;
  }
  response.write(encoder.encode({ type: 'finish', choice: 0, finish: turn.finish }));
  response.end(encoder.end());
}

function answer(body: JsonObject, response: ServerResponse): void {
  const decoded = anthropicMessagesClient.decodeRequest(body, NO_ADDRESS);
  if (!decoded.ok) {
    response.writeHead(400, { 'content-type': 'application/json', 'request-id': 'req-9' });
    response.end(anthropic.encodeError(400, 'request.invalid', decoded.message, 'req-9'));
    return;
  }
  turn.asked = decoded.value;
  if (decoded.value.stream) {
    answerStream(decoded.value, response);
    return;
  }
  const choice = { index: 0, content: turn.content, finish: turn.finish };
  const said = { id: undefined, model: undefined, createdSeconds: undefined, choices: [choice], usage };
  const frame = { id: 'r1', model: decoded.value.model, createdSeconds: 1, request: decoded.value };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(anthropicMessagesClient.encodeResponse(said, frame)));
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = JSON.parse(Buffer.concat(pieces).toString() || '{}') as JsonObject;
  const path = (request.url ?? '').split('?')[0];
  const operation = anthropic.detect(request.method ?? '', path, (name) => request.headers[name]?.toString());
  if (operation === 'chat') answer(body, response);
  else {
    assert.equal(operation, 'count-tokens');
    const decoded = anthropicTokenCountClient.decodeRequest(body, NO_ADDRESS);
    assert.ok(decoded.ok);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(anthropicTokenCountClient.encodeResponse({ inputTokens: 21, isEstimated: false })));
  }
}

const server = createServer((request, response) => void serve(request, response));
let client: Anthropic;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new Anthropic({ apiKey: 'sk-test', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function say(content: readonly AssistantPart[], finish: Finish = { reason: 'stop' }): void {
  Object.assign(turn, { content, finish, failsInStream: false, asked: undefined });
}

const ASK = { model: 'claude-opus-5', max_tokens: 500, messages: [{ role: 'user', content: 'hi' }] } as const;
const PARAMETERS = { ...ASK, messages: [...ASK.messages] };
const CALLS: readonly AssistantPart[] = [
  { type: 'reasoning', text: 'two of them', signature: 'sig' },
  { type: 'text', text: 'Looking.' },
  { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: '{"city":"Bern"}' },
  { type: 'tool-call', id: 'toolu_2', name: 'weather', arguments: '{"city":"Rom","days":[1,2]}' },
];
const CONTENT = [
  { type: 'thinking', thinking: 'two of them', signature: 'sig' },
  { type: 'text', text: 'Looking.' },
  { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
  { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Rom', days: [1, 2] } },
];

function assertContent(content: readonly Anthropic.ContentBlock[]): void {
  assert.equal(content.length, CONTENT.length);
  for (const [i, block] of content.entries()) assert.partialDeepStrictEqual(block, CONTENT[i]);
}

test('create', async () => {
  say([{ type: 'text', text: 'Hello' }]);
  const message = await client.messages.create(PARAMETERS);
  assert.equal(message.id, 'msg_r1');
  assert.equal(message.model, 'claude-opus-5');
  assert.equal(message.stop_reason, 'end_turn');
  assert.partialDeepStrictEqual(message.content, [{ type: 'text', text: 'Hello' }]);
  assert.equal(message.usage.input_tokens, 15);
  assert.equal(message.usage.cache_read_input_tokens, 10);
  assert.deepEqual(message.usage.cache_creation, { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 2 });
});

test('stream, with the text as it comes and the message at the end', async () => {
  say([{ type: 'text', text: 'Grüße, "du"' }], { reason: 'length' });
  const stream = client.messages.stream(PARAMETERS);
  let text = '';
  stream.on('text', (delta) => {
    text += delta;
  });
  const message = await stream.finalMessage();
  assert.equal(text, 'Grüße, "du"');
  assert.equal(message.stop_reason, 'max_tokens');
  assert.equal(message.usage.output_tokens, 8);
});

test('tools and thinking, whole and streamed, and the way back', async () => {
  say(CALLS, { reason: 'tool-calls' });
  const tools: Anthropic.Tool[] = [
    { name: 'weather', description: 'd', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
  ];
  const wish = { ...PARAMETERS, tools, thinking: { type: 'adaptive' } } as const;
  const whole = await client.messages.create(wish);
  assertContent(whole.content);
  assert.equal(whole.stop_reason, 'tool_use');
  const streamed = await client.messages.stream(wish).finalMessage();
  assertContent(streamed.content);
  assert.equal(streamed.stop_reason, 'tool_use');
  const results = streamed.content
    .filter((block) => block.type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'rain' }) as const);
  await client.messages.create({
    ...wish,
    messages: [
      ...PARAMETERS.messages,
      { role: 'assistant', content: streamed.content as Anthropic.ContentBlockParam[] },
      { role: 'user', content: results },
    ],
  });
  assert.deepEqual(turn.asked?.messages[1].content, CALLS);
  assert.deepEqual(
    turn.asked?.messages[2].content.map((part) => part.type === 'tool-result' && part.name),
    ['weather', 'weather'],
  );
  assert.deepEqual(turn.asked?.parameters.reasoning, { isAdaptive: true });
  assert.deepEqual(turn.asked?.rest, {});
});

test('a failure inside a stream throws what was meant', async () => {
  say([{ type: 'text', text: 'so' }]);
  turn.failsInStream = true;
  await assert.rejects(client.messages.stream(PARAMETERS).finalMessage(), (error: Error) => {
    assert.ok(error instanceof Anthropic.APIError);
    assert.equal(error.type, 'overloaded_error');
    return true;
  });
});

test('a wrong request throws with its place and the id', async () => {
  say([]);
  const wrong = { ...PARAMETERS, messages: [{ role: 'user', content: [{ type: 'magic' }] }] };
  await assert.rejects(client.messages.create(wrong as never), (error: Error) => {
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.errorCode, 'request.invalid');
    assert.match(error.apiMessage ?? '', /messages\[0\]\.content\[0\]/);
    return true;
  });
});

test('countTokens, and the path with ?beta=true', async () => {
  const { max_tokens: _, ...count } = PARAMETERS;
  assert.equal((await client.messages.countTokens(count)).input_tokens, 21);
  say([{ type: 'text', text: 'beta' }]);
  const message = await client.beta.messages.create(PARAMETERS);
  assert.partialDeepStrictEqual(message.content, [{ type: 'text', text: 'beta' }]);
});
