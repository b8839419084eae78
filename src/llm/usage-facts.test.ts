// Counts of every wire as one whole with its parts, from the bytes; what is told in pieces; and odd objects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_USAGE, type Usage } from './usage.ts';
import { readLaterUsage, readUsage, UsageFacts } from './usage-facts.ts';
import { UsageScanner } from './usage-scanner.ts';

function read(value: unknown, usage = new UsageFacts(), reader = readUsage): UsageFacts {
  const bytes = Buffer.from(`  ${JSON.stringify(value)} `);
  const behind = reader(bytes, 2, bytes.length, usage);
  assert.ok(behind === -1 || behind === bytes.length - 1, `the reader stops behind the object: ${behind}`);
  return usage;
}

function counts(usage: UsageFacts): Usage {
  const { isFound, ...rest } = usage;
  assert.equal(isFound, true);
  return rest;
}

const WIRES: readonly { readonly wire: string; readonly usage: object; readonly expected: Partial<Usage> }[] = [
  {
    wire: 'OpenAI chat: every part is inside its whole',
    usage: {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 8, audio_tokens: 11 },
      completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 7, accepted_prediction_tokens: 3 },
    },
    expected: {
      ...{ input: 100, output: 50, total: 150, cachedInput: 30, cacheWrite: 8 },
      ...{ audioInput: 11, reasoning: 20, audioOutput: 7 },
    },
  },
  {
    wire: 'OpenAI Responses',
    usage: {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2, cache_write_tokens_details: { x: 1 } },
      output_tokens: 6,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 15,
    },
    expected: { input: 9, output: 6, total: 15, cachedInput: 4, cacheWrite: 2, reasoning: 5 },
  },
  {
    wire: 'OpenAI transcription',
    usage: { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 13 }, output_tokens: 3 },
    expected: { input: 14, output: 3, total: 17, audioInput: 13 },
  },
  {
    wire: 'DeepSeek',
    usage: { prompt_tokens: 7, completion_tokens: 1, prompt_cache_hit_tokens: 5, prompt_cache_miss_tokens: 2 },
    expected: { input: 7, output: 1, total: 8, cachedInput: 5 },
  },
  {
    wire: 'Anthropic: cache reads and writes stand beside the input',
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 100,
      cache_read_input_tokens: 1000,
      cache_creation: { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 },
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 2 },
      service_tier: 'standard',
    },
    expected: {
      ...{ input: 1110, output: 5, total: 1115 },
      ...{ cachedInput: 1000, cacheWrite: 100, cacheWrite1h: 40, reasoning: 2 },
    },
  },
  {
    wire: 'Anthropic, cache writes told by lifetime only',
    usage: { input_tokens: 1, output_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 4 } },
    expected: { input: 5, output: 1, total: 6, cacheWrite: 4, cacheWrite1h: 4 },
  },
  {
    wire: 'a proxy that writes both spellings: prompt_tokens is the whole',
    usage: {
      prompt_tokens: 1110,
      completion_tokens: 5,
      cache_read_input_tokens: 1000,
      cache_creation_input_tokens: 100,
    },
    expected: { input: 1110, output: 5, total: 1115, cachedInput: 1000, cacheWrite: 100 },
  },
  {
    wire: 'Gemini: thoughts and tool prompts stand beside the whole',
    usage: {
      promptTokenCount: 100,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      toolUsePromptTokenCount: 7,
      totalTokenCount: 157,
      cachedContentTokenCount: 40,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 60 },
        { modality: 'AUDIO', tokenCount: 30 },
        { tokenCount: 10, modality: 'AUDIO' },
      ],
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 5 }],
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 9 }],
    },
    expected: {
      ...{ input: 107, output: 50, total: 157, cachedInput: 40 },
      ...{ reasoning: 30, audioInput: 40, audioOutput: 9 },
    },
  },
  { wire: 'Gemini embeddings', usage: { promptTokenCount: 4 }, expected: { input: 4, total: 4 } },
];

for (const { wire, usage, expected } of WIRES)
  test(`${wire}`, () => {
    assert.deepEqual(counts(read(usage)), { ...NO_USAGE, ...expected });
    // The order of members decides nothing.
    assert.deepEqual(counts(read(Object.fromEntries(Object.entries(usage).reverse()))), { ...NO_USAGE, ...expected });
  });

