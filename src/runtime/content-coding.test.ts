// Answers compressed against our wish: whole ones are read, streams are refused with their first byte, and usage is never blind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { openai } from '../llm/formats/openai.ts';
import { AiExchange } from './ai-exchange.ts';
import type { AnswerTap } from './answer-tap.ts';
import { UnpackingTap } from './content-coding.ts';
import { answerOf, exchangeOf, TextSink } from './testing/exchanges.ts';
import { TranslatedErrorTap } from './translated-error-tap.ts';

const ANSWER = JSON.stringify({
  model: 'm-1',
  choices: [{ message: { content: 'hi' } }],
  usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
});
const PACKED: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(ANSWER),
  'x-gzip': gzipSync(ANSWER),
  deflate: deflateSync(ANSWER),
  br: brotliCompressSync(ANSWER),
  zstd: zstdCompressSync(ANSWER),
};

function tapOf(type: string, coding: string) {
  const exchange = exchangeOf('POST /v1/chat/completions');
  const side = { format: openai, operation: 'chat', address: { model: undefined, stream: undefined } } as const;
  const ai = new AiExchange(exchange, side, { model: 'm', isStream: false, hasJsonBody: false });
  const head = answerOf('POST', ['HTTP/1.1 200 OK', `Content-Type: ${type}`, `Content-Encoding: ${coding}`]);
  const tap = ai.tapFor(head, { nowMs: () => 0 });
  assert.ok(tap !== undefined && exchange.genAi !== undefined);
  return { tap, record: exchange.genAi };
}

for (const [coding, bytes] of Object.entries(PACKED))
  test(`a whole answer in ${coding} passes as it came, and its usage is known`, () => {
    const { tap, record } = tapOf('application/json', coding);
    const out = new TextSink();
    for (let at = 0; at < bytes.length; at += 9) tap.push(bytes, at, Math.min(bytes.length, at + 9), out);
    assert.equal(tap.end(out), 'complete');
    assert.equal(out.text, bytes.toString('latin1'));
    assert.deepEqual([record.inputTokens, record.outputTokens, record.responseModel], [7, 5, 'm-1']);
  });

test('identity is no coding', () => {
  const { tap, record } = tapOf('application/json', 'Identity');
  const out = new TextSink();
  tap.push(Buffer.from(ANSWER), 0, ANSWER.length, out);
  tap.end(out);
  assert.equal(record.inputTokens, 7);
});

test('what cannot be unpacked passes as it came', () => {
  for (const [coding, bytes] of [
    ['gzip', Buffer.from('no gzip')],
    ['gzip', PACKED.gzip.subarray(0, 20)],
    ['aws-chunked', PACKED.gzip],
    ['toString', PACKED.gzip],
  ] as const) {
    const { tap, record } = tapOf('application/json', coding);
    const out = new TextSink();
    tap.push(bytes, 0, bytes.length, out);
    assert.equal(tap.end(out), 'complete');
    assert.equal(out.text, bytes.toString('latin1'));
    assert.equal(record.inputTokens, -1);
  }
});

test('a stream is refused with its first byte, by the name of its coding', () => {
  const { tap } = tapOf('text/event-stream', 'gzip');
  const out = new TextSink();
  assert.ok(tap.isWhole);
  assert.equal(tap.verdict, 'waiting');
  tap.push(Buffer.from([0x1f]), 0, 1, out);
  assert.equal(tap.verdict, 'failed');
  assert.equal(tap.failure?.code, 'upstream.bad-response');
  assert.match(tap.failure?.detail ?? '', /gzip/);
  assert.equal(out.text, '');
  assert.equal(tapOf('text/event-stream', 'br').tap.end(out), 'bad-answer');
});

test('an answer to be told in other words is unpacked first, and no answer when it cannot be', () => {
  const told: string[] = [];
  const inner: AnswerTap = {
    changesLength: true,
    isWhole: true,
    verdict: 'waiting',
    push: (bytes: Buffer, start: number, end: number) => void told.push(bytes.toString('utf8', start, end)),
    end: () => 'complete',
    cut: () => undefined,
    abandon: () => void told.push('abandoned'),
  };
  const out = new TextSink();
  const good = new UnpackingTap(inner, 'gzip');
  good.push(PACKED.gzip, 0, PACKED.gzip.length, out);
  assert.equal(good.end(out), 'complete');
  const bad = new UnpackingTap(inner, 'br');
  bad.push(PACKED.gzip, 0, PACKED.gzip.length, out);
  assert.equal(bad.end(out), 'bad-answer');
  assert.deepEqual(told, [ANSWER, 'abandoned']);
  assert.equal(out.text, '');
});

test('a refusal to be told in other words is unpacked too', () => {
  const tellOf = (bytes: Buffer) => {
    const tap = new TranslatedErrorTap({
      format: openai,
      errors: {
        decodeError: (status, body) => ({ status, type: 't', code: undefined, message: body, param: undefined }),
      },
      status: 400,
      requestId: 'r',
      field: (name) => (name === 'content-encoding' ? 'gzip' : undefined),
    });
    const out = new TextSink();
    tap.push(bytes, 0, bytes.length);
    tap.end(out);
    return JSON.parse(out.text) as { readonly error: { readonly message: string } };
  };
  assert.match(tellOf(gzipSync('too long')).error.message, /^too long/);
  assert.doesNotMatch(tellOf(Buffer.from('garbage')).error.message, /garbage/);
});
