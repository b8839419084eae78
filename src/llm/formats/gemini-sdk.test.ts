// Google's own client against what this format decodes and encodes: what it reads without complaint is what its users will read.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { ApiError, type Content, FunctionCallingConfigMode, GoogleGenAI, ThinkingLevel, Type } from '@google/genai';
import type { ReplyFrame, RequestAddress } from '../codec.ts';
import type { JsonObject } from '../json-value.ts';
import type { AssistantPart } from '../message.ts';
import type { ChatRequest, LlmRequest } from '../request.ts';
import type { ChatResponse, FinishReason } from '../response.ts';
import { eventsOfResponse } from '../response-events.ts';
import { decodeClientRequest } from '../translation.ts';
import { createUsage } from '../usage.ts';
import { gemini } from './gemini.ts';

/** The requests as they were understood, the last one at the end. */
const understood: LlmRequest[] = [];

const SAYS: Readonly<Record<string, readonly AssistantPart[]>> = {
  call: [
    { type: 'reasoning', text: 'Both.', signature: 'c2ln' },
    { type: 'tool-call', id: 'call_a', name: 'weather', arguments: '{"city":"Rome"}' },
    { type: 'tool-call', id: 'call_b', name: 'weather', arguments: '{"city":"Oslo"}' },
  ],
  json: [{ type: 'text', text: '{"name":"Ann"}' }],
};

function answerTo({ messages }: ChatRequest): ChatResponse {
  const [part] = messages.at(-1)?.content ?? [];
  const said = part?.type === 'text' ? part.text : 'results';
  const content = SAYS[said] ?? [{ type: 'text', text: `You said: ${said}` }];
  const reason: FinishReason = said === 'call' ? 'tool-calls' : said === 'filtered' ? 'content-filter' : 'stop';
  const usage = createUsage({ input: 7, output: 5, reasoning: 2 });
  return {
    id: 'r1',
    model: 'other-model',
    createdSeconds: 0,
    choices: [{ index: 0, content, finish: { reason } }],
    usage,
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<JsonObject> {
  const text = (await incoming.toArray()).map(String).join('');
  return JSON.parse(text === '' ? '{}' : text) as JsonObject;
}

function chat(request: ChatRequest, { streamsArray }: RequestAddress, outgoing: ServerResponse): void {
  const frame: ReplyFrame = {
    id: 'gw',
    model: request.model,
    createdSeconds: 0,
    request,
    ...(streamsArray && { streamsArray }),
  };
  const codec = gemini.chatCodec('chat');
  assert.ok(codec !== undefined);
  const response = answerTo(request);
  if (!request.stream) {
    outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(codec.encodeResponse(response, frame)));
    return;
  }
  const encoder = codec.createStreamEncoder(frame);
  outgoing.setHeader('content-type', encoder.contentType);
  for (const event of eventsOfResponse(response)) outgoing.write(encoder.encode(event) + encoder.heartbeat());
  const isCut = JSON.stringify(request.messages).includes('cut');
  const error = { status: 502, type: 'upstream.cut', code: 'upstream.cut', message: 'Cut', param: undefined };
  outgoing.end(isCut ? encoder.fail(error) : encoder.end());
}

function refuse(outgoing: ServerResponse, status: number, detail: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(gemini.encodeError(status, status === 404 ? 'model.not-found' : 'request.invalid', detail, 'r1'));
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(incoming.url ?? '', 'http://local');
  const operation = gemini.detect(incoming.method ?? '', pathname, (name) => String(incoming.headers[name]));
  const address = gemini.address?.(pathname, search.slice(1)) ?? { model: undefined, stream: undefined };
  if (operation === 'models') {
    const id = /\/models\/(.+)$/.exec(pathname)?.[1];
    const names = ['fast', 'deep'];
    if (id !== undefined && !names.includes(id)) refuse(outgoing, 404, id);
    else {
      const listing = id === undefined ? gemini.encodeModels(names) : gemini.encodeModel(id);
      outgoing.setHeader('content-type', 'application/json').end(listing);
    }
    return;
  }
  const decoded = operation && decodeClientRequest({ format: gemini, operation, address }, await bodyOf(incoming));
  if (decoded === undefined || !decoded.ok) {
    refuse(outgoing, 400, decoded?.message ?? 'no operation');
    return;
  }
  const request = decoded.value;
  understood.push(request);
  if (request.operation === 'chat') chat(request, address, outgoing);
  else {
    const vectors = [
      [0.5, 1],
      [2, 3],
    ];
    const answer =
      request.operation === 'embeddings'
        ? gemini.embeddingsCodec?.encodeResponse({ model: undefined, vectors, usage: undefined }, request)
        : gemini.tokenCountCodec?.encodeResponse({ inputTokens: 42, isEstimated: false });
    outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  }
}

const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
after(() => server.close());
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl, retryOptions: { attempts: 1 } } });
const model = 'fast';

