// The id is found however an answer is cut into pieces, and the bytes pass as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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

test('what has no id is passed on all the same', () => {
  assert.deepEqual(ids('{"error":{}}', false, 5), []);
  assert.deepEqual(ids(': nothing\n\n', true, 5), []);
  assert.deepEqual(ids('x'.repeat(3_000_000), false, 65_536), []);
  assert.deepEqual(ids('x'.repeat(3_000_000), true, 65_536), []);
});
