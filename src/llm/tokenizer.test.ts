// Texts are counted in pieces that the tokenizer can bear: whole words stay whole, overlong runs do not stand still a thread.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countTokens as older } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as reference } from 'gpt-tokenizer/encoding/o200k_base';
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

test('text with boundaries is counted as the tokenizer does', async () => {
  for (const text of ['', 'Hello', 'Good morning, world.\n\n'.repeat(200), '<|endoftext|>', '日本語 と emoji 😀'])
    assert.equal(await countTokens(text, 'gpt-4o'), reference(text, { disallowedSpecial: new Set() }), text);
});

test('models of before 2024 have their own', async () => {
  const text = 'Bonjour à tous, 日本語で 😀'.repeat(9);
  assert.notEqual(older(text), reference(text));
  assert.equal(await countTokens(text, 'openai/gpt-4'), older(text));
});
