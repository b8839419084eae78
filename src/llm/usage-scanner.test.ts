// Usage and model of JSON answers: whole, in any pieces, in every spelling, against JSON.parse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_USAGE } from './usage.ts';
import { MAX_CAPTURE_BYTES, UsageScanner } from './usage-scanner.ts';

const scanner = new UsageScanner();
const NONE = { isFound: false, ...NO_USAGE };

/** Pushes `text` cut at `cuts`, each piece in a buffer of its own that is overwritten afterwards. */
function scan(text: string, cuts: readonly number[] = []): UsageScanner {
  const bytes = Buffer.from(text);
  scanner.reset();
  let at = 0;
  for (const cut of [...cuts.map((position) => position % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    const piece = Buffer.concat([Buffer.from('"}'), bytes.subarray(at, cut), Buffer.from('{"')]);
    scanner.push(piece, 2, piece.length - 2);
    piece.fill(0);
    at = cut;
  }
  return scanner;
}

function everyByte(text: string): readonly number[] {
  return Array.from({ length: Buffer.byteLength(text) }, (_, i) => i);
}

const CHAT = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'a "usage": {"prompt_tokens": 9} \\' }, finish_reason: 'stop' },
  ],
  usage: {
    prompt_tokens: 19,
    completion_tokens: 10,
    total_tokens: 29,
    prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0 },
  },
  service_tier: 'default',
});

test('reads a chat answer, whole and byte by byte', () => {
  for (const cuts of [[], [10], [CHAT.indexOf('"usage"') + 3], everyByte(CHAT)]) {
    const { usage, model, hasError } = scan(CHAT, cuts);
    assert.deepEqual(
      { ...usage },
      { ...NO_USAGE, isFound: true, input: 19, output: 10, total: 29, cachedInput: 4, reasoning: 3 },
    );
    assert.equal(model, 'gpt-4o-2024-08-06');
    assert.equal(hasError, false);
    assert.equal(scanner.finish(), true);
  }
});

test('reads embeddings, whose usage has no output', () => {
  const text = `{"object":"list","data":[{"embedding":[${'-0.01,'.repeat(2000)}1]}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}}`;
  for (const cuts of [[], [100, 4000], everyByte(text)]) {
    assert.deepEqual({ ...scan(text, cuts).usage }, { ...NONE, isFound: true, input: 8, total: 8 });
    assert.equal(scanner.model, 'e');
  }
});

test('reads the spelling of the Responses API and the sum where no total is given', () => {
  const usage = {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 2 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 6 },
  };
  const expected = { ...NO_USAGE, isFound: true, input: 5, output: 7, total: 12, cachedInput: 2, reasoning: 6 };
  assert.deepEqual({ ...scan(JSON.stringify({ model: 'm', usage })).usage }, expected);
  assert.deepEqual({ ...scan(JSON.stringify({ usage, model: 'm' }), [20]).usage }, expected);
});

test('takes odd counts for what they are', () => {
  const odd =
    '{"model":"m","usage":{"prompt_tokens": 12.0 ,"completion_tokens":null,"total_tokens":"9","prompt_cache_hit_tokens":5,"prompt_tokens_details":null,"cost":0.1}}';
  for (const cuts of [[], [60]])
    assert.deepEqual({ ...scan(odd, cuts).usage }, { ...NONE, isFound: true, input: 12, cachedInput: 5 });
  for (const usage of ['null', '{}', '[]', '{"seconds":3}', '"prompt_tokens"', '7']) {
    const { isFound, ...counts } = scan(`{"model":"m","usage":${usage}}`).usage;
    assert.deepEqual(counts, NO_USAGE, usage);
    assert.equal(isFound, false, usage);
  }
});

test('a usage that is not the answer’s own is not taken', () => {
  const nested = '{"usage":{"prompt_tokens":99}}';
  for (const text of [
    `{"model":"m","a":${nested}}`,
    `{"a":[${nested}],"model":"m"}`,
    `[${nested}]`,
    `{"a":"usage","model":"m"}`,
  ]) {
    for (const cuts of [[], everyByte(text)]) assert.deepEqual({ ...scan(text, cuts).usage }, NONE, text);
  }
});

test('tells a failure inside a success', () => {
  for (const [text, expected] of [
    ['{"error":{"message":"overloaded"}}', true],
    ['{"model":"m","error" : "no","usage":{"prompt_tokens":1}}', true],
    ['{"error":null,"model":"m"}', false],
    ['{"a":{"error":{}},"b":"error"}', false],
  ] as const) {
    for (const cuts of [[], everyByte(text)]) assert.equal(scan(text, cuts).hasError, expected, text);
  }
});

