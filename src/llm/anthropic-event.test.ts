// What is learnt from an Anthropic stream that passes through, whatever the pieces it comes in, and how it ends when cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SseRelay } from './sse-relay.ts';

function event(type: string, rest: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}

const START = event('message_start', {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 1 },
  },
});
const PING = event('ping');
const OPEN_TEXT = event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const WORD = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'wörd "error" usage' } });
const CLOSE = event('content_block_stop', { index: 0 });
const FINISH = event('message_delta', {
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage: { output_tokens: 15 },
});
const STOP = event('message_stop');
const WHOLE = START + PING + OPEN_TEXT + WORD + WORD + CLOSE + FINISH + STOP;

const relay = new SseRelay();

function run(pieces: readonly Buffer[]): string {
  let text = '';
  const out = {
    write(bytes: Uint8Array, start: number, end: number): void {
      text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
    },
    writeLatin1(piece: string): void {
      text += piece;
    },
  };
  relay.reset({ format: 'anthropic', operation: 'chat', hidesUsage: true });
  for (const piece of pieces) relay.push(piece, 0, piece.length, out);
  relay.end(out);
  return Buffer.from(text, 'latin1').toString();
}

function runText(text: string): string {
  return run([Buffer.from(text)]);
}

function assertWholeFacts(): void {
  assert.equal(relay.responseModel, 'claude-sonnet-4-5');
  assert.equal(relay.usage.isFound, true);
  assert.equal(relay.usage.input, 25);
  assert.equal(relay.usage.output, 15);
  assert.equal(relay.usage.total, 40);
  assert.equal(relay.sawFirstDelta, true);
  assert.equal(relay.sawFinish, true);
  assert.equal(relay.inBandError, undefined);
  assert.equal(relay.terminatedWell(), true);
  assert.equal(relay.events, 8);
}

test('learns everything from a whole stream and leaves its bytes as they are', () => {
  assert.equal(runText(WHOLE), WHOLE);
  assertWholeFacts();
});

test('learns the same however the stream is cut into pieces', () => {
  const bytes = Buffer.from(WHOLE);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (at) => {
      const edges = [0, ...[...at].sort((a, b) => a - b), bytes.length];
      const pieces = edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
      assert.equal(run(pieces), WHOLE);
      assertWholeFacts();
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('a stream is of use from its first text, thought or tool call on', () => {
  const open = (block: object) => event('content_block_start', { index: 0, content_block: block });
  const delta = (content: object) => event('content_block_delta', { index: 0, delta: content });
  for (const [text, isUseful] of [
    [START + PING + OPEN_TEXT, false],
    [open({ type: 'thinking', thinking: '', signature: '' }), false],
    [delta({ type: 'text_delta', text: '' }), false],
    [delta({ type: 'signature_delta', signature: 'abc' }), false],
    [delta({ type: 'thinking_delta', thinking: 'hm' }), true],
    [delta({ type: 'text_delta', text: 'a' }), true],
    [delta({ type: 'input_json_delta', partial_json: '{' }), true],
    [delta({ type: 'citations_delta', citation: { type: 'char_location' } }), true],
    [open({ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }), true],
    [open({ type: 'redacted_thinking', data: 'x' }), true],
    [open({ type: 'web_search_tool_result', tool_use_id: 's', content: [] }), true],
  ] as const) {
    runText(text);
    assert.equal(relay.sawFirstDelta, isUseful, text);
  }
});

test('input counted anew at the end counts, and what the end does not tell stays', () => {
  runText(START + event('message_delta', { delta: {}, usage: { input_tokens: 300, output_tokens: 7 } }));
  assert.equal(relay.usage.input, 300);
  assert.equal(relay.usage.output, 7);
  runText(START + event('message_delta', { delta: {}, usage: { input_tokens: null, output_tokens: 7 } }));
  assert.equal(relay.usage.input, 25);
});

test('a failure told in the stream is found, before and behind the first delta', () => {
  const failure = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
  for (const text of [failure, START + failure, START + OPEN_TEXT + WORD + failure]) {
    assert.equal(runText(text), text);
    assert.equal(relay.inBandError, 'overloaded_error');
    assert.equal(relay.inBandMessage, 'Overloaded');
    assert.equal(relay.terminatedWell(), false);
  }
  runText('data: {"error":{"type":"api_error","message":"no type beside"}}\n\n');
  assert.equal(relay.inBandError, 'api_error');
});

test('a failure as a bare JSON body is found and is no event', () => {
  assert.equal(runText('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n'), '');
  assert.equal(relay.inBandError, 'overloaded_error');
});

test('events not known and data that is no JSON tell nothing', () => {
  const odd = `${event('container_delta', { x: 1 })}event: message_delta\ndata: {"type":"message_del\n\n`;
  assert.equal(runText(odd), odd);
  assert.equal(relay.sawFinish, false);
  assert.equal(relay.inBandError, undefined);
});

test('a long event flows through in pieces and what follows it is still read', () => {
  const long = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'x'.repeat(200_000) } });
  const whole = Buffer.from(START + OPEN_TEXT + long + CLOSE + FINISH + STOP);
  const pieces = [whole.subarray(0, 80_000), whole.subarray(80_000, 160_000), whole.subarray(160_000)];
  assert.equal(run(pieces), whole.toString());
  assert.equal(relay.usage.output, 15);
  assert.equal(relay.usage.input, 25);
  assert.equal(relay.terminatedWell(), true);
});

test('a cut ends with the event that client libraries throw at', () => {
  runText(START + OPEN_TEXT + WORD);
  const text = relay.encodeError('upstream.idle-timeout', 'nothing came');
  assert.match(text, /^event: error\ndata: \{.*\}\n\n$/);
  const data = JSON.parse(text.slice(text.indexOf('{'))) as { type: string; error: Record<string, unknown> };
  assert.equal(data.type, 'error');
  assert.deepEqual(data.error, {
    type: 'timeout_error',
    message: 'nothing came',
    details: { error_code: 'upstream.idle-timeout' },
  });
});

test('an answer told to be whole lacks its last event; one that is not lacks more', () => {
  runText(START + OPEN_TEXT + WORD + CLOSE + FINISH);
  assert.equal(relay.missingEnd(), 'event: message_stop\ndata: {"type":"message_stop"}\n\n');
  runText(WHOLE);
  assert.equal(relay.missingEnd(), '');
  runText(START + OPEN_TEXT + WORD);
  assert.equal(relay.missingEnd(), '');
});
