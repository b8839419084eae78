// The text of answers: what stop sequences and token limits leave, and that deltas lose nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { composeText, readMaxTokens, readStop, replyTo, toDeltas, toPieces } from './compose-text.ts';
import { countTokens, takeTokens } from './tokens.ts';

const UNLIMITED = { maxTokens: undefined, stop: [], bytes: undefined };

test('the answer repeats the message', () => {
  assert.match(replyTo('Hello'), /^You said: Hello\n/);
  assert.match(replyTo(''), /^You said nothing\.\n/);
});

test('a token limit cuts and says length; a stop sequence cuts before itself and says stop', () => {
  assert.deepEqual(composeText('one two three', { ...UNLIMITED, maxTokens: 2 }), {
    text: 'one two ',
    finish: 'length',
    tokens: 2,
    stopSequence: undefined,
  });
  assert.deepEqual(composeText('one two three', { ...UNLIMITED, stop: ['three', ' two'] }), {
    text: 'one',
    finish: 'stop',
    tokens: 1,
    stopSequence: ' two',
  });
  assert.equal(composeText('one', { ...UNLIMITED, stop: ['one'] }).tokens, 0);
});

test('bytes stretches a text to the byte', () => {
  for (const bytes of [30, 100, 5000]) {
    assert.equal(Buffer.byteLength(composeText('grüße', { ...UNLIMITED, bytes }).text), bytes);
  }
});

test('deltas and pieces joined are the text, and none breaks a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 1, max: 9 }), (text, units) => {
      const deltas = [...toDeltas(text)];
      assert.equal(deltas.join(''), text);
      const pieces = [...toPieces(text, units)];
      assert.equal(pieces.join(''), text);
      for (const piece of [...deltas, ...pieces]) assert.ok(piece !== '' && piece.isWellFormed());
    }),
    { seed: 1, numRuns: 300 },
  );
  const long = '😀 word '.repeat(20_000);
  assert.equal([...toDeltas(long)].join(''), long);
});

test('tokens taken never exceed the limit, and the limit is used', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (text, limit) => {
      const taken = takeTokens(text, limit);
      assert.ok(text.startsWith(taken) && taken.isWellFormed() && countTokens(taken) <= limit);
      if (countTokens(text) <= limit) assert.equal(taken, text);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test('stop and limits are read in every shape they come in', () => {
  assert.deepEqual(readStop('x'), ['x']);
  assert.deepEqual(readStop(['x', 3, 'y']), ['x', 'y']);
  assert.deepEqual(readStop(null), []);
  assert.equal(readMaxTokens(undefined, 7), 7);
  assert.equal(readMaxTokens(null, 0, -1, 1.5, '3'), undefined);
});
