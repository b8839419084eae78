// Answers of a provider of another wire: told in the client's words, whole, streamed, refused, cut and broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geminiErrors } from '../llm/codecs/gemini/decode-error.ts';
import { geminiTarget } from '../llm/codecs/gemini/gemini.ts';
import { openai } from '../llm/formats/openai.ts';
import type { ProviderAdapter } from '../llm/provider.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { AiExchange } from './ai-exchange.ts';
import type { AiRequest } from './ai-request.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { CompiledProvider } from './compiled-backend.ts';
import type { PlanTarget } from './plan.ts';
import { scanBody } from './read-model.ts';
import { answerOf, exchangeOf, TextSink } from './testing/exchanges.ts';

const ADAPTER = {
  passes: () => false,
  translation: ({ operation, model, stream }) => {
    if (operation !== 'chat') return undefined;
    const path = `/models/${model}:${stream ? 'streamGenerateContent' : 'generateContent'}`;
    return { path, query: stream ? 'alt=sse' : '', codec: { kind: 'chat', codec: geminiTarget }, framing: 'sse' };
  },
  errors: geminiErrors,
} as Partial<ProviderAdapter> as ProviderAdapter;

function provider(strictness: CompiledProvider['strictness'] = 'lenient'): CompiledProvider {
  return {
    name: 'google',
    adapter: ADAPTER,
    basePath: '/v1beta',
    model: undefined,
    credentialLines: '',
    keylessLines: '',
    forwardsCredential: false,
    strictness,
    authorize: undefined,
    limitsOf: () => undefined,
  };
}

const TARGET = { model: undefined } as PlanTarget;
const clock = { nowMs: () => 5 };

function ask(body: object, path = '/v1/chat/completions'): { exchange: Exchange; ai: AiExchange } {
  const exchange = exchangeOf(`POST ${path}`);
  const bytes = Buffer.from(JSON.stringify(body));
  exchange.body.setWhole(bytes, 0, bytes.length);
  assert.ok(scanBody(exchange));
  const operation = openai.detect('POST', path) ?? assert.fail();
  const side = { format: openai, operation, address: { model: undefined, stream: undefined } };
  const isStream = 'stream' in body && body.stream === true;
  return { exchange, ai: new AiExchange(exchange, side, { model: 'gemini-x', isStream, hasJsonBody: true }) };
}

const QUESTION = { model: 'gemini-x', messages: [{ role: 'user', content: 'hi' }] };

function sent(ai: AiExchange, strictness?: CompiledProvider['strictness']): AiRequest {
  const request = ai.requestFor(TARGET, provider(strictness));
  if ('code' in request) assert.fail(request.detail);
  return request;
}

function opened(ai: AiExchange, fields: readonly string[]): { tap: AnswerTap; head: ResponseHead; out: TextSink } {
  const head = answerOf('POST', fields);
  const tap = ai.tapFor(head, clock) ?? assert.fail();
  return { tap, head, out: new TextSink() };
}

function push(tap: AnswerTap, text: string, out: TextSink): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 11) tap.push(bytes, at, Math.min(bytes.length, at + 11), out);
}

const JSON_HEAD = ['HTTP/1.1 200 OK', 'Content-Type: application/json; charset=UTF-8', 'ETag: "1"'];
const SSE_HEAD = ['HTTP/1.1 200 OK', 'Content-Type: text/event-stream'];
const USAGE = { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 };
const part = (text: string, more: object = {}): string =>
  JSON.stringify({
    candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }],
    modelVersion: 'g-1',
  });
const WHOLE = JSON.stringify({ ...JSON.parse(part('Hallo – ü', { finishReason: 'STOP' })), usageMetadata: USAGE });

