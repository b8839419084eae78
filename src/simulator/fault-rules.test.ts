// Faults by configuration: which requests a rule strikes, how often, and who wins.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeededRandom } from '../base/seeded-random.ts';
import { type FaultRule, FaultRules, type FaultTarget, readFaultRules } from './fault-rules.ts';

function rulesOf(...rules: readonly FaultRule[]): FaultRules {
  assert.deepEqual(readFaultRules(rules), rules);
  const live = new FaultRules(createSeededRandom(7));
  live.replace(rules);
  return live;
}

function faultsOf(rules: FaultRules, target: Partial<FaultTarget> = {}): object {
  const wanted = rules.faultsFor({ path: '/v1/chat/completions', model: 'gpt-4o', header: undefined, ...target });
  assert.ok(wanted.ok);
  return wanted.faults;
}

test('model and path are patterns; both must hold', () => {
  const rules = rulesOf({ fault: 'hang', model: 'gpt-*', path: '/v1/*' });
  assert.deepEqual(faultsOf(rules), { hang: 1 });
  assert.deepEqual(faultsOf(rules, { model: 'claude' }), {});
  assert.deepEqual(faultsOf(rules, { model: undefined }), {});
  assert.deepEqual(faultsOf(rules, { path: '/other' }), {});
  assert.deepEqual(faultsOf(rulesOf({ fault: 'hang', model: 'a.c' }), { model: 'abc' }), {}, 'a dot is a dot');
});

test('times counts matching requests only', () => {
  const rules = rulesOf({ fault: 'status-503', model: 'gpt-4o', times: 2 });
  faultsOf(rules, { model: 'other' });
  assert.deepEqual(
    [1, 2, 3].map(() => Object.keys(faultsOf(rules)).length),
    [1, 1, 0],
  );
});

test('percent strikes its share, the same requests for the same seed', () => {
  const strikes = (): readonly boolean[] => {
    const rules = rulesOf({ fault: 'hang', percent: 30 });
    return Array.from({ length: 2000 }, () => 'hang' in faultsOf(rules));
  };
  const share = strikes().filter(Boolean).length / 2000;
  assert.ok(Math.abs(share - 0.3) < 0.03, String(share));
  assert.deepEqual(strikes(), strikes());
  assert.deepEqual(faultsOf(rulesOf({ fault: 'hang', percent: 0 })), {});
});

test('header over model over earlier rule over later rule; different faults add up', () => {
  const rules = rulesOf({ fault: 'cut-3+close' }, { fault: 'cut-4+split' });
  assert.deepEqual(faultsOf(rules), { cut: 3, close: 1, split: 1 });
  assert.deepEqual(faultsOf(rules, { model: 'sim-cut-2' }), { cut: 2, close: 1, split: 1 });
  assert.deepEqual(faultsOf(rules, { model: 'sim-cut-2', header: 'cut-1' }), { cut: 1, close: 1, split: 1 });
});

test('a wish that cannot be read says where it stood', () => {
  const rules = rulesOf();
  const target = { path: '/', model: 'sim-nothing', header: undefined };
  assert.partialDeepStrictEqual(rules.faultsFor(target), { ok: false, from: 'model' });
  assert.partialDeepStrictEqual(rules.faultsFor({ ...target, header: 'nothing' }), { ok: false, from: 'header' });
});

test('rules from outside are checked member by member', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{}, /must be an array/],
    [[3], /must be an object/],
    [[{}], /needs a "fault"/],
    [[{ fault: 'nothing' }], /knows no fault "nothing"/],
    [[{ fault: 'hang', modell: 'x' }], /has no "modell"/],
    [[{ fault: 'hang', model: 3 }], /"model"/],
    [[{ fault: 'hang', path: 3 }], /"path"/],
    [[{ fault: 'hang', percent: 101 }], /"percent"/],
    [[{ fault: 'hang', times: 1.5 }], /"times"/],
  ];
  for (const [rules, message] of wrong) assert.match(String(readFaultRules(rules)), message);
});
