// Copies of texts say the same, whatever characters they have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownedText } from './owned-text.ts';

test('a copy is the same text, lone surrogates included', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(ownedText(text), text)),
    { seed: 11, numRuns: 300 },
  );
  assert.equal(ownedText('\ud800x\u00ff'), '\ud800x\u00ff');
});
