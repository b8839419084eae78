// OpenAI's counts and the variants of its imitators.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeOpenaiUsage, encodeOpenaiUsage } from './openai-usage.ts';
import { createUsage } from './usage.ts';

test('reads every detail', () => {
  const usage = decodeOpenaiUsage({
    prompt_tokens: 100,
    completion_tokens: 50,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 40, audio_tokens: 5, cache_write_tokens: 7 },
    completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 3 },
  });
  assert.deepEqual(
    usage,
    createUsage({
      input: 100,
      output: 50,
      cachedInput: 40,
      cacheWrite: 7,
      reasoning: 20,
      audioInput: 5,
      audioOutput: 3,
    }),
  );
});

test("reads DeepSeek's cache hits", () => {
  const usage = decodeOpenaiUsage({ prompt_tokens: 9, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 1 });
  assert.equal(usage?.cachedInput, 8);
});

test('counts thoughts as output where the provider counts them beside it', () => {
  const details = { completion_tokens_details: { reasoning_tokens: 30 } };
  const beside = decodeOpenaiUsage({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 45, ...details });
  assert.equal(beside?.output, 35);
  const within = decodeOpenaiUsage({ prompt_tokens: 10, completion_tokens: 35, total_tokens: 45, ...details });
  assert.equal(within?.output, 35);
});

test('embeddings have no output', () => {
  assert.deepEqual(decodeOpenaiUsage({ prompt_tokens: 3, total_tokens: 3 }), createUsage({ input: 3 }));
});

test('what holds no counts is no usage', () => {
  for (const value of [undefined, null, {}, [], 'x', 5, { prompt_tokens: null }, { prompt_tokens: '1' }])
    assert.equal(decodeOpenaiUsage(value), undefined);
});

test('gives back what it reads', () => {
  const count = fc.nat({ max: 1_000_000 });
  const counts = fc.record({
    input: count,
    output: count,
    total: fc.integer({ min: 2_000_001, max: 4_000_000 }),
    cachedInput: count,
    reasoning: fc.nat({ max: 0 }),
    cacheWrite: count,
    audioInput: count,
    audioOutput: count,
  });
  fc.assert(
    fc.property(counts, (given) => {
      const usage = createUsage(given);
      assert.deepEqual(decodeOpenaiUsage(encodeOpenaiUsage(usage)), usage);
    }),
    { seed: 7 },
  );
});
