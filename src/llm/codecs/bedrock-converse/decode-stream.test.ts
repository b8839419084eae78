// Streams of ConverseStream: what each message becomes, failures inside, and an end that tells the truth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LlmEvent } from '../../event.ts';
import type { JsonValue } from '../../json-value.ts';
import { createUsage } from '../../usage.ts';
import { ConverseStreamDecoder } from './decode-stream.ts';

type Told = readonly [name: string, payload: JsonValue | undefined];

const START: LlmEvent = { type: 'start', id: undefined, model: undefined, createdSeconds: undefined, usage: undefined };

function decode(messages: readonly Told[]): { readonly events: readonly LlmEvent[]; readonly isWhole: boolean } {
  const decoder = new ConverseStreamDecoder();
  const events: LlmEvent[] = [];
  for (const [name, payload] of messages)
    decoder.decode(name, payload === undefined ? '{"cut' : JSON.stringify(payload), events);
  const isWhole = decoder.end();
  return { events, isWhole };
}

const delta = (contentBlockIndex: number, told: JsonValue): Told => [
  'contentBlockDelta',
  { contentBlockIndex, delta: told },
];
const begin = (contentBlockIndex: number, start: JsonValue): Told => [
  'contentBlockStart',
  { contentBlockIndex, start },
];
const close = (contentBlockIndex: number): Told => ['contentBlockStop', { contentBlockIndex }];
const OPEN: Told = ['messageStart', { role: 'assistant' }];
const STOP: Told = ['messageStop', { stopReason: 'end_turn' }];
const finish: LlmEvent = { type: 'finish', choice: 0, finish: { reason: 'stop', raw: 'end_turn' } };

test('thoughts, text, two calls that interleave, counts behind the end', () => {
  const { events, isWhole } = decode([
    OPEN,
    delta(0, { reasoningContent: { text: 'hm' } }),
    delta(0, { reasoningContent: { signature: 'sig' } }),
    delta(0, { reasoningContent: { redactedContent: 'eA==' } }),
    close(0),
    delta(1, { text: 'hello' }),
    delta(1, { text: '' }),
    close(1),
    begin(2, { toolUse: { toolUseId: 'a', name: 'f' } }),
    begin(3, { toolUse: { toolUseId: 'b', name: 'g' } }),
    delta(3, { toolUse: { input: '{}' } }),
    delta(2, { toolUse: { input: '{"x":' } }),
    delta(2, { toolUse: { input: '1}' } }),
    close(2),
    close(3),
    ['messageStop', { stopReason: 'tool_use' }],
    ['metadata', { usage: { inputTokens: 2, outputTokens: 3 }, metrics: { latencyMs: 5 } }],
  ]);
  assert.ok(isWhole);
  assert.deepEqual(events, [
    START,
    { type: 'reasoning-delta', choice: 0, text: 'hm' },
    { type: 'reasoning-signature', choice: 0, signature: 'sig' },
    { type: 'reasoning-redacted', choice: 0, data: 'eA==' },
    { type: 'text-delta', choice: 0, text: 'hello' },
    { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'f' },
    { type: 'tool-call-start', choice: 0, call: 1, id: 'b', name: 'g' },
    { type: 'tool-call-delta', choice: 0, call: 1, text: '{}' },
    { type: 'tool-call-delta', choice: 0, call: 0, text: '{"x":' },
    { type: 'tool-call-delta', choice: 0, call: 0, text: '1}' },
    { type: 'finish', choice: 0, finish: { reason: 'tool-calls', raw: 'tool_use' } },
    { type: 'usage', usage: createUsage({ input: 2, output: 3 }) },
  ]);
});

test('an image in pieces is one, a source is passed on', () => {
  const { events } = decode([
    OPEN,
    begin(0, { image: { format: 'webp' } }),
    delta(0, { image: { source: { bytes: 'YQ==' } } }),
    delta(0, { image: { source: { bytes: 'YmM=' } } }),
    close(0),
    delta(1, { citation: { title: 't' } }),
    STOP,
  ]);
  const data = Buffer.from('abc').toString('base64');
  assert.deepEqual(events.slice(1), [
    { type: 'image', choice: 0, mediaType: 'image/webp', data },
    { type: 'citation', choice: 0, citation: { title: 't' } },
    finish,
  ]);
});

test('a failure in the middle is an error, nothing follows it, and the stream is not whole', () => {
  const statuses = {
    throttlingException: 429,
    validationException: 400,
    modelStreamErrorException: 424,
    internalServerException: 500,
    serviceUnavailableException: 503,
    modelTimeoutException: 408,
  };
  for (const [name, status] of Object.entries(statuses)) {
    const { events, isWhole } = decode([
      OPEN,
      delta(0, { text: 'a' }),
      [name, { message: 'why' }],
      delta(0, { text: 'b' }),
      STOP,
    ]);
    const type = name[0].toUpperCase() + name.slice(1);
    const error = { status, type, code: type, message: 'why', param: undefined };
    assert.deepEqual(events, [START, { type: 'text-delta', choice: 0, text: 'a' }, { type: 'error', error }], name);
    assert.equal(isWhole, false);
  }
});

