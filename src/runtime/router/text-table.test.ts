// The table against a plain map: texts whose hashes collide, many shelves, stretches of longer texts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addToHash, type Direction, HASH_SEED, TextTable } from './text-table.ts';

const SEED = { seed: 4242, numRuns: 500 };

/** `Aa` and `BB` have one hash, so have all texts made of them with the same length. */
const text = fc
  .array(fc.constantFrom('Aa', 'BB', '/', 'x', 'é', '中'), { maxLength: 5 })
  .map((parts) => parts.join(''));
const shelf = fc.constantFrom(0, 1, 2, 40_001);

function hashOf(asked: string, direction: Direction): number {
  const units = [...Array(asked.length).keys()].map((index) => asked.charCodeAt(index));
  return (direction === 'forwards' ? units : units.reverse()).reduce(addToHash, HASH_SEED);
}

for (const direction of ['forwards', 'backwards'] as const) {
  test(`finds what was filed, and nothing else, ${direction}`, () => {
    const met = { found: 0, missed: 0 };
    const entry = fc.record({ shelf, text });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: (one) => `${one.shelf} ${one.text}`, maxLength: 60 }),
        fc.array(entry, { minLength: 1, maxLength: 20 }),
        text,
        text,
        (filed, asked, before, after) => {
          const table = new TextTable(
            filed.map((one, value) => ({ ...one, value })),
            direction,
          );
          for (const one of [...asked, ...filed]) {
            const expected = filed.findIndex((other) => other.shelf === one.shelf && other.text === one.text);
            const whole = `${before}${one.text}${after}`;
            const hash = hashOf(one.text, direction);
            const found = table.find(hash, one.shelf, whole, before.length, one.text.length);
            assert.equal(found, expected === -1 ? undefined : expected);
            met[found === undefined ? 'missed' : 'found']++;
          }
        },
      ),
      SEED,
    );
    for (const count of Object.values(met)) assert(count > 1000, JSON.stringify(met));
  });
}

test('texts of one hash are told apart', () => {
  assert.equal(hashOf('AaBB', 'forwards'), hashOf('BBAa', 'forwards'));
  const table = new TextTable([{ shelf: 0, text: 'AaBB', value: 'one' }], 'forwards');
  assert.equal(table.find(hashOf('BBAa', 'forwards'), 0, 'BBAa', 0, 4), undefined);
});
