// Texts are counted in pieces that the tokenizer can bear: whole words stay whole, overlong runs do not stand still a thread.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countTokens, piecesOf } from './tokenizer.ts';

test('usual texts are one piece, and pieces are the text', () => {
  const prose = 'The quick brown fox jumps over the lazy dog, again and again.\n'.repeat(200);
  assert.deepEqual(piecesOf(prose), [prose]);
  assert.deepEqual(piecesOf(''), ['']);
  const unit = fc.constantFrom(
    'a',
    '=',
    ' ',
    '\n',
    '中',
    '😀',
    'word ',
    '-'.repeat(200),
    ' '.repeat(255),
    'é'.repeat(257),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), (units) => {
      const text = units.join('');
      const pieces = piecesOf(text);
      assert.equal(pieces.join(''), text);
      for (const piece of pieces) {
        assert.ok(piece.isWellFormed(), 'a pair was cut');
        assert.doesNotMatch(piece, /\S{258}|\s{258}/);
      }
    }),
    { seed: 31 },
  );
});

test('a run that is cut counts nearly as it would whole', async () => {
  const whole = await countTokens('a'.repeat(256), 'gpt-4o');
  assert.equal(await countTokens('a'.repeat(2560), 'gpt-4o'), whole * 10);
});
