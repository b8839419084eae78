// Reading along in answers: what is learned, what is hidden, and how an answer that broke off ends for its client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openai } from '../llm/formats/openai.ts';
import type { Operation } from '../llm/operation.ts';
import type { ClientSide } from '../llm/translation.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import { AiExchange } from './ai-exchange.ts';
import type { AnswerTap } from './answer-tap.ts';
import { codeOfEnd, endOfFailure } from './stream-end.ts';
import { answerOf, exchangeOf, TextSink } from './testing/exchanges.ts';

/** A turn's clock: it moves when a test moves it. */
const clock = {
  atMs: 0,
  nowMs(): number {
    return this.atMs;
  },
};

interface Opened {
  readonly exchange: Exchange;
  readonly record: GenAiRecord;
  readonly tap: AnswerTap;
  readonly out: TextSink;
  push(text: string): void;
}

function sideOf(operation: Operation): ClientSide {
  return { format: openai, operation, address: { model: undefined, stream: undefined } };
}

function open(contentType: string, operation: Operation = 'chat'): Opened {
  const exchange = exchangeOf('POST /v1/chat/completions');
  const ai = new AiExchange(exchange, sideOf(operation), { model: 'm', isStream: false, hasJsonBody: false });
  const tap = ai.tapFor(answerOf('POST', ['HTTP/1.1 200 OK', `Content-Type: ${contentType}`]), clock);
  assert.ok(tap !== undefined && exchange.genAi !== undefined);
  const out = new TextSink();
  const push = (text: string): void => {
    const bytes = Buffer.from(text);
    tap.push(bytes, 0, bytes.length, out);
  };
  return { exchange, record: exchange.genAi, tap, out, push };
}

const DELTA = 'data: {"model":"m-1","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
const FINISH = 'data: {"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const USAGE =
  'data: {"model":"m-1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}\n\n';
const DONE = 'data: [DONE]\n\n';

test('a whole stream: relayed as it came, usage, model and first token known', () => {
  const { tap, out, push, record } = open('text/event-stream; charset=utf-8');
  push(DELTA + FINISH);
  push(USAGE + DONE);
  assert.equal(tap.end(out), 'complete');
  assert.equal(out.text, DELTA + FINISH + USAGE + DONE);
  assert.deepEqual([record.inputTokens, record.outputTokens, record.totalTokens], [7, 5, 12]);
  assert.equal(record.responseModel, 'm-1');
  assert.ok(record.streaming && record.firstTokenMs >= 0);
});

test('the first token is timed once, by the clock of the turn', () => {
  clock.atMs = 40;
  const { push, record } = open('text/event-stream');
  push('data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n');
  assert.equal(record.firstTokenMs, -1);
  push(DELTA);
  clock.atMs = 70;
  push(DELTA);
  clock.atMs = 0;
  assert.equal(record.firstTokenMs, 40);
});

test('a stream without [DONE] that had finished is complete, one that had not is cut', () => {
  const finished = open('text/event-stream');
  finished.push(DELTA + FINISH);
  assert.equal(finished.tap.end(finished.out), 'complete');
  assert.equal(finished.out.text, DELTA + FINISH + DONE, 'the end that it lacked');
  const unfinished = open('text/event-stream');
  unfinished.push(DELTA);
  assert.equal(unfinished.tap.end(unfinished.out), 'upstream-cut');
  assert.match(unfinished.out.text, /^data: .*\n\ndata: \{"error":\{.*"code":"upstream\.cut"\}\}\n\n$/);
});

test('a cut inside an event: the piece is not relayed, the error event is well formed', () => {
  for (const [cause, code] of [
    ['upstream-cut', 'upstream.cut'],
    ['idle-timeout', 'upstream.idle-timeout'],
    ['total-timeout', 'upstream.total-timeout'],
  ] as readonly (readonly [StreamEnd, string])[]) {
    const { tap, out, push } = open('text/event-stream');
    push(DELTA + DELTA.slice(0, 30));
    assert.equal(tap.cut(out, cause), cause);
    const events = out.text.split('\n\n');
    assert.equal(events.length, 3);
    assert.equal(`${events[0]}\n\n`, DELTA);
    assert.equal(JSON.parse(events[1].slice(6)).error.code, code);
    assert.equal(events[2], '');
  }
});

test('a connection that breaks behind [DONE] takes nothing from the answer', () => {
  const { tap, out, push } = open('text/event-stream');
  push(DELTA + FINISH + DONE);
  assert.equal(tap.cut(out, 'upstream-cut'), 'complete');
  assert.equal(out.text, DELTA + FINISH + DONE);
});

test('an error told in the stream is told on and named', () => {
  const { tap, out, push, exchange } = open('text/event-stream');
  const told = 'data: {"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}\n\n';
  push(DELTA + told);
  assert.equal(tap.end(out), 'in-band-error');
  assert.equal(out.text, DELTA + told);
  assert.match(exchange.errorDetail ?? '', /overloaded/);
});

test('typed streams end with a typed error', () => {
  const { tap, out, push } = open('text/event-stream', 'responses');
  push('event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n');
  tap.cut(out, 'upstream-cut');
  assert.match(out.text, /\n\nevent: error\ndata: \{"type":"error","code":"upstream\.cut"/);
});

test('a JSON answer: bytes pass, usage is known, a cut cannot be told', () => {
  const text = '{"model":"m-2","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"x":1.0}';
  const whole = open('application/json');
  whole.push(text.slice(0, 40));
  whole.push(text.slice(40));
  assert.equal(whole.tap.end(whole.out), 'complete');
  assert.equal(whole.out.text, text);
  assert.equal(whole.record.totalTokens, 7);
  assert.equal(whole.record.responseModel, 'm-2');
  assert.equal(whole.tap.changesLength, false);
  const cut = open('application/json');
  cut.push(text.slice(0, 40));
  assert.equal(cut.tap.cut(cut.out, 'upstream-cut'), undefined);
});

test('a JSON answer that is an error', () => {
  const { tap, out, push } = open('application/json');
  push('{"error":{"message":"no"}}');
  assert.equal(tap.end(out), 'in-band-error');
});

test('one stream’s facts do not leak into the next one of the same buffer', () => {
  const first = open('text/event-stream');
  first.push(DELTA + FINISH + USAGE + DONE);
  first.tap.end(first.out);
  const second = open('text/event-stream');
  second.push(DELTA.slice(0, 10));
  assert.equal(second.tap.end(second.out), 'upstream-cut');
  assert.equal(second.record.totalTokens, -1);
  assert.equal(second.record.responseModel, '');
});

test('nobody reads along in other types, errors and answers without a body', () => {
  const exchange = exchangeOf('POST /v1/audio/speech');
  const ai = new AiExchange(exchange, sideOf('speech'), { model: 'm', isStream: false, hasJsonBody: false });
  assert.equal(ai.tapFor(answerOf('POST', ['HTTP/1.1 200 OK', 'Content-Type: audio/mpeg']), clock), undefined);
  assert.equal(ai.tapFor(answerOf('POST', ['HTTP/1.1 429 No', 'Content-Type: application/json']), clock), undefined);
  assert.equal(ai.tapFor(answerOf('POST', ['HTTP/1.1 204 No', 'Content-Type: application/json']), clock), undefined);
});

test('ends and codes', () => {
  assert.equal(codeOfEnd('complete'), undefined);
  assert.equal(codeOfEnd('in-band-error'), 'upstream.in-band-error');
  assert.equal(endOfFailure('upstream.reset'), 'upstream-cut');
  assert.equal(endOfFailure('upstream.total-timeout'), 'total-timeout');
});
