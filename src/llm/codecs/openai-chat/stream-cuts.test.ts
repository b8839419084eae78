// A stream gives the same events wherever its bytes are cut: in the middle of a character, of a line end, of `[DONE]`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LlmEvent } from '../../event.ts';
import { SsePayloadReader } from '../../stream-payloads.ts';
import { ChatStreamDecoder } from './decode-stream.ts';

function chunk(delta: object, finish: string | null = null): string {
  return JSON.stringify({ id: 'c', model: 'm', created: 1, choices: [{ index: 0, delta, finish_reason: finish }] });
}

const STREAM = [
  ': OPENROUTER PROCESSING\n\n',
  `data: ${chunk({ role: 'assistant', content: '' })}\n\n`,
  `data:${chunk({ content: 'Grüße 👋' })}\r\n\r\n`,
  ': ping\n\n',
  `data: ${chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] })}\n\n`,
  `event: message\ndata: ${chunk({ tool_calls: [{ index: 0, function: { arguments: '{"ü":1}' } }] })}\nid: 4\n\n`,
  `data: ${chunk({}, 'tool_calls')}\n\n`,
  'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n',
  'data: [DONE]\n\n',
].join('');

function read(bytes: Uint8Array, cuts: readonly number[]): { readonly events: LlmEvent[]; readonly isWhole: boolean } {
  const decoder = new ChatStreamDecoder();
  const events: LlmEvent[] = [];
  const sink = { onPayload: (name: string, payload: string) => decoder.decode(name, payload, events) };
  const reader = new SsePayloadReader();
  const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i++) assert.ok(reader.push(bytes, edges[i - 1], edges[i], sink));
  reader.end(sink);
  return { events, isWhole: decoder.end(events) };
}

test('the same events wherever the bytes are cut', () => {
  const bytes = Buffer.from(STREAM);
  const expected = read(bytes, []);
  assert.equal(expected.isWhole, true);
  assert.deepEqual(
    expected.events.map(({ type }) => type),
    ['start', 'text-delta', 'tool-call-start', 'tool-call-delta', 'usage', 'finish'],
  );
  for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(read(bytes, [cut]), expected);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 30 }), (cuts) => {
      assert.deepEqual(read(bytes, cuts), expected);
    }),
    { seed: 41, numRuns: 200 },
  );
});

test('a stream that stops before its finish is cut, wherever that is', () => {
  const bytes = Buffer.from(STREAM);
  const finishAt = bytes.indexOf('"finish_reason":"tool_calls"');
  for (let end = 0; end < finishAt; end += 7) assert.equal(read(bytes.subarray(0, end), []).isWhole, false);
});
