// Quirks of the streams of Responses, Anthropic, Gemini and Bedrock, passed on and told to OpenAI's clients.
import assert from 'node:assert/strict';
import { anthropicMessagesTarget } from '../../../src/llm/codecs/anthropic-messages/target.ts';
import { createConverseTarget } from '../../../src/llm/codecs/bedrock-converse/target.ts';
import { geminiTarget } from '../../../src/llm/codecs/gemini/gemini.ts';
import { openai } from '../../../src/llm/formats/openai.ts';
import { bedrock } from '../../../src/llm/providers/bedrock/bedrock.ts';
import { encodeAwsMessage } from '../../../src/wire/aws-event-stream.ts';
import { readOpenai, type Understood } from './read-stream.ts';
import { relayed, type Told, testQuirks, translated } from './run-stream.ts';

interface Wanted extends Partial<Understood> {
  readonly end?: string;
  readonly tokens?: readonly [input: number, output: number, cached: number];
}

const told = ({ end = 'complete', tokens, ...wanted }: Wanted) => {
  return (got: Told) => {
    const understood = readOpenai(got.text);
    assert.deepEqual({ ...understood, ...wanted }, understood);
    assert.equal(got.end, end);
    if (tokens !== undefined) assert.deepEqual([got.inputTokens, got.outputTokens, got.cachedTokens], tokens);
  };
};
const asItCame =
  (bytes: string, end = 'complete') =>
  (got: Told) => {
    assert.equal(got.text, bytes);
    assert.equal(got.end, end);
  };
const begins = (bytes: string, end: string, behind: RegExp) => (got: Told) => {
  assert.ok(got.text.startsWith(bytes));
  assert.match(got.text.slice(bytes.length), behind);
  assert.equal(got.end, end);
};
const ENDED = { error: undefined, isEnded: true };
const CUT = { error: 'the answer ended before it was complete', isEnded: false, end: 'upstream-cut' };

const typed = (data: { readonly type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const event = (type: string, more: object = {}) => typed({ type, ...more });

// Responses
const responses = relayed('openai', 'responses');
const CREATED = event('response.created', { sequence_number: 0, response: { id: 'r', model: 'm', usage: null } });
const SAID = event('response.output_text.delta', { sequence_number: 1, delta: 'hi' });
const COMPLETED = event('response.completed', {
  sequence_number: 2,
  response: {
    id: 'r',
    model: 'm',
    usage: { input_tokens: 7, output_tokens: 5, input_tokens_details: { cached_tokens: 3 } },
  },
});

testQuirks([
  {
    name: 'Responses: named events pass, and their usage is known',
    bytes: CREATED + SAID + COMPLETED,
    way: responses,
    expect: (got) => {
      asItCame(CREATED + SAID + COMPLETED)(got);
      assert.deepEqual([got.inputTokens, got.outputTokens, got.cachedTokens], [7, 5, 3]);
    },
  },
  ...['incomplete', 'failed'].map((how) => {
    const last = event(`response.${how}`, {
      sequence_number: 2,
      response: { error: how === 'failed' ? { code: 'x', message: 'y' } : null },
    });
    const end = how === 'failed' ? 'in-band-error' : 'complete';
    return {
      name: `Responses: ${how} is an end`,
      bytes: CREATED + SAID + last,
      way: responses,
      expect: asItCame(CREATED + SAID + last, end),
    };
  }),
  {
    name: 'Responses: without an end, an error event follows',
    bytes: CREATED + SAID,
    way: responses,
    expect: begins(CREATED + SAID, 'upstream-cut', /^event: error\ndata: \{"type":"error",/),
  },
]);

// Anthropic
const messages = relayed('anthropic', 'chat');
const fromAnthropic = translated(anthropicMessagesTarget('claude-sonnet-4-5'), 'sse', openai);
const MESSAGE = event('message_start', {
  message: {
    id: 'msg',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    usage: { input_tokens: 4, output_tokens: 1, cache_read_input_tokens: 3 },
  },
});
const PING = event('ping');
const block = (index: number, content_block: object, ...deltas: readonly object[]) =>
  event('content_block_start', { index, content_block }) +
  deltas.map((delta) => event('content_block_delta', { index, delta })).join('') +
  event('content_block_stop', { index });
const TEXT = block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'hi' });
const stopped = (stop_reason: string) =>
  event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } });
