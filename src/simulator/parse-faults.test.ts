// Faults as people write them: every entry of the table can be asked for, and nothing else passes for a fault.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FAULT_NAMES, FAULTS, type FaultName } from './faults.ts';
import { faultTextOf, formatFaults, parseFaults } from './parse-faults.ts';

test('every example of the table parses to its own fault', () => {
  for (const name of FAULT_NAMES) {
    const parsed = parseFaults(FAULTS[name].example);
    assert.ok(parsed.ok, name);
    assert.deepEqual(Object.keys(parsed.faults), [name]);
  }
});

test('arguments come out in one unit', () => {
  const parsed = parseFaults('latency-1m30s+cut-3+status-503+slow-2kbps+bytes-10MB+429-30s+stall');
  assert.deepEqual(parsed, {
    ok: true,
    faults: { latency: 90_000, cut: 3, status: 503, slow: 2000, bytes: 10_000_000, '429': 30_000, stall: 1 },
  });
});

test('any combination of examples parses, in any order, with or without the prefix', () => {
  const some = fc.uniqueArray(fc.constantFrom(...FAULT_NAMES), { minLength: 1 });
  fc.assert(
    fc.property(some, fc.boolean(), (names, isPrefixed) => {
      const prefix = isPrefixed ? 'sim-' : '';
      const parsed = parseFaults(names.map((name) => prefix + FAULTS[name].example).join('+'));
      assert.ok(parsed.ok);
      assert.deepEqual(new Set(Object.keys(parsed.faults)), new Set<string>(names));
      assert.equal(formatFaults(parsed.faults).split('+').length, names.length);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('what is no fault is refused with the nearest one', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['lattency-20ms', /Did you mean "latency-200ms"/],
    ['staus-503', /Did you mean "status-503"/],
    ['', /knows no fault ""/],
    ['cut-3+', /knows no fault ""/],
    ['latency', /an example is "latency-200ms"/],
    ['latency-200', /not written well/],
    ['cut-x', /not written well/],
    ['status-200', /not written well/],
    ['status-5033', /not written well/],
    ['slow-2kb', /not written well/],
    ['bytes-101MB', /not written well/],
    ['hang-3', /not written well/],
  ];
  for (const [text, message] of refused) {
    const parsed = parseFaults(text);
    assert.ok(!parsed.ok, text);
    assert.match(parsed.message, message);
  }
});

test('a model name asks for faults only behind sim-', () => {
  const names: readonly (readonly [string, string | undefined])[] = [
    ['sim-cut-3', 'cut-3'],
    ['gpt-4o-sim-cut-3', 'cut-3'],
    ['openai/sim-cut-3+close', 'cut-3+close'],
    ['simulator', undefined],
    ['gpt-4o', undefined],
    ['maxsim-cut-3', undefined],
  ];
  for (const [model, text] of names) assert.equal(faultTextOf(model), text, model);
});

test('a name that begins like another is told apart', () => {
  const parsed = parseFaults('reset-after-headers+close' satisfies `${FaultName}+close`);
  assert.deepEqual(parsed, { ok: true, faults: { 'reset-after-headers': 1, close: 1 } });
});
