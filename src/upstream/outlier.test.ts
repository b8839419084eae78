// What attempts count as, and the comparison of endpoints: against the definition of mean and deviation, and by example.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOutlierMemory, OutlierTable } from '../state/outlier-table.ts';
import { failuresIn, findLaggards, sweepOutliers } from './outlier.ts';

const NOW = 1_700_000_000_000;
const RULES = { minHosts: 5, minRequests: 100, deviations: 1.9 };
const good = { total: 1000, failed: 10 };

test('kinds of failure add up', () => {
  const kinds = (status: number, error?: string) => failuresIn({ status, error });
  assert.deepEqual([kinds(200), kinds(404), kinds(429), kinds(500), kinds(503)], [0, 0, 0, 1, 3]);
  assert.deepEqual(
    [kinds(0, 'upstream.connect-failed'), kinds(0, 'upstream.first-byte-timeout'), kinds(200, 'upstream.cut')],
    [7, 3, 1],
  );
});

test('one bad endpoint among five is found, four are too few to tell', () => {
  assert.deepEqual(findLaggards([good, good, { total: 1000, failed: 600 }, good, good], RULES), [2]);
  assert.deepEqual(findLaggards([good, good, { total: 1000, failed: 600 }, good], RULES), []);
  assert.deepEqual(findLaggards([good, good, { total: 99, failed: 60 }, good, good], RULES), [], 'too few requests');
  assert.deepEqual(findLaggards(new Array(6).fill({ total: 1000, failed: 1000 }), RULES), [], 'all alike');
});

test('the worst come first, so that the limit takes those', () => {
  const samples = [...new Array(20).fill(good), { total: 1000, failed: 500 }, { total: 1000, failed: 900 }];
  assert.deepEqual(findLaggards(samples, RULES), [21, 20]);
});

test('laggards are those below the mean less the deviations, by the definition', () => {
  const sample = fc
    .integer({ min: 1, max: 300 })
    .chain((total) => fc.nat({ max: total }).map((failed) => ({ total, failed })));
  fc.assert(
    fc.property(
      fc.array(sample, { maxLength: 12 }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      (samples, deviations) => {
        const found = new Set(findLaggards(samples, { ...RULES, deviations }));
        const rates = samples.filter(({ total }) => total >= 100).map(({ total, failed }) => 1 - failed / total);
        const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
        const sigma = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length);
        samples.forEach(({ total, failed }, index) => {
          const margin = 1 - failed / total - (mean - deviations * sigma);
          const isJudged = total >= 100 && rates.length >= 5;
          if (Math.abs(margin) > 1e-9) assert.equal(found.has(index), isJudged && margin < 0);
        });
      },
    ),
    { seed: 23, numRuns: 2000 },
  );
});

test('a sweep takes the outcomes of its interval only, and ejects within the limit', () => {
  const memory = createOutlierMemory(7);
  const rows = { endpoints: [0, 1, 2, 3, 4, 5], backend: 6 };
  const rules = { inRow: [0, 0, 0], baseMs: 1000, maxMs: 1000, limit: 1, panicPercent: 0 } as const;
  const pool = new OutlierTable(memory, NOW).pool(rows, rules);
  const record = (times: number, failing: number): void => {
    for (let request = 0; request < times; request++)
      for (let index = 0; index < 6; index++) pool.record(index, index === failing ? 1 : 0, NOW);
  };
  record(60, 3);
  sweepOutliers(pool, RULES, NOW);
  record(60, 3);
  sweepOutliers(pool, RULES, NOW);
  assert.equal(pool.outCount, 0, 'neither interval had enough');
  record(100, 3);
  sweepOutliers(pool, undefined, NOW);
  sweepOutliers(pool, RULES, NOW);
  assert.equal(pool.outCount, 0, 'where endpoints are not compared nothing is left for later');
  record(100, 3);
  sweepOutliers(pool, RULES, NOW);
  assert.equal(pool.ejection(3, NOW)?.cause, 'success-rate');
  record(100, 4);
  sweepOutliers(pool, RULES, NOW);
  assert.equal(pool.isEjected(4, NOW), false, 'one is out already');
  sweepOutliers(pool, RULES, NOW + 1000);
  assert.equal(pool.outCount, 0, 'taken back without traffic');
});