function lastChat(): ChatRequest {
  const request = understood.at(-1);
  assert.ok(request?.operation === 'chat');
  return request;
}

const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } } };
const tools = [{ functionDeclarations: [{ name: 'weather', description: 'Tells it.', parameters }] }];

test('content, whole: text, usage and model', async () => {
  const answer = await client.models.generateContent({
    model,
    contents: 'Hello',
    config: { systemInstruction: 'Be brief', temperature: 0.5, maxOutputTokens: 9, stopSequences: ['X'], seed: 4 },
  });
  assert.equal(answer.text, 'You said: Hello');
  assert.equal(answer.modelVersion, 'other-model');
  assert.equal(answer.candidates?.[0].finishReason, 'STOP');
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount } = answer.usageMetadata ?? {};
  assert.deepEqual([promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount], [7, 3, 2, 12]);
  const { messages, parameters: wishes } = lastChat();
  assert.deepEqual(messages[0], { role: 'system', content: [{ type: 'text', text: 'Be brief' }] });
  assert.deepEqual(wishes, { temperature: 0.5, maxOutputTokens: 9, stop: ['X'], seed: 4 });
});

test('content, streamed: the same text, usage with the last chunk', async () => {
  const chunks = await Array.fromAsync(await client.models.generateContentStream({ model, contents: 'Hello' }));
  assert.equal(chunks.map(({ text }) => text ?? '').join(''), 'You said: Hello');
  assert.equal(chunks.at(-1)?.candidates?.[0].finishReason, 'STOP');
  assert.equal(chunks.at(-1)?.usageMetadata?.totalTokenCount, 12);
  assert.equal(lastChat().stream, true);
});

test('a cut stream makes the client throw, after what was said', async () => {
  const stream = await client.models.generateContentStream({ model, contents: 'cut' });
  const said: string[] = [];
  await assert.rejects(
    async () => {
      for await (const chunk of stream) said.push(chunk.text ?? '');
    },
    (error) => error instanceof ApiError && error.status === 502,
  );
  assert.equal(said.join(''), 'You said: cut');
});

test('without alt=sse the stream is one array', async () => {
  const response = await fetch(`${baseUrl}/v1beta/models/${model}:streamGenerateContent?key=k`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] }),
  });
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const chunks = (await response.json()) as readonly { readonly candidates: readonly JsonObject[] }[];
  assert.equal(chunks.at(-1)?.candidates[0].finishReason, 'STOP');
});