test('a stream that tells its counts in two parts has the last of each', () => {
  const usage = read({
    input_tokens: 10,
    cache_read_input_tokens: 90,
    cache_creation_input_tokens: 8,
    cache_creation: { ephemeral_1h_input_tokens: 8 },
    output_tokens: 1,
  });
  read({ output_tokens: 55 }, usage, readLaterUsage);
  const expected = { input: 108, output: 55, total: 163, cachedInput: 90, cacheWrite: 8, cacheWrite1h: 8 };
  assert.deepEqual(counts(usage), { ...NO_USAGE, ...expected });
  read({ input_tokens: 12, output_tokens: 60, output_tokens_details: { thinking_tokens: 20 } }, usage, readLaterUsage);
  assert.deepEqual(counts(usage), { ...NO_USAGE, ...expected, input: 110, output: 60, total: 170, reasoning: 20 });
  // Null is not told; the part counted beside the input stays in the whole.
  const nulls = {
    input_tokens: 14,
    cache_read_input_tokens: null,
    cache_creation_input_tokens: null,
    output_tokens: 61,
  };
  read(nulls, usage, readLaterUsage);
  assert.deepEqual([usage.input, usage.cachedInput, usage.cacheWrite, usage.output], [112, 90, 8, 61]);
  read({ input_tokens: null, output_tokens: 62 }, usage, readLaterUsage);
  assert.deepEqual([usage.input, usage.output], [112, 62]);
  assert.deepEqual(counts(read({ output_tokens: 3 }, new UsageFacts(), readLaterUsage)), {
    ...NO_USAGE,
    output: 3,
    total: 3,
  });
});

test('lists, nulls and wrong types where counts are expected', () => {
  for (const odd of [
    null,
    'x',
    [],
    [1],
    [{}],
    {},
    { modality: 'AUDIO', tokenCount: 4 },
    [{ modality: 'AUDIO' }],
    -1,
    true,
  ])
    for (const name of ['prompt_tokens_details', 'promptTokensDetails', 'cache_creation', 'candidatesTokensDetails'])
      assert.deepEqual(counts(read({ input_tokens: 2, [name]: odd, output_tokens: 1 })), {
        ...NO_USAGE,
        ...{ input: 2, output: 1, total: 3 },
      });
});

test('counts of any wire: the whole is never less than its parts, the total is their sum or as told', () => {
  const n = fc.nat(1e6);
  const anthropic = fc.record({
    input_tokens: n,
    cache_read_input_tokens: n,
    cache_creation_input_tokens: n,
    output_tokens: n,
  });
  fc.assert(
    fc.property(anthropic, (told) => {
      const usage = counts(read(told));
      assert.equal(usage.input, told.input_tokens + told.cache_read_input_tokens + told.cache_creation_input_tokens);
      assert.ok(usage.cachedInput + usage.cacheWrite <= usage.input && usage.reasoning <= usage.output);
      assert.equal(usage.total, usage.input + usage.output);
    }),
    { seed: 5 },
  );
  const gemini = fc.record({ promptTokenCount: n, candidatesTokenCount: n, thoughtsTokenCount: n });
  fc.assert(
    fc.property(gemini, (told) => {
      const usage = counts(read(told));
      assert.deepEqual(
        [usage.input, usage.output, usage.reasoning],
        [told.promptTokenCount, told.candidatesTokenCount + told.thoughtsTokenCount, told.thoughtsTokenCount],
      );
    }),
    { seed: 6 },
  );
});

test('answers of the other wires are scanned in any pieces', () => {
  const gemini = { candidates: [{ usage: 1 }], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4 } };
  const anthropic = { model: 'claude', content: [], usage: { input_tokens: 3, output_tokens: 4 } };
  for (const value of [{ ...gemini, modelVersion: 'gemini-x' }, anthropic]) {
    const scanner = new UsageScanner();
    const bytes = Buffer.from(JSON.stringify(value));
    for (const size of [1, 7, bytes.length]) {
      scanner.reset();
      for (let at = 0; at < bytes.length; at += size) scanner.push(bytes, at, Math.min(bytes.length, at + size));
      assert.deepEqual([scanner.usage.input, scanner.usage.output, scanner.usage.total], [3, 4, 7]);
      assert.equal(scanner.model, 'candidates' in value ? 'gemini-x' : 'claude');
      assert.equal(scanner.finish(), true);
    }
  }
});
