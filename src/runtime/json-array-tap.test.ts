// Reading along in a stream that is one array: what is learned, and how it ends for its client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gemini } from '../llm/formats/gemini.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import { AiExchange } from './ai-exchange.ts';
import type { AnswerTap } from './answer-tap.ts';
import { JsonArrayTap } from './json-array-tap.ts';
import { answerOf, exchangeOf, TextSink } from './testing/exchanges.ts';

const PATH = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';

interface Opened {
  readonly exchange: Exchange;
  readonly record: GenAiRecord;
  readonly tap: AnswerTap;
  readonly out: TextSink;
  push(text: string): void;
}

function open(): Opened {
  const exchange = exchangeOf(`POST ${PATH}`);
  const address = gemini.address?.(PATH, '') ?? { model: undefined, stream: undefined };
  const ai = new AiExchange(
    exchange,
    { format: gemini, operation: 'chat', address },
    { model: 'm', isStream: true, hasJsonBody: false },
  );
  const tap = ai.tapFor(answerOf('POST', ['HTTP/1.1 200 OK', 'Content-Type: application/json']), { nowMs: () => 40 });
  assert.ok(tap instanceof JsonArrayTap && exchange.genAi !== undefined);
  const out = new TextSink();
  const push = (text: string): void => {
    const bytes = Buffer.from(text);
    tap.push(bytes, 0, bytes.length, out);
  };
  return { exchange, record: exchange.genAi, tap, out, push };
}

const chunk = (text: string, more: object = {}): string =>
  JSON.stringify({
    candidates: [{ content: { parts: [{ text }] }, ...more }],
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 },
    modelVersion: 'g-1',
  });
const WORD = chunk('hi');
const FINISH = chunk('', { finishReason: 'STOP' });
const codes = (text: string): readonly unknown[] =>
  (
    JSON.parse(text) as readonly { readonly error?: { readonly details: readonly { readonly reason: string }[] } }[]
  ).map(({ error }) => error?.details[0].reason);

test('a whole stream: relayed as it came, usage, model and first token known', () => {
  const { tap, out, push, record } = open();
  push(`[${chunk('')}`);
  assert.equal(tap.verdict, 'waiting');
  push(`,${WORD}`);
  assert.deepEqual([tap.verdict, out.text], ['useful', `[${chunk('')},${WORD}`]);
  push(`,${FINISH}]`);
  assert.equal(tap.end(out), 'complete');
  assert.equal(out.text, `[${chunk('')},${WORD},${FINISH}]`);
  assert.deepEqual(
    [record.inputTokens, record.outputTokens, record.responseModel, record.firstTokenMs],
    [7, 5, 'g-1', 40],
  );
});

for (const rest of ['', ',{"candi', ']']) {
  test(`an answer that ends without a finish behind "${rest}" is told to be cut, in a whole array`, () => {
    const { tap, out, push } = open();
    push(`[${WORD}${rest}`);
    assert.equal(tap.end(out), 'upstream-cut');
    assert.deepEqual(codes(out.text), [undefined, 'upstream.cut']);
  });
}

test('a failure told inside is one, before and after something useful', () => {
  const error = JSON.stringify({ error: { code: 503, status: 'UNAVAILABLE', message: 'Busy' } });
  const first = open();
  first.push(`[${error}]`);
  assert.equal(first.tap.verdict, 'failed');
  assert.equal(first.tap.end(first.out), 'in-band-error');
  assert.equal(first.exchange.errorDetail, 'the stream told of UNAVAILABLE');
  const later = open();
  later.push(`[${WORD},${error}]`);
  assert.equal(later.tap.end(later.out), 'in-band-error');
  assert.equal(later.out.text, `[${WORD},${error}]`);
});

test('a connection that breaks: told in the array, or nothing taken from what was whole', () => {
  for (const [cause, code] of [
    ['upstream-cut', 'upstream.cut'],
    ['idle-timeout', 'upstream.idle-timeout'],
  ] as readonly (readonly [StreamEnd, string])[]) {
    const { tap, out, push } = open();
    push(`[${WORD},${WORD.slice(0, 20)}`);
    assert.equal(tap.cut(out, cause), cause);
    assert.deepEqual(codes(out.text), [undefined, code]);
  }
  const whole = open();
  whole.push(`[${WORD},${FINISH}]`);
  assert.equal(whole.tap.cut(whole.out, 'upstream-cut'), 'complete');
  assert.equal(whole.out.text, `[${WORD},${FINISH}]`);
});

test('inside an element too long to be held nothing can be told: the connection must break', () => {
  const { tap, out, push } = open();
  push(`[${chunk('a'.repeat(100_000)).slice(0, -10)}`);
  assert.equal(tap.cut(out, 'upstream-cut'), undefined);
});

test('a client that leaves is billed for what came', () => {
  const { tap, push, record } = open();
  push(`[${WORD}`);
  tap.abandon();
  assert.deepEqual([record.inputTokens, record.responseModel, record.relayedEvents], [7, 'g-1', 1]);
});
