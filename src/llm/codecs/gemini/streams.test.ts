// Streams both ways: Google's chunks → events, and events → what clients of Google's API read, as events or as one array.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReplyFrame } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import type { ProviderError } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { GeminiStreamDecoder } from './decode-stream.ts';
import { GeminiStreamEncoder } from './encode-stream.ts';

const REQUEST: ChatRequest = {
  operation: 'chat',
  wire: 'gemini',
  model: 'm',
  stream: true,
  messages: [],
  parameters: {},
  wantsStreamUsage: true,
  rest: {},
};
const FRAME: ReplyFrame = { id: 'gw-1', model: 'asked', createdSeconds: 0, request: REQUEST };
const ERROR: ProviderError = { status: 503, type: 'overloaded', code: 'busy', message: 'Busy', param: undefined };

interface Decoded {
  readonly events: readonly LlmEvent[];
  readonly isWhole: boolean;
}

function decode(chunks: readonly (JsonObject | string)[]): Decoded {
  const decoder = new GeminiStreamDecoder();
  const events: LlmEvent[] = [];
  for (const chunk of chunks) decoder.decode('', typeof chunk === 'string' ? chunk : JSON.stringify(chunk), events);
  return { events, isWhole: decoder.end() };
}

const chunk = (parts: readonly JsonObject[], more: JsonObject = {}, index = 0): JsonObject => ({
  candidates: [{ content: { role: 'model', parts }, index, ...more }],
  responseId: 'r1',
  modelVersion: 'gemini-2.5-flash',
});
const START: LlmEvent = {
  type: 'start',
  id: 'r1',
  model: 'gemini-2.5-flash',
  createdSeconds: undefined,
  usage: undefined,
};

test('reads text, thoughts with proofs, whole calls, usage of any chunk and the finish', () => {
  const { events, isWhole } = decode([
    { ...chunk([{ text: 'hm', thought: true }]), usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } },
    chunk([{ text: '', thoughtSignature: 'c2ln' }]),
    chunk([{ text: 'Hel' }, { text: 'lo' }]),
    chunk([{ functionCall: { name: 'a', args: { b: 1 } }, thoughtSignature: 'eA==' }, { functionCall: { name: 'c' } }]),
    {
      ...chunk([{ text: '' }], { finishReason: 'STOP' }),
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 3, thoughtsTokenCount: 2, totalTokenCount: 9 },
    },
  ]);
  assert.ok(isWhole);
  assert.deepEqual(events, [
    START,
    { type: 'reasoning-delta', choice: 0, text: 'hm' },
    { type: 'usage', usage: createUsage({ input: 4 }) },
    { type: 'reasoning-signature', choice: 0, signature: 'gemini:c2ln' },
    { type: 'text-delta', choice: 0, text: 'Hel' },
    { type: 'text-delta', choice: 0, text: 'lo' },
    { type: 'tool-call-start', choice: 0, call: 0, id: 'call_r1_0_0', name: 'a', signature: 'gemini:eA==' },
    { type: 'tool-call-delta', choice: 0, call: 0, text: '{"b":1}' },
    { type: 'tool-call-start', choice: 0, call: 1, id: 'call_r1_0_1', name: 'c' },
    { type: 'tool-call-delta', choice: 0, call: 1, text: '{}' },
    { type: 'finish', choice: 0, finish: { reason: 'tool-calls', raw: 'STOP' } },
    { type: 'usage', usage: createUsage({ input: 4, output: 5, reasoning: 2, total: 9 }) },
  ]);
});

test('calls of later chunks count on, and a repeated finish ends once', () => {
  const { events } = decode([
    chunk([{ functionCall: { name: 'a' } }], { finishReason: 'STOP' }),
    chunk([], { finishReason: 'STOP' }),
  ]);
  assert.equal(events.filter(({ type }) => type === 'finish').length, 1);
  const { events: two } = decode([chunk([{ functionCall: { name: 'a' } }]), chunk([{ functionCall: { name: 'b' } }])]);
  assert.deepEqual(
    two.flatMap((event) => (event.type === 'tool-call-start' ? [event.id] : [])),
    ['call_r1_0_0', 'call_r1_0_1'],
  );
});

