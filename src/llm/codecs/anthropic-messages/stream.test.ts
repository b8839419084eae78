// Streams both ways: every delta of the wire is understood, what is written is legal, and what was written is read as it was meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReplyFrame } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import { createUsage } from '../../usage.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { JSON_ANSWER_TOOL } from './json-answer.ts';

const FRAME: ReplyFrame = {
  id: 'r1',
  model: 'fast',
  createdSeconds: 1,
  request: {
    operation: 'chat',
    wire: 'anthropic-messages',
    model: 'fast',
    stream: true,
    messages: [],
    parameters: {},
    wantsStreamUsage: true,
    rest: {},
  },
};

function decodeAll(payloads: readonly (object | string)[]): { readonly events: LlmEvent[]; readonly isWhole: boolean } {
  const decoder = createStreamDecoder();
  const events: LlmEvent[] = [];
  for (const payload of payloads)
    decoder.decode('', typeof payload === 'string' ? payload : JSON.stringify(payload), events);
  const isWhole = decoder.end(events);
  return { events, isWhole };
}

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    model: 'claude-sonnet-4-5',
    content: [],
    usage: {
      input_tokens: 10,
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 12,
      cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 7 },
      output_tokens: 1,
    },
  },
};
const open = (index: number, block: object) => ({ type: 'content_block_start', index, content_block: block });
const delta = (index: number, content: object) => ({ type: 'content_block_delta', index, delta: content });
const close = (index: number) => ({ type: 'content_block_stop', index });
const finish = (reason: string, output = 9) => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: null },
  usage: { output_tokens: output },
});
const STOP = { type: 'message_stop' };
const INPUT = createUsage({ input: 42, output: 1, cachedInput: 20, cacheWrite: 12, cacheWrite1h: 7 });
const START_EVENT = { type: 'start', id: 'msg_1', model: 'claude-sonnet-4-5', createdSeconds: undefined, usage: INPUT };

