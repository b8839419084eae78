// Costs are exact, additive and never negative, whatever overlaps in the counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createUsage, type Usage } from '../usage.ts';
import { addCosts, billOf, type Cost, costOf, RATE_NAMES, type Rates, splitTokens } from './rates.ts';

const flat = (base: number) => ({ base });
const RATES: Rates = {
  input: flat(3_000_000),
  output: flat(15_000_000),
  cacheRead: flat(300_000),
  cacheWrite: flat(3_750_000),
  cacheWrite1h: flat(6_000_000),
};

test('each part at its price', () => {
  const counts = { input: 1110, cachedInput: 1000, cacheWrite: 100, cacheWrite1h: 40, output: 50, reasoning: 20 };
  assert.deepEqual(costOf(RATES, createUsage(counts)), {
    total: 30_000_000 + 300_000_000 + 465_000_000 + 450_000_000 + 300_000_000,
    input: 10 * 3_000_000,
    cacheRead: 1000 * 300_000,
    cacheWrite: 60 * 3_750_000 + 40 * 6_000_000,
    output: 30 * 15_000_000,
    reasoning: 20 * 15_000_000,
    request: 0,
  } satisfies Cost);
});

test('parts without a price of their own cost what their whole costs', () => {
  const usage = createUsage({
    input: 100,
    cachedInput: 10,
    cacheWrite: 20,
    cacheWrite1h: 5,
    audioInput: 30,
    output: 9,
  });
  assert.equal(costOf({ input: flat(7), output: flat(2) }, usage)?.total, 100 * 7 + 9 * 2);
  assert.equal(costOf({ input: flat(7), cacheWrite: flat(11) }, usage)?.cacheWrite, 20 * 11);
  assert.equal(costOf({ input: flat(7), request: flat(1000) }, createUsage({}))?.total, 1000);
  assert.equal(costOf({}, usage)?.total, 0);
});

test('audio at its price, on both sides', () => {
  const usage = createUsage({ input: 10, audioInput: 4, output: 8, audioOutput: 3, reasoning: 1 });
  const cost = costOf({ input: flat(1), audioInput: flat(100), output: flat(10), audioOutput: flat(1000) }, usage);
  assert.deepEqual([cost?.input, cost?.output, cost?.reasoning], [6 + 400, 40 + 3000, 10]);
});

test('a tier is for all tokens of a request whose input is above its start', () => {
  const rates: Rates = {
    input: { base: 3, tiers: [{ above: 200, rate: 6 }] },
    output: { base: 10, tiers: [{ above: 200, rate: 20 }] },
  };
  assert.equal(costOf(rates, createUsage({ input: 200, output: 5 }))?.total, 600 + 50);
  assert.equal(costOf(rates, createUsage({ input: 201, output: 5 }))?.total, 1206 + 100);
});

test('what is no safe integer is no cost', () => {
  assert.equal(costOf(RATES, createUsage({ input: 2 ** 40 })), undefined);
  const large = costOf({ input: flat(1) }, createUsage({ input: Number.MAX_SAFE_INTEGER }));
  assert.ok(large !== undefined);
  assert.equal(addCosts(large, large), undefined);
});

const n = fc.nat(100_000);
const anyUsage: fc.Arbitrary<Usage> = fc
  .record({
    input: n,
    output: n,
    cachedInput: n,
    cacheWrite: n,
    cacheWrite1h: n,
    reasoning: n,
    audioInput: n,
    audioOutput: n,
  })
  .map(createUsage);
const rate = fc.record(
  {
    base: fc.nat(600_000_000),
    tiers: fc
      .uniqueArray(fc.record({ above: n, rate: fc.nat(600_000_000) }), { maxLength: 3, selector: (t) => t.above })
      .map((tiers) => tiers.sort((a, b) => a.above - b.above)),
  },
  { requiredKeys: ['base'] },
);
const anyRates: fc.Arbitrary<Rates> = fc.record(
  Object.fromEntries(RATE_NAMES.map((name) => [name, rate])) as Record<keyof Rates, typeof rate>,
  { requiredKeys: [] },
);

test('every token is billed once, and the parts sum to the total', () => {
  fc.assert(
    fc.property(anyUsage, anyRates, (usage, rates) => {
      const { input, cacheRead, cacheWrite, cacheWrite1h, audioInput, output, reasoning, audioOutput } =
        splitTokens(usage);
      assert.equal(input + cacheRead + cacheWrite + cacheWrite1h + audioInput, usage.input);
      assert.equal(output + reasoning + audioOutput, usage.output);
      assert.ok(Math.min(input, cacheRead, cacheWrite, cacheWrite1h, audioInput, output, reasoning, audioOutput) >= 0);
      const cost = costOf(rates, usage);
      assert.ok(cost !== undefined);
      const { total, ...parts } = cost;
      assert.equal(
        Object.values(parts).reduce((sum, part) => sum + part, 0),
        total,
      );
      // Against the same sum in integers without limit.
      const exact = billOf(rates, usage).reduce((sum, line) => sum + BigInt(line.tokens) * BigInt(line.rate), 0n);
      assert.equal(BigInt(total), exact);
    }),
    { seed: 11, numRuns: 1000 },
  );
});

test('the cost of two answers is the sum of their costs, in any order', () => {
  fc.assert(
    fc.property(anyUsage, anyUsage, anyRates, (one, other, rates) => {
      const [left, right] = [costOf(rates, one), costOf(rates, other)];
      assert.ok(left !== undefined && right !== undefined);
      const sum = addCosts(left, right);
      assert.deepEqual(sum, addCosts(right, left));
      assert.equal(sum?.total, left.total + right.total);
    }),
    { seed: 12 },
  );
});
