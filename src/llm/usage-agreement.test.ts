// The same usage object is counted alike whether its bytes pass through or its answer is translated: a bill must not depend on it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUsage, laterUsage } from './codecs/anthropic-messages/usage.ts';
import { readUsageMetadata } from './codecs/gemini/usage-metadata.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { decodeOpenaiUsage } from './openai-usage.ts';
import type { Usage } from './usage.ts';
import { readLaterUsage, readUsage, UsageFacts } from './usage-facts.ts';

function fromBytes(value: JsonValue, usage = new UsageFacts(), read = readUsage): Usage | undefined {
  const bytes = Buffer.from(JSON.stringify(value));
  read(bytes, 0, bytes.length, usage);
  const { isFound, ...counts } = usage;
  return isFound ? counts : undefined;
}

const count = fc.oneof(fc.nat(9), fc.nat(1_000_000));
const details = (...names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, count])), { requiredKeys: [] });

/** `total` fits to the other counts, to those with thoughts beside them, or is missing. */
const openai = fc
  .record(
    {
      prompt_tokens: count,
      completion_tokens: count,
      reasoning_tokens: count,
      prompt_cache_hit_tokens: count,
      prompt_tokens_details: details('cached_tokens', 'audio_tokens', 'cache_write_tokens'),
      completion_tokens_details: details('reasoning_tokens', 'audio_tokens', 'accepted_prediction_tokens'),
    },
    { requiredKeys: ['prompt_tokens', 'completion_tokens'] },
  )
  .chain((usage) => {
    const sum = usage.prompt_tokens + usage.completion_tokens;
    const thoughts = usage.completion_tokens_details?.reasoning_tokens ?? usage.reasoning_tokens ?? 0;
    return fc
      .constantFrom(undefined, sum, sum + thoughts)
      .map((total): JsonObject => ({ ...usage, ...(total !== undefined && { total_tokens: total }) }) as JsonObject);
  });

test('OpenAI’s, with thoughts in the answer or beside it', () => {
  fc.assert(
    fc.property(openai, (usage) => assert.deepEqual(fromBytes(usage), decodeOpenaiUsage(usage))),
    { seed: 21, numRuns: 2000 },
  );
});

test('thoughts that xAI counts beside the answer are output', () => {
  const told = { completion_tokens_details: { reasoning_tokens: 300 } };
  const usage = fromBytes({ prompt_tokens: 32, completion_tokens: 9, total_tokens: 341, ...told });
  assert.deepEqual([usage?.output, usage?.reasoning, usage?.total], [309, 300, 341]);
});

test('a proxy’s cache counts in Anthropic’s words beside OpenAI’s', () => {
  const told = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105 };
  const usage = { ...told, cache_read_input_tokens: 60, cache_creation_input_tokens: 30 };
  assert.deepEqual(decodeOpenaiUsage(usage), fromBytes(usage));
  assert.equal(decodeOpenaiUsage(usage)?.cachedInput, 60);
});

const anthropic = fc.record(
  {
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
    output_tokens_details: details('thinking_tokens'),
  },
  { requiredKeys: ['output_tokens'] },
) as fc.Arbitrary<JsonObject>;

test('Anthropic’s', () => {
  fc.assert(
    fc.property(anthropic, (usage) => assert.deepEqual(fromBytes(usage), decodeUsage(usage))),
    { seed: 22, numRuns: 2000 },
  );
});

test('Anthropic’s start and end of a stream: what the end tells again replaces, what it leaves out stays', () => {
  fc.assert(
    fc.property(anthropic, anthropic, (start, end) => {
      const facts = new UsageFacts();
      fromBytes(start, facts, readLaterUsage);
      const before = decodeUsage(start);
      assert.ok(before !== undefined);
      assert.deepEqual(fromBytes(end, facts, readLaterUsage), laterUsage(before, end));
    }),
    { seed: 23, numRuns: 2000 },
  );
});

const gemini = fc.record(
  {
    promptTokenCount: count,
    candidatesTokenCount: count,
    thoughtsTokenCount: count,
    toolUsePromptTokenCount: count,
    cachedContentTokenCount: count,
    promptTokensDetails: fc.array(
      fc.record({ modality: fc.constantFrom('TEXT', 'AUDIO', 'IMAGE'), tokenCount: count }),
      { maxLength: 3 },
    ),
    candidatesTokensDetails: fc.array(fc.record({ modality: fc.constantFrom('TEXT', 'AUDIO'), tokenCount: count }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: ['promptTokenCount', 'candidatesTokenCount'] },
) as fc.Arbitrary<JsonObject>;

test('Gemini’s', () => {
  fc.assert(
    fc.property(
      gemini.filter(
        ({ promptTokenCount, candidatesTokenCount }) => promptTokenCount !== 0 && candidatesTokenCount !== 0,
      ),
      (usage) => assert.deepEqual(fromBytes(usage), readUsageMetadata(usage)),
    ),
    { seed: 24, numRuns: 2000 },
  );
});
