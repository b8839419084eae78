// One end for every stream, exhaustively: each wire's stream ended, broken and failed behind each of its events, and with everything
// that servers are known to send behind an end. What the client reads, and what the gateway says of it, must agree.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicMessagesTarget } from '../../../src/llm/codecs/anthropic-messages/target.ts';
import { createConverseTarget } from '../../../src/llm/codecs/bedrock-converse/target.ts';
import { geminiTarget } from '../../../src/llm/codecs/gemini/gemini.ts';
import { createOpenaiChatTarget } from '../../../src/llm/codecs/openai-chat/openai-chat.ts';
import { anthropic } from '../../../src/llm/formats/anthropic.ts';
import { gemini } from '../../../src/llm/formats/gemini.ts';
import { openai } from '../../../src/llm/formats/openai.ts';
import { encodeAwsMessage } from '../../../src/wire/aws-event-stream.ts';
import {
  readChat,
  readGeminiArray,
  readGeminiEvents,
  readMessages,
  readResponses,
  type Terminals,
} from '../../e2e/support/stream-terminals.ts';
import { relayed, relayedArray, type Told, translated, type Way } from './run-stream.ts';

interface Stream {
  readonly name: string;
  readonly events: readonly (string | Buffer)[];
  /** Number of events behind which the answer is whole when HTTP ends well, and when the connection breaks. */
  readonly wholeAfter: number;
  readonly wholeWhenBroken: number;
  readonly failure: string | Buffer;
  /** What may come behind the last event. */
  readonly junk: readonly (string | Buffer)[];
  /** Each way to a client, and how that client reads. */
  readonly ways: Readonly<Record<string, readonly [Way, (body: string) => Terminals]>>;
}

const data = (value: unknown, name = '') =>
  `${name === '' ? '' : `event: ${name}\n`}data: ${JSON.stringify(value)}\n\n`;
const typed = (type: string, more: object = {}) => data({ type, ...more }, type);
const DONE = 'data: [DONE]\n\n';
const SSE_JUNK = [
  'junk',
  ': ping\n\n',
  '\n\n',
  'data: {"half',
  'data: no json\n\n',
  'event: error\ndata: late\n\n',
  DONE,
];

const delta = (value: object, finish_reason: string | null = null) =>
  data({ id: 'c', model: 'm', choices: [{ index: 0, delta: value, finish_reason }] });
const CHAT = [
  delta({ role: 'assistant', content: '' }),
  delta({ content: 'hi' }),
  delta({ content: ' there' }),
  delta({}, 'stop'),
  data({ id: 'c', choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } }),
  DONE,
];
const text = (value: string, finish_reason: string | null = null) =>
  data({ id: 'c', model: 'm', choices: [{ index: 0, text: value, finish_reason }] });
const MESSAGE = [
  typed('message_start', {
    message: { id: 'msg', model: 'm', content: [], usage: { input_tokens: 4, output_tokens: 1 } },
  }),
  typed('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  typed('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'hi there' } }),
  typed('content_block_stop', { index: 0 }),
  typed('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }),
  typed('message_stop'),
];
const RESPONSE = [
  typed('response.created', { sequence_number: 0, response: { id: 'r', model: 'm' } }),
  typed('response.output_text.delta', { sequence_number: 1, delta: 'hi there' }),
  typed('response.completed', { sequence_number: 2, response: { usage: { input_tokens: 7, output_tokens: 5 } } }),
];
const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 };
const part = (value: string, more: object = {}) => ({
  candidates: [{ content: { role: 'model', parts: [{ text: value }] }, index: 0, ...more }],
  modelVersion: 'm',
  usageMetadata,
});
const CHUNKS = [part('hi'), part(' there'), part('', { finishReason: 'STOP' })];
const UNAVAILABLE = { error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } };
const aws = (name: string, value: object, kind: 'event' | 'exception' = 'event') =>
  encodeAwsMessage({ kind, name, text: JSON.stringify(value) });
