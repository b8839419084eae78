// A number is found if and only if writing the parsed text again would make `null` of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findOverflow } from './json-overflow.ts';
import type { JsonValue } from './json-value.ts';

function find(text: string): string | undefined {
  return findOverflow(text, JSON.parse(text) as JsonValue);
}

test('the place is named as clients name it', () => {
  assert.equal(find('{"temperature":1e999}'), 'temperature');
  assert.equal(find('{"a":[{"b":1},{"b":{"c":[0,-1E+400]}}]}'), 'a[1].b.c[1]');
  assert.equal(find(`{"n":${'9'.repeat(310)}}`), 'n');
  assert.equal(find(`{"n":1${'0'.repeat(400)}.5}`), 'n');
  assert.equal(find('[[1e309]]'), '[0][0]');
  assert.equal(find(`{"n":${'7'.repeat(300)}e99}`), 'n');
});

test('what a double holds is no matter, nor what only looks so in a text', () => {
  for (const text of ['{"a":1e308}', '{"a":1e-999}', '{"a":"1e999"}', '{"1e999":null}', 'null', '{"a":0.0000001e300}'])
    assert.equal(find(text), undefined, text);
});

test('numbers as JSON spells them', () => {
  const digits = fc.integer({ min: 1, max: 400 }).map((count) => '7'.repeat(count));
  const exponent = fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), fc.integer({ min: 0, max: 1200 })));
  const fraction = fc.option(digits);
  fc.assert(
    fc.property(digits, fraction, exponent, (whole, part, power) => {
      const number = `${whole}${part === null ? '' : `.${part}`}${power === null ? '' : power.join('')}`;
      const text = `{"a":${number}}`;
      assert.equal(find(text), Number.isFinite(Number(number)) ? undefined : 'a', number);
    }),
    { seed: 5 },
  );
});
