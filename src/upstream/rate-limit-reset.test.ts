// Limits say in many spellings when they are open again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeaderList } from '../wire/header-list.ts';
import { parseReset, rateLimitResetOf } from './rate-limit-reset.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function headers(fields: Readonly<Record<string, string>>): HeaderList {
  const list = new HeaderList();
  for (const [name, value] of Object.entries(fields)) list.append(name, value);
  return list;
}

test('spans, moments and dates', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['1s', 1000],
    ['6m0s', 360_000],
    ['20ms', 20],
    ['1h2m3.5s', 3_723_500],
    ['12', 12_000],
    ['0.5', 500],
    [String(NOW / 1000 + 7), 7000],
    [String(NOW + 8000), 8000],
    [String(NOW / 1000 - 7), 0],
    ['2026-01-01T00:00:30Z', 30_000],
    ['2025-01-01T00:00:30Z', 0],
    ['soon', -1],
    ['', -1],
    ['1x', -1],
    ['99999999999999999999', -1],
  ];
  for (const [text, afterMs] of cases) assert.equal(parseReset(text, NOW), afterMs, text);
});

test('Retry-After counts first, then the latest of the buckets that are empty, then any', () => {
  const reset = { 'x-ratelimit-reset-requests': '2s', 'x-ratelimit-reset-tokens': '9s' };
  assert.equal(rateLimitResetOf(headers({ ...reset, 'retry-after': '4' }), NOW), 4000);
  assert.equal(rateLimitResetOf(headers({ ...reset, 'retry-after-ms': '250' }), NOW), 250);
  assert.equal(rateLimitResetOf(headers({ ...reset, 'x-ratelimit-remaining-requests': '0' }), NOW), 2000);
  assert.equal(rateLimitResetOf(headers(reset), NOW), 9000);
  assert.equal(rateLimitResetOf(headers({ 'anthropic-ratelimit-tokens-reset': '2026-01-01T00:01:00Z' }), NOW), 60_000);
  assert.equal(rateLimitResetOf(headers({}), NOW), -1);
});