for (const way of ['whole', 'streamed'] as const) {
  test(`tools, ${way}: two calls at once, thought and proof; results find their calls`, async () => {
    const config = { tools, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } } };
    const chunks =
      way === 'whole'
        ? [await client.models.generateContent({ model, contents: 'call', config })]
        : await Array.fromAsync(await client.models.generateContentStream({ model, contents: 'call', config }));
    const calls = chunks.flatMap((chunk) => chunk.functionCalls ?? []);
    assert.deepEqual(calls, [
      { id: 'call_a', name: 'weather', args: { city: 'Rome' } },
      { id: 'call_b', name: 'weather', args: { city: 'Oslo' } },
    ]);
    const asked = lastChat().parameters;
    assert.deepEqual(asked.toolChoice, { kind: 'required' });
    assert.deepEqual(asked.tools, [
      {
        kind: 'function',
        name: 'weather',
        description: 'Tells it.',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
      },
    ]);
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0].content?.parts ?? []);
    const results = calls.map(({ id, name }) => ({
      functionResponse: { ...(id && { id }), ...(name && { name }), response: { output: 'sun' } },
    }));
    const contents: Content[] = [
      { role: 'user', parts: [{ text: 'call' }] },
      { role: 'model', parts },
      { role: 'user', parts: results },
    ];
    assert.equal((await client.models.generateContent({ model, contents, config })).text, 'You said: results');
    const [, assistant, user] = lastChat().messages;
    const proofs = assistant.content.flatMap((part) =>
      part.type === 'reasoning' ? [part.signature ?? part.text] : [],
    );
    assert.ok(proofs.includes('c2ln'));
    assert.deepEqual(
      user.content.map((part) => part.type === 'tool-result' && [part.callId, part.name]),
      [
        ['call_a', 'weather'],
        ['call_b', 'weather'],
      ],
    );
  });
}

test('a schema for the answer, thinking, images and safety arrive', async () => {
  const answer = await client.models.generateContent({
    model,
    contents: [{ role: 'user', parts: [{ text: 'json' }, { inlineData: { mimeType: 'image/png', data: 'aGk=' } }] }],
    config: {
      responseMimeType: 'application/json',
      responseSchema: { type: Type.OBJECT, properties: { name: { type: Type.STRING, nullable: true } } },
      thinkingConfig: { thinkingLevel: ThinkingLevel.LOW, includeThoughts: true },
      candidateCount: 1,
    },
  });
  assert.deepEqual(JSON.parse(answer.text ?? ''), { name: 'Ann' });
  const { messages, parameters: wishes } = lastChat();
  assert.equal(messages[0].content[1].type, 'image');
  assert.deepEqual(wishes.reasoning, { effort: 'low', summary: 'auto' });
  const { responseFormat } = wishes;
  assert.ok(responseFormat?.kind === 'json-schema');
  assert.deepEqual(responseFormat.schema, { type: 'object', properties: { name: { type: ['string', 'null'] } } });
});

test('a chat keeps its history, over streams too', async () => {
  const conversation = client.chats.create({ model });
  await conversation.sendMessage({ message: 'One' });
  await Array.fromAsync(await conversation.sendMessageStream({ message: 'Two' }));
  await conversation.sendMessage({ message: 'Three' });
  assert.deepEqual(
    lastChat().messages.map(({ role }) => role),
    ['user', 'assistant', 'user', 'assistant', 'user'],
  );
});

test('embeddings', async () => {
  const answer = await client.models.embedContent({
    model,
    contents: ['a', 'b'],
    config: { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 2 },
  });
  assert.deepEqual(
    answer.embeddings?.map(({ values }) => values),
    [
      [0.5, 1],
      [2, 3],
    ],
  );
  const request = understood.at(-1);
  assert.ok(request?.operation === 'embeddings');
  assert.deepEqual([request.inputs, request.task, request.dimensions], [['a', 'b'], 'RETRIEVAL_QUERY', 2]);
});

test('counting of tokens', async () => {
  assert.equal((await client.models.countTokens({ model, contents: 'Hello' })).totalTokens, 42);
  assert.equal(understood.at(-1)?.operation, 'count-tokens');
});

test('listing of models, and one of them', async () => {
  const pager = await client.models.list();
  assert.deepEqual(
    pager.page.map(({ name }) => name),
    ['models/fast', 'models/deep'],
  );
  assert.equal((await client.models.get({ model: 'deep' })).displayName, 'deep');
  await assert.rejects(
    client.models.get({ model: 'none' }),
    (error) => error instanceof ApiError && error.status === 404 && error.message.includes('NOT_FOUND'),
  );
});

test('errors are what the client throws, with the place', async () => {
  await assert.rejects(
    client.models.generateContent({ model, contents: [{ role: 'user', parts: [{}] }] }),
    (error) => error instanceof ApiError && error.status === 400 && error.message.includes('contents[0].parts[0]'),
  );
});