const MESSAGE_STOP = event('message_stop');
const MESSAGE_GOOD = MESSAGE + PING + TEXT + PING + stopped('end_turn') + MESSAGE_STOP;

testQuirks([
  {
    name: 'Anthropic: passes with pings anywhere; input of the start, output of the delta',
    bytes: MESSAGE_GOOD,
    way: messages,
    expect: (got) => {
      asItCame(MESSAGE_GOOD)(got);
      assert.deepEqual([got.inputTokens, got.outputTokens, got.cachedTokens], [7, 5, 3]);
    },
  },
  {
    name: 'Anthropic: told to a client of OpenAI',
    bytes: MESSAGE_GOOD,
    way: fromAnthropic,
    expect: told({ ...ENDED, text: 'hi', finish: 'stop', tokens: [7, 5, 3] }),
  },
  {
    name: 'Anthropic: thoughts, then a call in pieces, ends as tool_calls',
    bytes:
      MESSAGE +
      block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'hm' },
        { type: 'signature_delta', signature: 's' },
      ) +
      block(
        1,
        { type: 'tool_use', id: 't', name: 'f', input: {} },
        { type: 'input_json_delta', partial_json: '' },
        { type: 'input_json_delta', partial_json: '{"a"' },
        { type: 'input_json_delta', partial_json: ':1}' },
      ) +
      stopped('tool_use') +
      MESSAGE_STOP,
    way: fromAnthropic,
    expect: told({ ...ENDED, reasoning: 'hm', calls: [{ name: 'f', arguments: '{"a":1}' }], finish: 'tool_calls' }),
  },
  {
    name: 'Anthropic: an error event inside 200',
    bytes: MESSAGE + TEXT + event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
    way: fromAnthropic,
    expect: (got) => {
      assert.match(readOpenai(got.text).error ?? '', /Overloaded/);
      assert.equal(got.end, 'in-band-error');
    },
  },
  {
    name: 'Anthropic: an error event inside 200 passes, and is known',
    bytes: MESSAGE + TEXT + event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
    way: messages,
    expect: asItCame(
      MESSAGE + TEXT + event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
      'in-band-error',
    ),
  },
  {
    name: 'Anthropic: cut before message_stop, passed: its own error event',
    bytes: MESSAGE + TEXT,
    way: messages,
    expect: begins(MESSAGE + TEXT, 'upstream-cut', /^event: error\ndata: \{"type":"error","error":\{/),
  },
  {
    name: 'Anthropic: cut before message_stop, told',
    bytes: MESSAGE + TEXT,
    way: fromAnthropic,
    expect: told({ ...CUT, text: 'hi' }),
  },
]);

// Gemini
const gemini = relayed('gemini', 'chat');
const fromGemini = translated(geminiTarget, 'sse', openai);
const part = (parts: readonly object[], more: object = {}, top: object = {}) =>
  `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], modelVersion: 'm', ...top })}\r\n\r\n`;
const counted = (candidates: number) => ({
  usageMetadata: {
    promptTokenCount: 7,
    candidatesTokenCount: candidates,
    totalTokenCount: 7 + candidates,
    cachedContentTokenCount: 3,
  },
});
const GEMINI_GOOD = part([{ text: 'h' }], {}, counted(1)) + part([{ text: 'i' }], { finishReason: 'STOP' }, counted(5));

testQuirks([
  {
    name: 'Gemini: passes; counts are totals so far, the last ones count',
    bytes: GEMINI_GOOD,
    way: gemini,
    expect: (got) => {
      asItCame(GEMINI_GOOD)(got);
      assert.deepEqual([got.inputTokens, got.outputTokens, got.cachedTokens], [7, 5, 3]);
    },
  },
  {
    name: 'Gemini: told',
    bytes: GEMINI_GOOD,
    way: fromGemini,
    expect: told({ ...ENDED, text: 'hi', finish: 'stop', tokens: [7, 5, 3] }),
  },
  {
    name: 'Gemini: two whole calls without ids, with a signature, end as tool_calls',
    bytes:
      part([{ functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 's' }]) +
      part([{ functionCall: { name: 'f', args: { a: 2 } } }], { finishReason: 'STOP' }, counted(5)),
    way: fromGemini,
    expect: (got) => {
      told({ ...ENDED, finish: 'tool_calls' })(got);
      assert.deepEqual(
        readOpenai(got.text).calls.map(({ arguments: text }) => JSON.parse(text)),
        [{ a: 1 }, { a: 2 }],
      );
    },
  },
  {
    name: 'Gemini: an answer stopped for safety',
    bytes: part([{ text: 'h' }]) + part([], { finishReason: 'SAFETY' }, counted(1)),
    way: fromGemini,
    expect: told({ ...ENDED, text: 'h', finish: 'content_filter' }),
  },
  {
    name: 'Gemini: without a finish it is cut',
    bytes: part([{ text: 'h' }]),
    way: fromGemini,
    expect: told({ ...CUT, text: 'h' }),
  },
]);

