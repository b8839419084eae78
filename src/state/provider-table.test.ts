// What providers came to in the last five minutes, counted by all threads and forgotten afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProviderMemory, PROVIDER_WINDOW_MS, ProviderTable } from './provider-table.ts';

const EPOCH = 1_000_000;

test('outcomes, latency and tokens are those of the window, whoever counted', () => {
  const memory = createProviderMemory();
  const [one, other] = [new ProviderTable(memory, EPOCH).window('a'), new ProviderTable(memory, EPOCH).window('a')];
  one.recordAnswer(100, EPOCH);
  other.recordAnswer(300, EPOCH + 60_000);
  other.recordFailure('server-error', 503, EPOCH + 60_000);
  one.recordTokens(50, 1000, EPOCH + 60_000);
  const facts = one.describe(EPOCH + 90_000);
  assert.deepEqual(facts, {
    requests: 3,
    failures: 1,
    latencyMs: 200,
    tokensPerSecond: 50,
    lastFailures: [{ class: 'server-error', count: 1, status: 503, secondsAgo: 30 }],
  });
  const later = one.describe(EPOCH + PROVIDER_WINDOW_MS + 30_000);
  assert.deepEqual([later.requests, later.latencyMs], [2, 300]);
  const last = one.describe(EPOCH + PROVIDER_WINDOW_MS * 3);
  assert.deepEqual([last.requests, last.latencyMs, last.tokensPerSecond], [0, 0, 0]);
});

test('an answer that breaks after its head is one outcome, and a failure', () => {
  const window = new ProviderTable(createProviderMemory(), EPOCH).window('a');
  window.recordAnswer(10, EPOCH);
  window.spoilAnswer('connection', 200, EPOCH);
  const { requests, failures } = window.describe(EPOCH);
  assert.deepEqual([requests, failures], [1, 1]);
});

test('a bucket used again a window later holds nothing of before', () => {
  const window = new ProviderTable(createProviderMemory(), EPOCH).window('a');
  window.recordAnswer(900, EPOCH);
  window.recordAnswer(100, EPOCH + PROVIDER_WINDOW_MS);
  assert.equal(window.describe(EPOCH + PROVIDER_WINDOW_MS).latencyMs, 100);
});

test('providers do not mix', () => {
  const table = new ProviderTable(createProviderMemory(), EPOCH);
  table.window('a').recordAnswer(1, EPOCH);
  assert.equal(table.window('b').describe(EPOCH).requests, 0);
});
