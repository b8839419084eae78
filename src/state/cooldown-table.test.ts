// What stands out does so until its time, in every thread, and a later time is never shortened by an earlier one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CooldownTable, createCooldownMemory, seedCooldowns } from './cooldown-table.ts';
import { keyOf } from './slot-hash.ts';

const EPOCH = 1_000_000;

test('a cooldown is seen by all threads until it is over', () => {
  const memory = createCooldownMemory();
  const [one, other] = [new CooldownTable(memory, EPOCH), new CooldownTable(memory, EPOCH)];
  assert.equal(other.untilMs('key:a:1', EPOCH), 0);
  one.begin('key:a:1', { cause: 'rate-limit', untilMs: EPOCH + 5000 }, EPOCH);
  assert.equal(other.untilMs('key:a:1', EPOCH + 4990), EPOCH + 5000);
  assert.deepEqual(other.describe('key:a:1', EPOCH), { cause: 'rate-limit', untilMs: EPOCH + 5000, count: 1 });
  assert.equal(other.untilMs('key:a:1', EPOCH + 5010), 0);
  assert.equal(other.untilMs('key:a:2', EPOCH), 0);
});

test('the later of two times counts, and can be ended', () => {
  const table = new CooldownTable(createCooldownMemory(), EPOCH);
  table.begin('m', { cause: 'rate-limit', untilMs: EPOCH + 9000 }, EPOCH);
  table.begin('m', { cause: 'credential', untilMs: EPOCH + 1000 }, EPOCH);
  assert.deepEqual(table.describe('m', EPOCH), { cause: 'rate-limit', untilMs: EPOCH + 9000, count: 1 });
  table.begin('m', { cause: 'payment', untilMs: EPOCH + 20_000 }, EPOCH);
  assert.deepEqual(table.describe('m', EPOCH), { cause: 'payment', untilMs: EPOCH + 20_000, count: 2 });
  table.end('m');
  assert.equal(table.untilMs('m', EPOCH), 0);
});

test('a name that a client makes up cools down no other one', () => {
  const memory = createCooldownMemory();
  seedCooldowns(memory, 0x1f2e3d4c);
  const table = new CooldownTable(memory, EPOCH);
  // The low byte of the first letter is that of `g`.
  table.begin('model:openai:\u0167pt-4o', { cause: 'model', untilMs: EPOCH + 5000 }, EPOCH);
  assert.equal(table.untilMs('model:openai:gpt-4o', EPOCH), 0);
  assert.equal(new CooldownTable(memory, EPOCH).untilMs('model:openai:\u0167pt-4o', EPOCH), EPOCH + 5000);
});

test('where a name has its slot hangs on the seed', () => {
  const seeds = Array.from({ length: 50 }, (_, index) => keyOf('model:openai:gpt-4o', index * 7919));
  assert.equal(new Set(seeds).size, seeds.length);
  assert.ok(seeds.every((key) => key !== 0));
});

test('names that come from requests fill nothing up: what is over makes room', () => {
  const table = new CooldownTable(createCooldownMemory(), EPOCH);
  for (let index = 0; index < 50_000; index++)
    table.begin(`model:a:${index}`, { cause: 'model', untilMs: EPOCH + index * 10 + 100 }, EPOCH + index * 10);
  const nowMs = EPOCH + 500_000;
  table.begin('model:a:last', { cause: 'model', untilMs: nowMs + 1000 }, nowMs);
  assert.equal(table.untilMs('model:a:last', nowMs), nowMs + 1000);
  assert.equal(table.untilMs('model:a:7', nowMs), 0);
});
