// Prices become integers exactly, amounts become text exactly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dollarsText, exactPicoPerToken, picoPerThousandth, picoPerToken } from './pico-dollars.ts';

test('prices per million tokens are pico-dollars per token', () => {
  for (const [price, pico] of [
    [0.15, 150_000],
    ['2.50', 2_500_000],
    [0, 0],
    ['0', 0],
    [1e-6, 1],
    ['0.0000004', 0],
    ['0.0000005', 1],
    [1.5e-7, 0],
    [0.18000000000000002, 180_000],
    [0.08333333333333334, 83_333],
    ['1e2', 100_000_000],
    [' 3 ', 3_000_000],
  ] as const)
    assert.equal(picoPerToken(price), pico, String(price));
  for (const price of ['', 'x', '-1', -1, '1,5', '$2', Number.NaN, Number.POSITIVE_INFINITY, 2e6, '1e99', '.5'])
    assert.equal(picoPerToken(price), undefined, String(price));
  assert.equal(picoPerThousandth(5), 5_000_000_000);
  for (const [price, pico] of [
    ['0.000001', 1],
    ['2.5000000', 2_500_000],
    ['0.0000015', undefined],
    [1e-7, undefined],
    ['x', undefined],
  ] as const)
    assert.equal(exactPicoPerToken(price), pico, String(price));
});

test('every price of six decimals and every amount is exact', () => {
  fc.assert(
    fc.property(fc.nat(1e12), (pico) => {
      const text = `${Math.floor(pico / 1e6)}.${String(pico % 1e6).padStart(6, '0')}`;
      assert.equal(picoPerToken(text), pico);
    }),
    { seed: 1 },
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), (pico) => {
      const [whole, fraction = ''] = dollarsText(pico).split('.');
      assert.equal(BigInt(whole) * 1_000_000_000_000n + BigInt(fraction.padEnd(12, '0')), BigInt(pico));
      assert.ok(!fraction.endsWith('0'));
    }),
    { seed: 2, examples: [[0], [1], [999_999_999_999], [9_000_999_999_999_999], [Number.MAX_SAFE_INTEGER]] },
  );
});