// Bedrock
const fromConverse = translated(createConverseTarget({ family: 'anthropic' }), 'aws-event-stream', openai);
const invoke = bedrock
  .compile({ api: 'invoke' })
  .translation({ operation: 'chat', model: 'anthropic.claude-sonnet-4-5-20250929-v1:0', stream: true });
assert.ok(invoke?.codec.kind === 'chat');
const fromInvoke = translated(invoke.codec.codec, invoke.framing, openai);
const frame = (name: string, data: object) => encodeAwsMessage({ kind: 'event', name, text: JSON.stringify(data) });
const CONVERSE = Buffer.concat([
  frame('messageStart', { role: 'assistant' }),
  frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hi' }, p: 'abcdef' }),
  frame('contentBlockStop', { contentBlockIndex: 0 }),
]);
const CONVERSE_END = Buffer.concat([
  frame('messageStop', { stopReason: 'end_turn' }),
  frame('metadata', { usage: { inputTokens: 4, outputTokens: 5, totalTokens: 12, cacheReadInputTokens: 3 } }),
]);
const broken = Buffer.from(CONVERSE_END);
broken[30] ^= 1;
const wrapped = (text: string) =>
  text
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => frame('chunk', { bytes: Buffer.from(part.slice(part.indexOf('data: ') + 6)).toString('base64') }));

testQuirks([
  {
    name: 'Bedrock: binary frames, counts behind the end',
    bytes: Buffer.concat([CONVERSE, CONVERSE_END]),
    way: fromConverse,
    expect: told({ ...ENDED, text: 'hi', finish: 'stop', tokens: [7, 5, 3] }),
  },
  ...(['exception', 'error'] as const).map((kind) => ({
    name: `Bedrock: an ${kind} in mid-stream`,
    bytes: Buffer.concat([
      CONVERSE,
      encodeAwsMessage({
        kind,
        name: 'throttlingException',
        text: kind === 'error' ? 'slow down' : '{"message":"slow down"}',
      }),
    ]),
    way: fromConverse,
    expect: (got: Told) => {
      assert.match(readOpenai(got.text).error ?? '', /slow down/);
      assert.equal(readOpenai(got.text).text, 'hi');
      assert.equal(got.end, 'in-band-error');
    },
  })),
  {
    name: 'Bedrock: a frame whose checksum is wrong',
    bytes: Buffer.concat([CONVERSE, broken]),
    way: fromConverse,
    expect: (got) => {
      const { text, isEnded, error } = readOpenai(got.text);
      assert.deepEqual([text, isEnded], ['hi', false]);
      assert.notEqual(error, undefined);
      assert.equal(got.end, 'in-band-error');
    },
  },
  { name: 'Bedrock: cut between frames', bytes: CONVERSE, way: fromConverse, expect: told({ ...CUT, text: 'hi' }) },
  {
    name: 'Bedrock: cut inside a frame',
    bytes: Buffer.concat([CONVERSE, CONVERSE_END.subarray(0, 40)]),
    way: fromConverse,
    expect: told({ ...CUT, text: 'hi' }),
  },
  {
    name: "Bedrock: InvokeModel's base64 chunks of Anthropic's events",
    bytes: Buffer.concat(wrapped(MESSAGE_GOOD)),
    way: fromInvoke,
    expect: told({ ...ENDED, text: 'hi', finish: 'stop', tokens: [7, 5, 3] }),
  },
  {
    name: 'Bedrock: InvokeModel cut before message_stop',
    bytes: Buffer.concat(wrapped(MESSAGE + TEXT)),
    way: fromInvoke,
    expect: told({ ...CUT, text: 'hi' }),
  },
]);