const CONVERSE = [
  aws('messageStart', { role: 'assistant' }),
  aws('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hi there' } }),
  aws('contentBlockStop', { contentBlockIndex: 0 }),
  aws('messageStop', { stopReason: 'end_turn' }),
  aws('metadata', { usage: { inputTokens: 7, outputTokens: 5, totalTokens: 12 } }),
];

type Source = Parameters<typeof translated>;
/** The stream told to each client in other words. */
function told(codec: Source[0], framing: Source[1], own: string): Stream['ways'] {
  const all: Stream['ways'] = {
    chat: [translated(codec, framing, openai), readChat],
    completions: [translated(codec, framing, openai, { operation: 'completions' }), readChat],
    responses: [translated(codec, framing, openai, { operation: 'responses' }), readResponses],
    messages: [translated(codec, framing, anthropic), readMessages],
    'gemini events': [translated(codec, framing, gemini), readGeminiEvents],
    'gemini array': [translated(codec, framing, gemini, { streamsArray: true }), readGeminiArray],
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== own));
}

const CHAT_FAILURE = data({ error: { message: 'overloaded', type: 'server_error', code: 'overloaded' } });
const MESSAGE_FAILURE = typed('error', { error: { type: 'overloaded_error', message: 'overloaded' } });

const STREAMS: readonly Stream[] = [
  {
    name: 'chat',
    events: CHAT,
    wholeAfter: 4,
    wholeWhenBroken: 6,
    failure: CHAT_FAILURE,
    junk: [...SSE_JUNK, ...CHAT, CHAT_FAILURE],
    ways: {
      passed: [relayed('openai', 'chat'), readChat],
      hiding: [relayed('openai', 'chat', true), readChat],
      ...told(createOpenaiChatTarget(), 'sse', 'chat'),
    },
  },
  {
    name: 'completions',
    events: [text('hi'), text(' there'), text('', 'stop'), DONE],
    wholeAfter: 3,
    wholeWhenBroken: 4,
    failure: CHAT_FAILURE,
    junk: [...SSE_JUNK, text('hi'), text('', 'stop'), CHAT_FAILURE],
    ways: { passed: [relayed('openai', 'completions'), readChat] },
  },
  {
    name: 'responses',
    events: RESPONSE,
    wholeAfter: 3,
    wholeWhenBroken: 3,
    failure: typed('error', { code: 'overloaded', message: 'overloaded', sequence_number: 2 }),
    junk: [...SSE_JUNK, ...RESPONSE, typed('response.failed', { response: { error: { code: 'x', message: 'y' } } })],
    ways: { passed: [relayed('openai', 'responses'), readResponses] },
  },
  {
    name: 'messages',
    events: MESSAGE,
    wholeAfter: 5,
    wholeWhenBroken: 6,
    failure: MESSAGE_FAILURE,
    junk: [...SSE_JUNK, ...MESSAGE, MESSAGE_FAILURE, typed('ping')],
    ways: {
      passed: [relayed('anthropic', 'chat'), readMessages],
      ...told(anthropicMessagesTarget('claude-sonnet-4-5'), 'sse', 'messages'),
    },
  },
  {
    name: 'gemini events',
    events: CHUNKS.map((chunk) => data(chunk)),
    wholeAfter: 3,
    wholeWhenBroken: 3,
    failure: data(UNAVAILABLE),
    junk: [DONE, data(CHUNKS[2]), data({ usageMetadata }), data(UNAVAILABLE)],
    ways: {
      passed: [relayed('gemini', 'chat'), readGeminiEvents],
      ...told(geminiTarget, 'sse', 'gemini events'),
    },
  },
  {
    name: 'gemini array',
    events: [...CHUNKS.map((chunk, at) => `${at === 0 ? '[' : ',\r\n'}${JSON.stringify(chunk)}`), '\n]\n'],
    wholeAfter: 3,
    wholeWhenBroken: 3,
    failure: `,${JSON.stringify(UNAVAILABLE)}`,
    junk: [']', `[${JSON.stringify(CHUNKS[2])}]`, JSON.stringify(UNAVAILABLE), 'junk', '"', '{'],
    ways: { passed: [relayedArray, readGeminiArray] },
  },
  {
    name: 'converse',
    events: CONVERSE,
    wholeAfter: 4,
    wholeWhenBroken: 4,
    failure: aws('throttlingException', { message: 'overloaded' }, 'exception'),
    junk: [
      ...CONVERSE,
      aws('throttlingException', { message: 'late' }, 'exception'),
      'not a frame at all, by no means',
    ],
    ways: told(createConverseTarget({ family: 'anthropic' }), 'aws-event-stream', ''),
  },
];