test('the request is written in the other wire, under its own path and query', () => {
  const { ai } = ask({ ...QUESTION, stream: true, seed: 7 });
  const { path, query, isTranslated, text, bytes, bodyBytes } = sent(ai);
  assert.deepEqual([path, query, isTranslated], ['/v1beta/models/gemini-x:streamGenerateContent', 'alt=sse', true]);
  // ASCII alone: it leaves as text, with its head.
  assert.equal(bytes, undefined);
  assert.equal(bodyBytes, text.length);
  const body = JSON.parse(text);
  assert.deepEqual(body.contents, [{ role: 'user', parts: [{ text: 'hi' }] }]);
  assert.equal(body.generationConfig.seed, 7);
  assert.equal(body.model, undefined);
});

test('a request beyond ASCII is written as bytes, and its length is theirs', () => {
  const { ai } = ask({ ...QUESTION, messages: [{ role: 'user', content: 'Grüße – 你好' }] });
  const { text, bytes, bodyBytes } = sent(ai);
  assert.equal(text, '');
  assert.equal(bytes?.length, bodyBytes);
  assert.deepEqual(JSON.parse(String(bytes)).contents, [{ role: 'user', parts: [{ text: 'Grüße – 你好' }] }]);
});

test('what is left out is named in the answer and in the record; strict mode refuses it', () => {
  const wish = { ...QUESTION, logit_bias: { '1': 2 }, surprise: true };
  const { exchange, ai } = ask(wish);
  sent(ai);
  assert.deepEqual(exchange.genAi?.dropped, ['logit_bias', 'surprise']);
  const { tap, head } = opened(ai, JSON_HEAD);
  const lines = tap.headLines?.(head, 0) ?? '';
  assert.match(lines, /^content-type: application\/json\r\nx-switchyard-dropped: logit_bias, surprise\r\n$/);
  assert.equal(head.headers.has('etag'), false);
  const many = ask({
    ...QUESTION,
    ...Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`odd_${index}`, 1])),
  });
  sent(many.ai);
  const answer = opened(many.ai, JSON_HEAD);
  assert.match(answer.tap.headLines?.(answer.head, 0) ?? '', /dropped: odd_0, .*, odd_49, and-30-more\r\n$/);
  const refused = ask(wish).ai.requestFor(TARGET, provider('strict'));
  assert.ok('code' in refused && refused.code === 'request.parameter-refused', JSON.stringify(refused));
});

test('a whole answer is told when it is complete', () => {
  const { exchange, ai } = ask(QUESTION);
  sent(ai);
  const { tap, out } = opened(ai, JSON_HEAD);
  push(tap, WHOLE, out);
  assert.equal(out.text, '');
  assert.equal(tap.end(out), 'complete');
  const answer = JSON.parse(Buffer.from(out.text, 'latin1').toString());
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.choices[0].message.content, 'Hallo – ü');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.total_tokens, 5);
  assert.deepEqual([exchange.genAi?.inputTokens, exchange.genAi?.responseModel], [3, 'g-1']);
});

test('an answer that is not of the API is none', () => {
  for (const text of ['', 'no json', '[1]', '"x"', '{"candidates":7}']) {
    const { exchange, ai } = ask(QUESTION);
    sent(ai);
    const { tap, out } = opened(ai, JSON_HEAD);
    push(tap, text, out);
    assert.notEqual(tap.end(out), 'complete', text);
    assert.equal(out.text, '', text);
    assert.ok(exchange.errorDetail, text);
  }
});

function chunksOf({ text }: TextSink): readonly string[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice(6));
}

test('a stream is told event by event, and ends once', () => {
  const { exchange, ai } = ask({ ...QUESTION, stream: true });
  sent(ai);
  const { tap, out } = opened(ai, SSE_HEAD);
  assert.equal(tap.verdict, 'waiting');
  push(tap, `data: ${part('Hal')}\r\n\r\n`, out);
  assert.equal(tap.verdict, 'useful');
  push(
    tap,
    `data: ${JSON.stringify({ ...JSON.parse(part('lo', { finishReason: 'STOP' })), usageMetadata: USAGE })}\n\n`,
    out,
  );
  assert.equal(tap.end(out), 'complete');
  const chunks = chunksOf(out);
  assert.equal(chunks.filter((chunk) => chunk === '[DONE]').length, 1);
  assert.equal(chunks.at(-1), '[DONE]');
  const texts = chunks.slice(0, -1).map((chunk) => JSON.parse(chunk).choices[0]?.delta?.content ?? '');
  assert.equal(texts.join(''), 'Hallo');
  assert.deepEqual([exchange.genAi?.totalTokens, exchange.genAi?.firstTokenMs], [5, 5 - (exchange.startedAtMs ?? 0)]);
});