test('every delta of the wire is understood', () => {
  const citation = { type: 'char_location', cited_text: 'c' };
  const { events, isWhole } = decodeAll([
    START,
    { type: 'ping' },
    open(0, { type: 'thinking', thinking: '', signature: '' }),
    delta(0, { type: 'thinking_delta', thinking: 'hm' }),
    delta(0, { type: 'signature_delta', signature: 'sig' }),
    close(0),
    open(1, { type: 'redacted_thinking', data: 'sec' }),
    close(1),
    open(2, { type: 'text', text: '' }),
    delta(2, { type: 'text_delta', text: 'hello' }),
    delta(2, { type: 'citations_delta', citation }),
    close(2),
    open(3, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
    delta(3, { type: 'input_json_delta', partial_json: '' }),
    delta(3, { type: 'input_json_delta', partial_json: '{"a":' }),
    delta(3, { type: 'input_json_delta', partial_json: '1}' }),
    close(3),
    open(4, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
    close(4),
    open(5, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
    delta(5, { type: 'input_json_delta', partial_json: '{}' }),
    close(5),
    { type: 'something_new' },
    delta(9, { type: 'something_delta' }),
    finish('tool_use'),
    STOP,
  ]);
  assert.equal(isWhole, true);
  assert.deepEqual(events, [
    START_EVENT,
    { type: 'ping' },
    { type: 'reasoning-delta', choice: 0, text: 'hm' },
    { type: 'reasoning-signature', choice: 0, signature: 'sig' },
    { type: 'reasoning-redacted', choice: 0, data: 'sec' },
    { type: 'text-delta', choice: 0, text: 'hello' },
    { type: 'citation', choice: 0, citation },
    { type: 'tool-call-start', choice: 0, call: 0, id: 'toolu_1', name: 'f' },
    { type: 'tool-call-delta', choice: 0, call: 0, text: '{"a":' },
    { type: 'tool-call-delta', choice: 0, call: 0, text: '1}' },
    { type: 'tool-call-start', choice: 0, call: 1, id: 'toolu_2', name: 'g' },
    { type: 'tool-call-delta', choice: 0, call: 1, text: '{}' },
    { type: 'usage', usage: createUsage({ ...INPUT, output: 9, total: 51 }) },
    { type: 'finish', choice: 0, finish: { reason: 'tool-calls', raw: 'tool_use' } },
  ]);
});

test('a JSON answer given by its tool is text, and no call', () => {
  const { events } = decodeAll([
    START,
    open(0, { type: 'tool_use', id: 't', name: JSON_ANSWER_TOOL, input: {} }),
    delta(0, { type: 'input_json_delta', partial_json: '{"a":1}' }),
    close(0),
    finish('tool_use'),
    STOP,
  ]);
  assert.deepEqual(events[1], { type: 'text-delta', choice: 0, text: '{"a":1}' });
  assert.deepEqual(events.at(-1), { type: 'finish', choice: 0, finish: { reason: 'stop', raw: 'tool_use' } });
});

test('every stop reason has its meaning', () => {
  for (const [raw, reason] of [
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop-sequence'],
    ['max_tokens', 'length'],
    ['tool_use', 'tool-calls'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['model_context_window_exceeded', 'context-window'],
    ['something_new', 'other'],
    ['__proto__', 'other'],
  ])
    assert.deepEqual(decodeAll([START, finish(raw), STOP]).events.at(-1), {
      type: 'finish',
      choice: 0,
      finish: { reason, raw },
    });
});

test('a stream without its end is cut, and one that says so has failed', () => {
  const text = [START, open(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'a' })];
  assert.equal(decodeAll(text).isWhole, false);
  assert.equal(decodeAll([]).isWhole, false);
  assert.equal(decodeAll([...text, finish('end_turn')]).isWhole, true);
  const failure = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const failed = decodeAll([...text, failure, finish('end_turn'), STOP]);
  assert.equal(failed.isWhole, false);
  assert.deepEqual(failed.events.at(-1), {
    type: 'error',
    error: { status: 529, type: 'overloaded_error', code: undefined, message: 'Overloaded', param: undefined },
  });
});

test('whatever an event holds, decoding never throws', () => {
  const type = fc.constantFrom(
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'error',
    'x',
  );
  const member = fc.constantFrom('message', 'index', 'content_block', 'delta', 'usage', 'error');
  const event = fc
    .tuple(type, fc.dictionary(member, fc.jsonValue({ maxDepth: 2 })))
    .map(([name, rest]) => ({ type: name, ...rest }));
  fc.assert(
    fc.property(fc.array(fc.oneof(event, fc.string()), { maxLength: 8 }), (payloads) => {
      decodeAll(payloads);
    }),
    { seed: 9, numRuns: 200 },
  );
  for (const odd of ['nonsense', '5', 'null', '[]', '{"type":'])
    assert.equal(decodeAll([START, odd]).events.at(-1)?.type, 'error', odd);
  assert.equal(decodeAll([START, '', '[DONE]']).events.length, 1);
});

interface Written {
  readonly type: string;
  readonly index?: number;
  readonly content_block?: { readonly type: string };
  readonly delta?: { readonly type: string; readonly stop_reason?: string };
  readonly message?: JsonObject;
  readonly usage?: { readonly output_tokens: number };
}

/** Writes a stream and reads its events back, after proof that each is one named event. */
function encodeAll(events: readonly LlmEvent[]): readonly Written[] {
  const encoder = createStreamEncoder(FRAME);
  let text = '';
  for (const event of events) text += encoder.encode(event);
  text += encoder.end();
  assert.ok(text.endsWith('\n\n'));
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? assert.fail(event);
      const parsed = JSON.parse(data) as Written;
      assert.equal(parsed.type, name);
      return parsed;
    });
}

/** The grammar of the wire: one message, blocks one after the other with rising indexes, deltas of the kind of their block. */
function assertLegal(events: readonly Written[]): void {
  const shown = events.filter(({ type }) => type !== 'ping');
  assert.equal(shown[0].type, 'message_start');
  assert.deepEqual(
    shown.slice(-2).map(({ type }) => type),
    ['message_delta', 'message_stop'],
  );
  let blocks = 0;
  let block: string | undefined;
  const kinds: Readonly<Record<string, string>> = {
    text_delta: 'text',
    citations_delta: 'text',
    thinking_delta: 'thinking',
    signature_delta: 'thinking',
    input_json_delta: 'tool_use',
  };
  for (const event of shown.slice(1, -2)) {
    assert.equal(event.index, blocks);
    if (event.type === 'content_block_start') {
      assert.equal(block, undefined);
      block = event.content_block?.type;
    } else if (event.type === 'content_block_delta') assert.equal(kinds[event.delta?.type ?? ''], block);
    else {
      assert.equal(event.type, 'content_block_stop');
      assert.notEqual(block, undefined);
      block = undefined;
      blocks++;
    }
  }
  assert.equal(block, undefined);
}

test('a stream of another wire is one message of this', () => {
  const written = encodeAll([
    { type: 'start', id: 'chatcmpl-1', model: 'gpt', createdSeconds: 1, usage: undefined },
    { type: 'ping' },
    { type: 'reasoning-delta', choice: 0, text: 'hm' },
    { type: 'text-delta', choice: 0, text: 'a' },
    { type: 'text-delta', choice: 1, text: 'not shown' },
    { type: 'tool-call-start', choice: 0, call: 0, id: 'call.1', name: 'f' },
    { type: 'tool-call-delta', choice: 0, call: 0, text: '{}' },
    { type: 'finish', choice: 0, finish: { reason: 'stop' } },
    { type: 'usage', usage: createUsage({ input: 30, output: 8, cachedInput: 10 }) },
  ]);
  assertLegal(written);
  assert.equal(written[0].message?.id, 'msg_chatcmpl-1');
  const last = written.at(-2);
  assert.equal(last?.delta?.stop_reason, 'tool_use');
  assert.deepEqual(last?.usage, {
    input_tokens: 20,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 10,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: 8,
  });
});

test('calls that come interleaved are written one after the other, whole', () => {
  const call = (number: number, text: string): LlmEvent => ({ type: 'tool-call-delta', choice: 0, call: number, text });
  const begin = (number: number): LlmEvent => ({
    type: 'tool-call-start',
    choice: 0,
    call: number,
    id: `c${number}`,
    name: 'f',
  });
  const written = encodeAll([
    begin(0),
    begin(1),
    call(1, '{"b":'),
    call(0, '{"a":'),
    call(0, '1}'),
    call(1, '2}'),
    begin(2),
    { type: 'text-delta', choice: 0, text: 'tail' },
    { type: 'finish', choice: 0, finish: { reason: 'tool-calls' } },
  ]);
  assertLegal(written);
  const inputs = ['', '', '', ''];
  for (const { type, index, delta: part } of written)
    if (type === 'content_block_delta') inputs[index ?? 0] += Object.values(part as object)[1];
  assert.deepEqual(inputs, ['{"a":1}', '{"b":2}', '', 'tail']);
});

const CHOICE = fc.constantFrom(0, 0, 0, 1);
const SHORT = fc.constantFrom('', 'a', '{', '}', '{"a":1}', '"', 'é\n');
const CALL = fc.integer({ min: 0, max: 2 });
const EVENT: fc.Arbitrary<LlmEvent> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), choice: CHOICE, text: SHORT }),
  fc.record({ type: fc.constant('refusal-delta' as const), choice: CHOICE, text: SHORT }),
  fc.record({ type: fc.constant('reasoning-delta' as const), choice: CHOICE, text: SHORT }),
  fc.record({ type: fc.constant('reasoning-signature' as const), choice: CHOICE, signature: SHORT }),
  fc.record({ type: fc.constant('reasoning-redacted' as const), choice: CHOICE, data: SHORT }),
  fc.record({ type: fc.constant('tool-call-start' as const), choice: CHOICE, call: CALL, id: SHORT, name: SHORT }),
  fc.record({ type: fc.constant('tool-call-delta' as const), choice: CHOICE, call: CALL, text: SHORT }),
  fc.record({
    type: fc.constant('citation' as const),
    choice: CHOICE,
    citation: fc.constant({ type: 'char_location' }),
  }),
  fc.record({ type: fc.constant('image' as const), choice: CHOICE, mediaType: SHORT, data: SHORT }),
  fc.constant({ type: 'ping' as const }),
  fc.constant({ type: 'usage' as const, usage: createUsage({ input: 1, output: 1 }) }),
);