test('a stream without a finish is cut, one of several answers that lacks one, too', () => {
  assert.equal(decode([chunk([{ text: 'a' }])]).isWhole, false);
  assert.equal(decode([]).isWhole, false);
  const first = chunk([{ text: 'a' }], { finishReason: 'STOP' }, 0);
  const second = chunk([{ text: 'b' }], {}, 1);
  assert.equal(decode([first, second]).isWhole, false);
  assert.equal(decode([first, second, chunk([], { finishReason: 'MAX_TOKENS' }, 1)]).isWhole, true);
});

test('a blocked prompt finishes by the filter', () => {
  const { events, isWhole } = decode([{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, responseId: 'r1' }]);
  assert.ok(isWhole);
  assert.deepEqual(events.at(-1), {
    type: 'finish',
    choice: 0,
    finish: { reason: 'content-filter', raw: 'PROHIBITED_CONTENT' },
  });
});

test('failures: told inside the stream, chunks that are no JSON, audio; nothing follows', () => {
  const told = decode([
    chunk([{ text: 'a' }]),
    { error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } },
    chunk([{ text: 'b' }]),
  ]);
  assert.equal(told.isWhole, false);
  const last = told.events.at(-1);
  assert.ok(last?.type === 'error' && last.error.status === 503 && last.error.type === 'UNAVAILABLE');
  for (const bad of ['{"candidates":', '5', '[]', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`]) {
    const { events, isWhole } = decode([bad, chunk([{ text: 'b' }], { finishReason: 'STOP' })]);
    assert.deepEqual([events.map(({ type }) => type), isWhole], [['error'], false]);
  }
  const audio = decode([
    chunk([{ inlineData: { mimeType: 'audio/L16', data: 'aa' } }, { text: 'b' }], { finishReason: 'STOP' }),
  ]);
  assert.deepEqual([audio.events.at(-1)?.type, audio.isWhole], ['error', false]);
});

test('probabilities go with the text of their chunk', () => {
  const logprobsResult = { chosenCandidates: [{ token: 'b', logProbability: -1 }] };
  const { events } = decode([chunk([{ text: 'a' }]), chunk([{ text: 'b' }], { logprobsResult })]);
  assert.deepEqual(
    events.map((event) => (event.type === 'text-delta' ? event.logprobs !== undefined : undefined)),
    [undefined, false, true],
  );
});

function encode(events: readonly LlmEvent[], streamsArray = false): string {
  const encoder = new GeminiStreamEncoder({ ...FRAME, streamsArray });
  return events.map((event) => encoder.encode(event)).join('') + encoder.end();
}

/** As Google's own client cuts it. */
function chunksOf(text: string): readonly JsonObject[] {
  return text
    .split('\r\n\r\n')
    .filter((event) => event.trim() !== '')
    .map((event) => {
      assert.ok(event.startsWith('data: '));
      return JSON.parse(event.slice(6)) as JsonObject;
    });
}

const CONVERSATION: readonly LlmEvent[] = [
  { type: 'start', id: 'r9', model: 'other', createdSeconds: 1, usage: createUsage({ input: 7 }) },
  { type: 'reasoning-delta', choice: 0, text: 'hm' },
  { type: 'reasoning-signature', choice: 0, signature: 'c2ln' },
  { type: 'text-delta', choice: 0, text: 'Hello' },
  { type: 'tool-call-start', choice: 0, call: 0, id: 't0', name: 'a' },
  { type: 'tool-call-start', choice: 0, call: 1, id: 't1', name: 'b' },
  { type: 'tool-call-delta', choice: 0, call: 0, text: '{"x"' },
  { type: 'tool-call-delta', choice: 0, call: 1, text: '{}' },
  { type: 'tool-call-delta', choice: 0, call: 0, text: ':1}' },
  { type: 'finish', choice: 0, finish: { reason: 'tool-calls' } },
  { type: 'usage', usage: createUsage({ input: 7, output: 5 }) },
];

test('tells text at once, calls whole, and the finish together with usage', () => {
  const part = (parts: readonly JsonObject[]): JsonObject => ({
    candidates: [{ content: { role: 'model', parts }, index: 0 }],
    modelVersion: 'other',
    responseId: 'r9',
  });
  assert.deepEqual(chunksOf(encode(CONVERSATION)), [
    part([{ text: 'hm', thought: true }]),
    part([{ text: '', thoughtSignature: 'c2ln' }]),
    part([{ text: 'Hello' }]),
    part([
      { functionCall: { id: 't0', name: 'a', args: { x: 1 } } },
      { functionCall: { id: 't1', name: 'b', args: {} } },
    ]),
    {
      candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 },
      modelVersion: 'other',
      responseId: 'r9',
    },
  ]);
});

test('without alt=sse the same chunks are one array', () => {
  const array = JSON.parse(encode(CONVERSATION, true)) as readonly JsonObject[];
  assert.deepEqual(array, chunksOf(encode(CONVERSATION)));
  assert.equal(
    new GeminiStreamEncoder({ ...FRAME, streamsArray: true }).contentType,
    'application/json; charset=UTF-8',
  );
});

test('a failure is an event that Google’s client throws at; the array stays an array', () => {
  for (const before of [[], CONVERSATION.slice(0, 4)]) {
    const events = new GeminiStreamEncoder(FRAME);
    const array = new GeminiStreamEncoder({ ...FRAME, streamsArray: true });
    const text = before.map((event) => events.encode(event)).join('') + events.fail(ERROR);
    const arrayText = before.map((event) => array.encode(event)).join('') + array.fail(ERROR);
    const last = chunksOf(text).at(-1)?.error as JsonObject;
    assert.deepEqual([last.code, last.message, last.status], [503, 'Busy', 'UNAVAILABLE']);
    assert.deepEqual(JSON.parse(arrayText), chunksOf(text));
  }
});

test('a failure without a status of its own gets one that clients throw at', () => {
  const text = new GeminiStreamEncoder(FRAME).fail({ ...ERROR, status: 0 });
  assert.equal((chunksOf(text)[0].error as JsonObject).code, 500);
});

test('a sign of life changes nothing for a reader', () => {
  for (const streamsArray of [false, true]) {
    const encoder = new GeminiStreamEncoder({ ...FRAME, streamsArray });
    const beat = encoder.heartbeat();
    const text = beat + CONVERSATION.map((event) => encoder.encode(event) + beat).join('') + encoder.end();
    const quiet = encode(CONVERSATION, streamsArray);
    if (streamsArray) assert.deepEqual(JSON.parse(text), JSON.parse(quiet));
    else assert.deepEqual(linesOf(text), linesOf(quiet));
  }
});

/** As Google's Python client reads: line by line, empty ones skipped. */
function linesOf(text: string): readonly string[] {
  return text.split('\r\n').filter((line) => line !== '');
}

test('arguments that are no object end as a malformed call', () => {
  const [, last] = chunksOf(
    encode([
      { type: 'text-delta', choice: 0, text: 'a' },
      { type: 'tool-call-start', choice: 0, call: 0, id: 't', name: 'look' },
      { type: 'tool-call-delta', choice: 0, call: 0, text: '{"a' },
      { type: 'finish', choice: 0, finish: { reason: 'tool-calls' } },
    ]),
  );
  const [candidate] = last.candidates as readonly JsonObject[];
  assert.equal(candidate.finishReason, 'MALFORMED_FUNCTION_CALL');
});

const text = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' });
const choice = fc.nat({ max: 1 });
const delta: fc.Arbitrary<LlmEvent> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), choice, text }),
  fc.record({ type: fc.constant('reasoning-delta' as const), choice, text }),
  fc.record({ type: fc.constant('reasoning-signature' as const), choice, signature: fc.constant('c2ln') }),
  fc.record({ type: fc.constant('image' as const), choice, mediaType: fc.constant('image/png'), data: text }),
  fc.constant<LlmEvent>({ type: 'ping' }),
  fc.record({ type: fc.constant('usage' as const), usage: fc.constant(createUsage({ input: 1, output: 1 })) }),
);

/** A legal stream: deltas of two answers, calls whose pieces interleave with them, a finish each. */
const stream = fc
  .tuple(
    fc.array(delta, { maxLength: 12 }),
    fc.array(fc.tuple(choice, text, fc.jsonValue({ maxDepth: 1 })), { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([deltas, calls, hasUsage]) => {
    const starts = calls.map(
      ([index, name], call): LlmEvent => ({ type: 'tool-call-start', choice: index, call, id: `t${call}`, name }),
    );
    const pieces = calls.flatMap(([index, , value], call): LlmEvent[] => {
      const json = JSON.stringify({ value });
      const half = json.length >> 1;
      return [json.slice(0, half), json.slice(half)].map((piece) => ({
        type: 'tool-call-delta',
        choice: index,
        call,
        text: piece,
      }));
    });
    const used = [
      ...new Set([0, ...[...deltas, ...starts].flatMap((event) => ('choice' in event ? [event.choice] : []))]),
    ];
    const finishes = used.map((index): LlmEvent => ({ type: 'finish', choice: index, finish: { reason: 'stop' } }));
    const end: LlmEvent[] = hasUsage ? [{ type: 'usage', usage: createUsage({ input: 3, output: 4 }) }] : [];
    const first: LlmEvent = { type: 'start', id: 'r', model: 'm', createdSeconds: undefined, usage: undefined };
    return [first, ...starts, ...deltas, ...pieces, ...finishes, ...end];
  });

function textsOf(events: readonly LlmEvent[], type: 'text-delta' | 'reasoning-delta', index: number): string {
  return events.flatMap((event) => (event.type === type && event.choice === index ? [event.text] : [])).join('');
}

function callsOf(events: readonly LlmEvent[], index: number): readonly unknown[] {
  const args = new Map<number, string>();
  const names = new Map<number, string>();
  for (const event of events) {
    if (event.type === 'tool-call-start' && event.choice === index) names.set(event.call, `${event.id} ${event.name}`);
    else if (event.type === 'tool-call-delta' && event.choice === index)
      args.set(event.call, (args.get(event.call) ?? '') + event.text);
  }
  return [...names].map(([call, name]) => [name, JSON.parse(args.get(call) ?? '{}')]);
}

test('every legal stream is legal in Google’s words, says the same, and ends once', () => {
  fc.assert(
    fc.property(stream, fc.boolean(), (events, streamsArray) => {
      const out = encode(events, streamsArray);
      const chunks = streamsArray ? (JSON.parse(out) as readonly JsonObject[]) : chunksOf(out);
      const again = decode(chunks);
      assert.ok(again.isWhole);
      for (const choice of [0, 1]) {
        assert.equal(textsOf(again.events, 'text-delta', choice), textsOf(events, 'text-delta', choice));
        assert.equal(textsOf(again.events, 'reasoning-delta', choice), textsOf(events, 'reasoning-delta', choice));
        assert.deepEqual(callsOf(again.events, choice), callsOf(events, choice));
      }
      const finishes = again.events.filter(({ type }) => type === 'finish').length;
      assert.equal(finishes, events.filter(({ type }) => type === 'finish').length);
    }),
    { seed: 21, numRuns: 500 },
  );
});

test('no payload makes the reader throw, and nothing follows a failure', () => {
  const names = ['candidates', 'content', 'parts', 'text', 'functionCall', 'usageMetadata', 'error', 'finishReason'];
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, 0, -1, '', 'STOP'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, 'toString', 'valueOf'), tie('json'), { maxKeys: 4 }),
    ),
  }));
  const payload = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 4 }), (payloads) => {
      const { events, isWhole } = decode(payloads);
      const failure = events.findIndex(({ type }) => type === 'error');
      if (failure === -1) return;
      assert.equal(failure, events.length - 1);
      assert.equal(isWhole, false);
    }),
    { seed: 22, numRuns: 1000 },
  );
});