test('a stream that is cut, breaks or tells of a failure ends by the client’s own error', () => {
  const broken: readonly (readonly [name: string, more: string, end: string])[] = [
    ['cut by the endpoint', '', 'upstream-cut'],
    ['no JSON', 'data: {"candidates"\n\n', 'in-band-error'],
    ['told', 'data: {"error":{"code":503,"status":"UNAVAILABLE","message":"full"}}\n\n', 'in-band-error'],
  ];
  for (const [name, more, end] of broken) {
    const { ai } = ask({ ...QUESTION, stream: true });
    sent(ai);
    const { tap, out } = opened(ai, SSE_HEAD);
    push(tap, `data: ${part('Hal')}\n\n${more}`, out);
    assert.equal(tap.end(out), end, name);
    const last = chunksOf(out).at(-1) ?? '';
    assert.ok(JSON.parse(last).error?.message, `${name}: ${last}`);
    assert.ok(!out.text.includes('[DONE]'), name);
  }
});

test('a failure before anything useful is a failed answer, not a stream', () => {
  const { ai } = ask({ ...QUESTION, stream: true });
  sent(ai);
  const { tap, out } = opened(ai, SSE_HEAD);
  push(tap, 'data: {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"quota"}}\n\n', out);
  assert.equal(tap.verdict, 'failed');
});

test('the connection broke: told in the client’s words, once', () => {
  const { ai } = ask({ ...QUESTION, stream: true });
  sent(ai);
  const { tap, out } = opened(ai, SSE_HEAD);
  push(tap, `data: ${part('Hal')}\n\n`, out);
  assert.equal(tap.cut(out, 'idle-timeout'), 'idle-timeout');
  assert.equal(JSON.parse(chunksOf(out).at(-1) ?? '').error.code, 'upstream.idle-timeout');
});

test('a whole answer for a client that asked for a stream', () => {
  const { ai } = ask({ ...QUESTION, stream: true });
  sent(ai);
  const { tap, head, out } = opened(ai, JSON_HEAD);
  assert.match(tap.headLines?.(head, 0) ?? '', /^content-type: text\/event-stream/);
  push(tap, WHOLE, out);
  assert.equal(tap.end(out), 'complete');
  assert.equal(chunksOf(out).at(-1), '[DONE]');
});

test('a refusal is told in the client’s error JSON', () => {
  const { ai } = ask(QUESTION);
  sent(ai);
  const { tap, out } = opened(ai, ['HTTP/1.1 400 Bad', 'Content-Type: application/json']);
  push(tap, '{"error":{"code":400,"message":"no such model","status":"INVALID_ARGUMENT"}}', out);
  assert.equal(tap.end(out), 'complete');
  assert.match(JSON.parse(out.text).error.message, /no such model/);
});

test('a body that cannot be understood says where', () => {
  const { ai } = ask({ model: 'gemini-x', messages: [{ role: 'user', content: 7 }] });
  const refused = ai.requestFor(TARGET, provider());
  assert.ok('code' in refused && refused.code === 'request.invalid');
  assert.match(refused.detail, /messages/);
});

test('an operation that the provider has no words for', () => {
  const { ai } = ask({ model: 'gemini-x', input: 'x' }, '/v1/embeddings');
  const refused = ai.requestFor(TARGET, provider());
  assert.ok('code' in refused && refused.code === 'operation.not-supported');
});
