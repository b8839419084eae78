// Text compared without regard to the case of ASCII letters, and of no others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalsIgnoringCase, startsIgnoringCase } from './ascii-case.ts';

const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

test('agrees with lower-casing both sides, for ASCII letters only', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
      (text, other) => {
        const lower = lowerAscii(other);
        assert.equal(startsIgnoringCase(text, lower), lowerAscii(text).startsWith(lower));
        assert.equal(equalsIgnoringCase(text, lower), lowerAscii(text) === lower);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

test('case of letters does not matter, what stands beside letters in the table does', () => {
  assert.equal(startsIgnoringCase('Application/JSON; charset=utf-8', 'application/json'), true);
  assert.equal(startsIgnoringCase('application', 'application/json'), false);
  // `[` and `{` differ in the same bit as a letter's cases.
  assert.equal(equalsIgnoringCase('[', '{'), false);
  assert.equal(equalsIgnoringCase('@', '`'), false);
});
