// The cheap test must never miss what the closer look would find.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MARK_ERROR, MARK_FINISH, MARK_USAGE, Marks } from './marks.ts';

const marks = new Marks(MARK_USAGE | MARK_ERROR | MARK_FINISH);

function find(text: string): number {
  const bytes = Buffer.from(`"usage""error"_reason":1${text}"usage""error"_reason":1`);
  return marks.find(bytes, 24, bytes.length - 24);
}

test('sees usage, failures and finishes wherever they stand', () => {
  const part = fc.constantFrom(
    '"usage":null',
    '"error":{}',
    '"finish_reason":"stop"',
    '"finish_reason": null',
    'usage',
    '"',
    'age"',
    '_reas',
    'x',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(part, fc.string({ unit: 'grapheme-ascii', maxLength: 9 })), { maxLength: 12 }),
      (parts) => {
        const text = parts.join('');
        const found = find(text);
        assert.equal((found & MARK_USAGE) !== 0, text.includes('"usage"'), text);
        assert.equal((found & MARK_ERROR) !== 0, text.includes('"error"'), text);
        if (/"finish_reason"[: ]*[^n: ]/.test(text)) assert.notEqual(found & MARK_FINISH, 0, text);
      },
    ),
    { seed: 51, numRuns: 3000 },
  );
});

test('a chunk whose finish reason is null has no mark', () => {
  assert.equal(find('{"choices":[{"delta":{"content":"a"},"logprobs":null,"finish_reason":null}]}'), 0);
  assert.equal(find('{"choices":[{"delta":{},"finish_reason": null}]}'), 0);
  assert.equal(find('{"choices":[{"delta":{},"finish_reason" : "stop"}]}'), MARK_FINISH);
});

test('gives the place of the last usage', () => {
  const bytes = Buffer.from('{"a":"usage","usage":1}');
  assert.equal(marks.find(bytes, 0, bytes.length), MARK_USAGE);
  assert.equal(marks.usageAt, 13);
});
