// The id is found however an answer is cut into pieces, and the bytes pass as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerTap } from './answer-tap.ts';
import { ResponseIdTap } from './response-id-tap.ts';
import { TextSink } from './testing/exchanges.ts';

function ids(text: string, isStream: boolean, pieceBytes: number): readonly string[] {
  const found: string[] = [];
  const out = new TextSink();
  const tap = new ResponseIdTap(undefined, isStream, (id) => found.push(id));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes)
    tap.push(bytes, at, Math.min(at + pieceBytes, bytes.length), out);
  tap.end(out);
  assert.equal(out.text, text);
  return found;
}

const created = JSON.stringify({ type: 'response.created', response: { id: 'resp_1', output: [] } });
const STREAM = `event: response.created\ndata: ${created}\n\nevent: x\ndata: {"response":{"id":"other"}}\n\n`;

for (const pieceBytes of [1, 7, 1000]) {
  test(`in pieces of ${pieceBytes}`, () => {
    assert.deepEqual(ids('{"output":[{"id":"msg"}],"id":"resp_1"}', false, pieceBytes), ['resp_1']);
    assert.deepEqual(ids(STREAM, true, pieceBytes), ['resp_1']);
    assert.deepEqual(ids(STREAM.replaceAll('\n', '\r\n'), true, pieceBytes), ['resp_1']);
  });
}

test('comments before the first event are no event', () => {
  for (const pieceBytes of [1, 7, 1000])
    assert.deepEqual(ids(`: OPENAI PROCESSING\n\n: again\n\n${STREAM}`, true, pieceBytes), ['resp_1']);
});

test('a heartbeat and a failure are those of the inner tap, and none where it has none', () => {
  const failure = { code: 'upstream.bad-response', detail: 'packed', neverSent: false } as const;
  const plain = {
    changesLength: false,
    verdict: 'failed',
    push: () => {},
    abandon: () => {},
    cut: () => undefined,
  } as const;
  const whole: AnswerTap = { ...plain, failure, end: () => 'complete' };
  const stream: AnswerTap = { ...whole, heartbeat: () => ': x\n\n' };
  const around = (inner: AnswerTap): AnswerTap => new ResponseIdTap(inner, false, () => {});
  assert.deepEqual([around(whole).heartbeat, around(whole).failure], [undefined, failure]);
  assert.equal(around(stream).heartbeat?.(), ': x\n\n');
});

test('what has no id is passed on all the same', () => {
  assert.deepEqual(ids('{"error":{}}', false, 5), []);
  assert.deepEqual(ids(': nothing\n\n', true, 5), []);
  assert.deepEqual(ids('x'.repeat(3_000_000), false, 65_536), []);
  assert.deepEqual(ids('x'.repeat(3_000_000), true, 65_536), []);
});