test('says whether the answer was whole', () => {
  for (const text of ['{"a":[1,{"b":"}"}]}', ' [1,2] ', '{}']) assert.equal(scan(text).finish(), true, text);
  for (const text of ['', '{"a":[1', '{"a":"}', '{"a":"\\"}', CHAT.slice(0, -1)])
    assert.equal(scan(text).finish(), false, text);
});

test('keeps no more than its bound', () => {
  const long = (bytes: number) => `{"model":"m","usage":{"note":"${'x'.repeat(bytes)}","prompt_tokens":3}}`;
  assert.equal(scan(long(MAX_CAPTURE_BYTES - 100), [5000, 9000]).usage.input, 3);
  assert.equal(scan(long(MAX_CAPTURE_BYTES), [5000, 9000]).usage.isFound, false);
  assert.equal(scanner.finish(), true);
  assert.equal(scanner.model, 'm');
});

test('watches the response inside a Responses API event', () => {
  const text =
    '{"type":"response.completed","response":{"model":"o3","error":null,"usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7},"user":null},"n":1}';
  scanner.resetForEvent();
  for (const byte of Buffer.from(text)) scanner.push(Buffer.of(byte), 0, 1);
  assert.equal(scanner.usage.total, 7);
  assert.equal(scanner.model, 'o3');
  assert.equal(scanner.hasError, false);
  assert.equal(scanner.finish(), true);
});

const count = fc.oneof(fc.nat(1e6), fc.constantFrom(null, 'x', -1));
const usageValue = fc.oneof(
  fc.record(
    { prompt_tokens: count, completion_tokens: count, total_tokens: fc.nat(1e6), extra: fc.jsonValue({ maxDepth: 1 }) },
    { requiredKeys: [] },
  ),
  fc.constant(null),
);
const answer = fc.record(
  {
    model: fc.string({ unit: 'grapheme' }),
    id: fc.jsonValue({ maxDepth: 3 }),
    choices: fc.jsonValue({ maxDepth: 3 }),
    usage: usageValue,
    z: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

test('any split of any answer gives what JSON.parse gives', () => {
  const space = fc.constantFrom(undefined, 1);
  fc.assert(
    fc.property(answer, fc.array(fc.nat(), { maxLength: 8 }), space, (value, cuts, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const given = (value.usage ?? {}) as Record<string, unknown>;
      const has = ['prompt_tokens', 'completion_tokens', 'total_tokens'].some((name) => Object.hasOwn(given, name));
      const of = (name: string) => (typeof given[name] === 'number' ? Math.max(0, given[name]) : 0);
      const total = Object.hasOwn(given, 'total_tokens')
        ? of('total_tokens')
        : of('prompt_tokens') + of('completion_tokens');
      for (const pieces of [[], cuts]) {
        const { usage, model } = scan(text, pieces);
        assert.deepEqual(
          [usage.isFound, usage.input, usage.output, usage.total],
          [has, of('prompt_tokens'), of('completion_tokens'), total],
        );
        assert.equal(model, value.model);
        assert.equal(scanner.finish(), true);
      }
    }),
    { seed: 31, numRuns: 2000 },
  );
});

test('the quick look at a whole answer takes nothing that is not its own', () => {
  for (const [text, model, total, hasError] of [
    ['{"error":"x","model":"m","usage":{"total_tokens":1}}', 'm', 1, true],
    ['{"object":"error","model":"m","usage":{"total_tokens":1}}', 'm', 1, false],
    ['{"a":"model","model":"m","usage":{"total_tokens":1}}', 'm', 1, false],
    ['{"a":"\\"model\\":","model":"m","usage":{"total_tokens":1}}', 'm', 1, false],
    ['{"a":{"model":"n"},"model":"m","usage":{"total_tokens":1}}', 'm', 1, false],
    ['{"model":7,"usage":{"total_tokens":1}}', undefined, 1, false],
    ['{"model":"m","a":{"usage":{"total_tokens":1}}}', 'm', 0, false],
    ['{"model":"m","usage":{"total_tokens":1},"error":{}}', 'm', 1, true],
    ['{"model":"m","usage":{"total_tokens":1}', 'm', 1, false],
  ] as const) {
    const found = scan(text);
    assert.deepEqual([found.model, found.usage.total, found.hasError], [model, total, hasError], text);
  }
});
