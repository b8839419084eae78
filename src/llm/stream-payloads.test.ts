// Payloads come out whole and once, however the bytes are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_EVENT_BYTES, SsePayloadReader } from './stream-payloads.ts';

function read(bytes: Buffer, cuts: readonly number[]): { payloads: [string, string][]; isSound: boolean } {
  const payloads: [string, string][] = [];
  const sink = { onPayload: (name: string, payload: string) => payloads.push([name, payload]) as unknown as undefined };
  const reader = new SsePayloadReader();
  let isSound = true;
  let at = 0;
  for (const cut of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
    isSound &&= reader.push(bytes, at, Math.max(at, cut), sink);
    at = Math.max(at, cut);
  }
  reader.end(sink);
  return { payloads, isSound };
}

test('events, names, several lines, comments, CRLF and what is left without its end', () => {
  const text = ': ping\n\nevent: a\ndata: {"x":"é"}\n\ndata: 1\ndata: 2\n\r\ndata:3\r\n\r\nevent: z\ndata: last';
  const expected = [
    ['a', '{"x":"é"}'],
    ['', '1\n2'],
    ['', '3'],
    ['z', 'last'],
  ];
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      assert.deepEqual(read(bytes, cuts).payloads, expected);
    }),
    { seed: 7 },
  );
});

test('a JSON body under the type of a stream is a payload', () => {
  assert.deepEqual(read(Buffer.from('{"error":{"message":"x"}}'), []).payloads, [['', '{"error":{"message":"x"}}']]);
});

test('an event without end is not kept for ever', () => {
  const piece = Buffer.alloc(MAX_EVENT_BYTES / 4, 'a');
  const reader = new SsePayloadReader();
  const sink = { onPayload: () => assert.fail() };
  const sound = [1, 2, 3, 4, 5].map(() => reader.push(piece, 0, piece.length, sink));
  assert.deepEqual(sound, [true, true, true, true, false]);
});