let checked = 0;

/** One end, nothing behind it, and the same as the gateway says of it. */
function check(what: string, got: Told, read: (body: string) => Terminals, end: string): Terminals {
  checked++;
  assert.equal(got.end, end, `${what}: ${got.text}`);
  const seen = read(got.text);
  assert.equal(seen.told.length, 1, `${what}: ${got.text}`);
  assert.equal(seen.isFollowed, false, `${what}: ${got.text}`);
  assert.equal(seen.told[0] === 'end', end === 'complete', `${what}: ${got.text}`);
  return seen;
}

function toPieces(events: readonly (string | Buffer)[]): readonly Buffer[] {
  return events.map((event) => Buffer.from(event));
}

for (const stream of STREAMS)
  for (const [name, [way, read]] of Object.entries(stream.ways)) {
    const title = `${stream.name}, ${name}`;
    const { events, wholeAfter, wholeWhenBroken, failure, junk } = stream;

    test(`${title}: the answer ends or breaks behind each event`, () => {
      for (let count = 0; count <= events.length; count++) {
        const pieces = toPieces(events.slice(0, count));
        const isWhole = count >= wholeAfter;
        check(`ends after ${count}`, way(pieces), read, isWhole ? 'complete' : 'upstream-cut');
        for (const cause of ['upstream-cut', 'idle-timeout', 'total-timeout', 'too-slow', 'shutdown'] as const)
          check(`${cause} after ${count}`, way(pieces, cause), read, count >= wholeWhenBroken ? 'complete' : cause);
      }
    });

    test(`${title}: a failure is told behind each event, and the rest of the stream behind it`, () => {
      for (let count = stream.name === 'gemini array' ? 1 : 0; count < Math.min(wholeAfter, wholeWhenBroken); count++) {
        const rest = toPieces([...events.slice(0, count), failure, ...events.slice(count)]);
        check(`after ${count}, then the rest`, way(rest), read, 'in-band-error');
        check(`after ${count}, in one piece`, way([Buffer.concat(rest)]), read, 'in-band-error');
        const alone = rest.slice(0, count + 1);
        check(`after ${count}`, way(alone), read, 'in-band-error');
        check(`after ${count}, then broken`, way(alone, 'idle-timeout'), read, 'in-band-error');
        check(`after ${count}, twice`, way([...alone, Buffer.from(failure)]), read, 'in-band-error');
      }
    });

    test(`${title}: nothing behind the end is told`, () => {
      const whole = toPieces(events);
      const plain = way(whole);
      check('whole', plain, read, 'complete');
      for (const first of junk)
        for (const second of ['', ...junk]) {
          const behind = toPieces([first, second]);
          const what = `behind the end: ${first} ${second}`;
          const seen = check(what, way([...whole, ...behind]), read, 'complete');
          assert.equal(seen.text, read(plain.text).text, what);
          check(`${what}, in one piece`, way([Buffer.concat([...whole, ...behind])]), read, 'complete');
          check(`${what}, then broken`, way([...whole, ...behind], 'upstream-cut'), read, 'complete');
        }
    });
  }

