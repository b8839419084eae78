// What answers say against a key, a provider or a model, and for how long it then stands out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CooldownTable, createCooldownMemory } from '../../state/cooldown-table.ts';
import { HeaderList } from '../../wire/header-list.ts';
import { type CoolingParts, keyId, modelId, providerId, TargetCooling } from './target-cooling.ts';

const NOW = 5_000_000;

function stage(parts: Partial<CoolingParts> = {}) {
  const table = new CooldownTable(createCooldownMemory(), NOW);
  const make = (own: Partial<CoolingParts> = {}) =>
    new TargetCooling({
      table,
      senderId: providerId('a'),
      hasSeveralKeys: false,
      hasSeveralEndpoints: false,
      forwardsCredential: false,
      modelId: modelId('a', 'm'),
      ...parts,
      ...own,
    });
  return { table, make, cooling: make() };
}

function fields(pairs: Readonly<Record<string, string>> = {}): HeaderList {
  const list = new HeaderList();
  for (const [name, value] of Object.entries(pairs)) list.append(name, value);
  return list;
}

test('times by class: as long as the answer says, else as is usual', () => {
  for (const [status, headers, seconds] of [
    [429, {}, 5],
    [429, { 'retry-after': '17' }, 17],
    [429, { 'retry-after': '999999' }, 3600],
    [401, {}, 30],
    [403, {}, 30],
    [402, {}, 60],
    [404, { 'retry-after': '17' }, 30],
    [400, {}, 0],
    [500, {}, 0],
  ] as const) {
    const { cooling } = stage();
    cooling.onAnswer(status, fields(headers), NOW);
    const untilMs = cooling.untilMs(NOW);
    assert.equal(
      untilMs === 0 ? 0 : Math.round((untilMs - NOW) / 1000),
      seconds,
      `${status} ${JSON.stringify(headers)}`,
    );
    assert.equal(cooling.isOut(NOW + seconds * 1000 + 20), false);
  }
});

test('only of a limit it is known that waiting helps', () => {
  const { cooling } = stage();
  cooling.onAnswer(401, fields(), NOW);
  assert.equal(cooling.limitedUntilMs(NOW), 0);
  assert.ok(cooling.isOut(NOW));
  const limited = stage().cooling;
  limited.onAnswer(429, fields({ 'retry-after': '3' }), NOW);
  assert.equal(limited.limitedUntilMs(NOW), NOW + 3000);
});

test('a missing model is that of one backend, a refused key that of all its models', () => {
  const { make, cooling } = stage();
  const other = make({ modelId: modelId('a', 'other') });
  cooling.onAnswer(404, fields(), NOW);
  assert.deepEqual([cooling.isOut(NOW), other.isOut(NOW)], [true, false]);
  const keyed = { hasSeveralKeys: true, senderId: keyId('a', '01234567') };
  const [one, same, second] = [
    make(keyed),
    make({ ...keyed, modelId: modelId('a', 'other') }),
    make({ ...keyed, senderId: keyId('a', '89abcdef'), modelId: modelId('a', 'third') }),
  ];
  one.onAnswer(401, fields(), NOW);
  assert.deepEqual([same.isOut(NOW), second.isOut(NOW)], [true, false]);
  assert.deepEqual([one.blamesKey(401), one.blamesKey(404), cooling.blamesKey(401)], [true, false, false]);
});

test('the client’s own credential and one endpoint of several say nothing of the provider', () => {
  const forwarding = stage({ forwardsCredential: true }).cooling;
  for (const status of [401, 402, 403, 429]) forwarding.onAnswer(status, fields(), NOW);
  assert.equal(forwarding.isOut(NOW), false);
  const wide = stage({ hasSeveralEndpoints: true }).cooling;
  wide.onAnswer(429, fields(), NOW);
  assert.equal(wide.isOut(NOW), false);
});

test('explanations say for how long and why', () => {
  const { cooling } = stage();
  assert.equal(cooling.whyOut(NOW), '');
  cooling.onAnswer(429, fields({ 'retry-after': '3' }), NOW);
  assert.equal(cooling.whyOut(NOW + 500), ', cools down for 3 s more (rate-limit)');
});