test('a failure that only its code names, and one without JSON', () => {
  const failure = (name: string, payload: string) => {
    const events: LlmEvent[] = [];
    new ConverseStreamDecoder().decode(name, payload, events);
    return events;
  };
  const told = (type: string, message: string) => [
    { type: 'error', error: { status: 500, type, code: type, message, param: undefined } },
  ];
  assert.deepEqual(
    failure(':error', '{"code":"InternalFailure","message":"it broke"}'),
    told('InternalFailure', 'it broke'),
  );
  assert.deepEqual(failure('oddException', 'it broke'), told('OddException', 'it broke'));
});

test('without messageStop the answer is cut', () => {
  assert.equal(decode([]).isWhole, false);
  assert.equal(decode([OPEN, delta(0, { text: 'a' })]).isWhole, false);
  assert.equal(decode([OPEN, delta(0, { text: 'a' }), ['metadata', {}]]).isWhole, false);
  assert.equal(decode([OPEN, STOP]).isWhole, true);
});

test('nothing behind messageStop changes the answer but its counts', () => {
  const counts: Told = ['metadata', { usage: { inputTokens: 4, outputTokens: 2, totalTokens: 6 } }];
  const plain = decode([OPEN, delta(0, { text: 'a' }), STOP, counts]);
  for (const junk of [
    STOP,
    OPEN,
    delta(0, { text: 'x' }),
    delta(0, 'x'),
    ['messageStart', 5],
    ['oddException', {}],
    ['', {}],
  ] as Told[])
    for (const at of [3, 4]) {
      const messages = [OPEN, delta(0, { text: 'a' }), STOP, counts];
      messages.splice(at, 0, junk);
      assert.deepEqual(decode(messages), plain);
    }
  assert.equal(plain.isWhole, true);
  assert.equal(plain.events.filter(({ type }) => type === 'finish').length, 1);
});

const BROKEN: Readonly<Record<string, readonly Told[]>> = {
  'no JSON': [['contentBlockDelta', undefined]],
  'no object': [['messageStart', 5]],
  'a delta that is no object': [delta(0, 'x')],
  'text that is none': [delta(0, { text: 5 })],
  'reasoning that is none': [delta(0, { reasoningContent: { text: 5 } })],
  'a call without name': [begin(0, { toolUse: { toolUseId: 'a' } })],
  'two calls in a block': [
    begin(0, { toolUse: { toolUseId: 'a', name: 'f' } }),
    begin(0, { toolUse: { toolUseId: 'b', name: 'f' } }),
  ],
  'arguments of no call': [delta(0, { toolUse: { input: '{}' } })],
  'an image that never began': [delta(0, { image: { source: { bytes: 'YQ==' } } })],
};

for (const [name, messages] of Object.entries(BROKEN))
  test(`${name}: an error, and the stream is not whole`, () => {
    const { events, isWhole } = decode([OPEN, ...messages, delta(9, { text: 'more' })]);
    assert.equal(events.at(-1)?.type, 'error');
    assert.equal(events.filter(({ type }) => type === 'error').length, 1);
    assert.equal(isWhole, false);
  });

test('kinds of messages and deltas not known yet are passed over', () => {
  const { events, isWhole } = decode([
    OPEN,
    ['futureEvent', {}],
    delta(0, { future: 1 }),
    begin(0, { future: {} }),
    STOP,
  ]);
  assert.deepEqual(events, [START, finish]);
  assert.ok(isWhole);
});

test('whatever is told: no exception, one start first, at most one error and that last, at most one finish', () => {
  const name = fc.constantFrom(
    'messageStart',
    'contentBlockStart',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
    'throttlingException',
    'x',
  );
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record({
      contentBlockIndex: fc.oneof(fc.nat(2), fc.jsonValue()),
      delta: fc.oneof(fc.record({ text: fc.string() }), fc.record({ toolUse: fc.jsonValue() }), fc.jsonValue()),
    }),
    fc.record({
      contentBlockIndex: fc.nat(2),
      start: fc.record({ toolUse: fc.record({ toolUseId: fc.string(), name: fc.string() }) }),
    }),
    fc.record({ usage: fc.jsonValue(), stopReason: fc.jsonValue() }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, body), { maxLength: 12 }), (messages) => {
      const { events, isWhole } = decode(messages as unknown as Told[]);
      const types = events.map(({ type }) => type);
      assert.ok(types.length === 0 || types[0] === 'start' || types[0] === 'error');
      assert.ok(types.lastIndexOf('start') <= 0);
      assert.ok(types.filter((type) => type === 'finish').length <= 1);
      const failedAt = types.indexOf('error');
      assert.ok(failedAt === -1 || failedAt === types.length - 1);
      assert.equal(isWhole, failedAt === -1 && types.includes('finish'));
    }),
    { seed: 41 },
  );
});
