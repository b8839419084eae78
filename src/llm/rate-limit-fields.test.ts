// Limits of one style told in the other, and nothing that could end a header line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRateLimitField, rateLimitLines, readRateLimits } from './rate-limit-fields.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

test('OpenAI’s in Anthropic’s', () => {
  const limits = readRateLimits(
    [
      ['x-ratelimit-limit-requests', '60'],
      ['x-ratelimit-remaining-requests', '59'],
      ['x-ratelimit-reset-requests', '1m0s'],
      ['x-ratelimit-remaining-tokens', '149984'],
      ['x-ratelimit-reset-tokens', '250ms'],
      ['x-request-id', 'r'],
    ],
    NOW,
  );
  assert.equal(
    rateLimitLines(limits, 'anthropic', NOW),
    'anthropic-ratelimit-requests-limit: 60\r\nanthropic-ratelimit-requests-remaining: 59\r\n' +
      'anthropic-ratelimit-requests-reset: 2026-01-01T00:01:00Z\r\n' +
      'anthropic-ratelimit-tokens-remaining: 149984\r\nanthropic-ratelimit-tokens-reset: 2026-01-01T00:00:00Z\r\n',
  );
});

test('Anthropic’s in OpenAI’s, which has no words for input and output apart', () => {
  const limits = readRateLimits(
    [
      ['anthropic-ratelimit-requests-limit', '50'],
      ['anthropic-ratelimit-requests-reset', '2026-01-01T01:02:03Z'],
      ['anthropic-ratelimit-input-tokens-remaining', '1000'],
    ],
    NOW,
  );
  assert.equal(
    rateLimitLines(limits, 'openai', NOW),
    'x-ratelimit-limit-requests: 50\r\nx-ratelimit-reset-requests: 1h2m3s\r\n',
  );
});

test('a reset that passed is now, one that cannot be read is left out', () => {
  const past = readRateLimits([['anthropic-ratelimit-tokens-reset', '2020-01-01T00:00:00Z']], NOW);
  assert.equal(rateLimitLines(past, 'openai', NOW), 'x-ratelimit-reset-tokens: 0ms\r\n');
  assert.equal(rateLimitLines(readRateLimits([['x-ratelimit-reset-tokens', 'soon']], NOW), 'openai', NOW), '');
});

test('which fields are of limits', () => {
  assert.ok(isRateLimitField('x-ratelimit-limit-tokens') && isRateLimitField('anthropic-ratelimit-tokens-reset'));
  assert.ok(!isRateLimitField('x-ratelimit-limit-input') && !isRateLimitField('retry-after'));
});

test('whatever a provider writes, lines stay lines', () => {
  const names = ['x-ratelimit-limit-requests', 'x-ratelimit-reset-tokens', 'anthropic-ratelimit-tokens-reset'];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...names), fc.string())), (entries) => {
      for (const style of ['openai', 'anthropic'] as const) {
        const text = rateLimitLines(readRateLimits(entries, NOW), style, NOW);
        assert.match(text, /^([a-z-]+: [\x20-\x7e]*\r\n)*$/);
      }
    }),
    { seed: 3 },
  );
});

test('a reset beyond every calendar is not told, and the rest is', () => {
  for (const reset of ['9999999999d', `${'9'.repeat(400)}s`, '367d']) {
    const entries = [
      ['x-ratelimit-limit-requests', '7'],
      ['x-ratelimit-reset-requests', reset],
    ] as const;
    const lines = rateLimitLines(readRateLimits(entries, 0), 'anthropic', 0);
    assert.equal(lines, 'anthropic-ratelimit-requests-limit: 7\r\n');
  }
});