test('whatever events come in whatever order, the stream is legal and ends once', () => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 30 }), fc.boolean(), (events, hasFinish) => {
      const end: LlmEvent[] = hasFinish ? [{ type: 'finish', choice: 0, finish: { reason: 'length' } }] : [];
      assertLegal(encodeAll([...events, ...end]));
    }),
    { seed: 4, numRuns: 400 },
  );
});

test('what is written is read as it was meant', () => {
  const body = fc.array(
    fc.oneof(
      fc.constantFrom<LlmEvent>(
        { type: 'text-delta', choice: 0, text: 'x' },
        { type: 'text-delta', choice: 0, text: 'y"\n' },
      ),
      fc.constant<LlmEvent>({ type: 'reasoning-delta', choice: 0, text: 'hm' }),
      fc.constant<LlmEvent>({ type: 'reasoning-redacted', choice: 0, data: 'd' }),
      fc.constant<LlmEvent>({ type: 'citation', choice: 0, citation: { type: 'page_location' } }),
    ),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(body, fc.integer({ min: 0, max: 3 }), (parts, calls) => {
      const events: LlmEvent[] = [
        { type: 'start', id: 'msg_1', model: 'm', createdSeconds: undefined, usage: INPUT },
        ...parts,
      ];
      for (let call = 0; call < calls; call++)
        events.push(
          { type: 'tool-call-start', choice: 0, call, id: `t${call}`, name: 'f' },
          { type: 'tool-call-delta', choice: 0, call, text: '{"a":' },
          { type: 'tool-call-delta', choice: 0, call, text: '1}' },
        );
      const usage = createUsage({ ...INPUT, output: 5, total: 47 });
      const reason = calls > 0 ? 'tool-calls' : 'stop';
      const raw = calls > 0 ? 'tool_use' : 'end_turn';
      const read = decodeAll(
        encodeAll([...events, { type: 'usage', usage }, { type: 'finish', choice: 0, finish: { reason } }]),
      );
      assert.deepEqual(read.events, [
        ...events,
        { type: 'usage', usage },
        { type: 'finish', choice: 0, finish: { reason, raw } },
      ]);
    }),
    { seed: 6, numRuns: 200 },
  );
});

test('a failure is the event that client libraries throw at', () => {
  const encoder = createStreamEncoder(FRAME);
  const text = encoder.fail({ status: 503, type: 'server_error', code: 'c', message: 'no', param: undefined });
  assert.equal(
    text,
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"no","details":{"error_code":"c"}}}\n\n',
  );
  assert.equal(encoder.heartbeat(), 'event: ping\ndata: {"type":"ping"}\n\n');
});