/** Failures in words at which client libraries do not throw: they are told anew, once. */
const UNTOLD: readonly (readonly [string, string])[] = [
  ['chat', data({ choices: [{ index: 0, delta: {}, error: { code: 502, message: 'gone' }, finish_reason: 'error' }] })],
  ['chat', data({ object: 'error', message: 'gone', type: 'BadRequestError', code: 400 })],
  ['chat', 'event: error\ndata: the server is göne 😀\n\n'],
  ['chat', '{"error":{"message":"gone","type":"quota"}}\n\n'],
  ['messages', data({ error: { type: 'overloaded_error', message: 'gone' } })],
  ['messages', 'event: error\ndata: gone\n\n'],
  ['responses', 'event: error\ndata: gone\n\n'],
  ['gemini events', '{"error":{"code":503,"status":"UNAVAILABLE","message":"gone"}}\n\n'],
];
for (const [name, failure] of UNTOLD)
  test(`${name}: a failure in no words of the wire: ${failure.replaceAll('\n', ' ').trim()}`, () => {
    const { events, ways } = STREAMS.find((stream) => stream.name === name) as Stream;
    const [way, read] = ways.passed;
    for (const count of [0, 1, 2]) {
      const pieces = toPieces([...events.slice(0, count), failure]);
      const rest = toPieces(events.slice(count));
      for (const given of [pieces, [...pieces, ...rest], [Buffer.concat([...pieces, ...rest])]]) {
        check('then the end', way(given), read, 'in-band-error');
        const broken = way(given, 'upstream-cut');
        check('then broken', broken, read, 'in-band-error');
        assert.match(broken.text, /"message":"[^"]*g(?:o|ö)ne/);
      }
    }
  });

const answer = (index: number, value: string, more: object = {}) => ({
  candidates: [{ content: { role: 'model', parts: [{ text: value }] }, index, ...more }],
});
const STOP = { finishReason: 'STOP' };

test('Gemini: several answers end one after the other, and all of them must', () => {
  const [way] = STREAMS.find(({ name }) => name === 'gemini events')?.ways.passed ?? [];
  const events = toPieces(
    [answer(0, 'a'), answer(1, 'b'), answer(0, '', STOP), answer(1, '', STOP)].map((each) => data(each)),
  );
  assert.equal(way?.(events).text, events.join(''));
  assert.equal(way?.(events).end, 'complete');
  assert.equal(way?.(events.slice(0, 3)).end, 'upstream-cut');
  assert.equal(way?.(events.slice(0, 3), 'idle-timeout').end, 'idle-timeout');
});

test('Gemini: a finish in every chunk, as some models write it, takes no text away; counts behind it pass', () => {
  const [way] = STREAMS.find(({ name }) => name === 'gemini events')?.ways.passed ?? [];
  const events = toPieces(
    [answer(0, 'a', STOP), answer(0, 'a', STOP), answer(0, '', STOP), { usageMetadata }].map((each) => data(each)),
  );
  assert.equal(way?.(events).text, [events[0], events[1], events[3]].join(''));
  assert.deepEqual([way?.(events).inputTokens, way?.(events).outputTokens], [7, 5]);
  const counted = toPieces([answer(0, 'a', STOP), { ...answer(0, '', STOP), usageMetadata }].map((each) => data(each)));
  assert.equal(way?.(counted).text, counted.join(''), 'counts that were not told are kept');
});

test('images: each has an end of its own', () => {
  const way = relayed('openai', 'images');
  const events = toPieces([1, 2].map((at) => typed('image_generation.completed', { b64_json: `${at}`, usage: {} })));
  assert.equal(way(events).text, events.join(''));
  assert.equal(way(events).end, 'complete');
});

test('every wire was checked', (context) => {
  assert.ok(checked > 5000);
  context.diagnostic(`${checked} streams, one end each`);
});
