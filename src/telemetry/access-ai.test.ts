// The AI fields that not every line has: costs without rounding, flags, times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rareCounts, secondsPerToken, writeAgentgateway } from './access-ai.ts';
import { LineBytes } from './access-bytes.ts';
import type { AccessGenAi } from './access-record.ts';

const FACTS = {
  ...{ cacheWriteTokens: -1, audioInputTokens: -1, audioOutputTokens: 0, outputTokens: 11, firstTokenMs: -1 },
  ...{ aborted: false, cost: undefined, priceVersion: 'v"1', spent: undefined },
} as unknown as AccessGenAi;
const COST = {
  total: 2_000_000_000_123,
  input: 2_000_000_000_000,
  output: 123,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  request: 0,
};

/** What is written into a line. */
function agentgatewayFields(facts: AccessGenAi, durationMs: number): string {
  const bytes = new Uint8Array(1000).fill(1);
  const out = new LineBytes(bytes);
  writeAgentgateway(facts, durationMs, out);
  return Buffer.from(bytes.buffer, 0, out.at).toString('latin1');
}

const parse = (text: string) => JSON.parse(`{"x":1${text}}`);

test('rare counts appear when there are some', () => {
  assert.equal(rareCounts(FACTS), '');
  assert.deepEqual(
    parse(rareCounts({ ...FACTS, cacheWriteTokens: 5, audioInputTokens: 6, audioOutputTokens: 7, aborted: true })),
    {
      x: 1,
      cache_creation: { input_tokens: 5 },
      input_audio_tokens: 6,
      output_audio_tokens: 7,
      aborted: true,
    },
  );
});

test('costs are dollars to the last digit; parts of nothing are left out', () => {
  assert.equal(agentgatewayFields(FACTS, 100), '');
  const text = agentgatewayFields({ ...FACTS, cost: COST, spent: [{}, {}] }, 100);
  assert.equal(
    text,
    ',"agw":{"ai":{"usage":{"cost":{"total":2.000000000123,"input":2.000000000000,"output":0.000000000123},"spent_tries":2,"price_version":"v\\"1"}}}',
  );
  assert.equal(parse(text).agw.ai.usage.price_version, 'v"1');
});

test('any amount and any time is written to its last digit', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(1e9), (total, micros) => {
      const text = agentgatewayFields(
        { ...FACTS, cost: { ...COST, total }, firstTokenMs: micros / 1000, outputTokens: 0 },
        9,
      );
      const [, dollars] = /"total":([\d.]+),/.exec(text) ?? [];
      const [whole, decimals] = dollars.split('.');
      assert.equal(BigInt(whole) * 1_000_000_000_000n + BigInt(decimals), BigInt(total));
      assert.equal(parse(text).agw.ai.time_to_first_token, micros / 1e6);
    }),
    { seed: 4 },
  );
});

test('times of a stream: to its first token, and per token after that', () => {
  const { agw } = parse(agentgatewayFields({ ...FACTS, firstTokenMs: 250 }, 1250));
  assert.deepEqual(agw.ai, { time_to_first_token: 0.25, time_per_output_token: 0.1 });
  const cut = parse(agentgatewayFields({ ...FACTS, firstTokenMs: 250, aborted: true }, 1250));
  assert.deepEqual(cut.agw.ai, { time_to_first_token: 0.25 });
  assert.equal(secondsPerToken({ outputTokens: 1, firstTokenMs: 3 }, 9), -1);
  assert.equal(secondsPerToken({ outputTokens: 5, firstTokenMs: -1 }, 9), -1);
  assert.equal(secondsPerToken({ outputTokens: 2, firstTokenMs: 9 }, 8), 0);
});
