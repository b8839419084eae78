// The clever list of fields against an obvious array of pairs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseFields } from './field-parser.ts';
import { HeaderList, isSendable } from './header-list.ts';

function listOf(pairs: readonly (readonly [string, string])[]): HeaderList {
  const text = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const bytes = Buffer.from(`${text}\r\n`, 'latin1');
  const headers = new HeaderList();
  const end = parseFields(bytes, 0, bytes.length, 0, headers, 1000);
  headers.attach(bytes.toString('latin1'), end - 2);
  return headers;
}

test('finds names in any case and joins repeated fields', () => {
  const headers = listOf([
    ['ACCEPT', 'a'],
    ['X-Own', '1'],
    ['accept', 'b'],
    ['Cookie', 'c=1'],
    ['cookie', 'd=2'],
    ['x-OWN', '2'],
  ]);
  assert.equal(headers.get('accept'), 'a, b');
  assert.equal(headers.get('x-own'), '1, 2');
  assert.equal(headers.get('cookie'), 'c=1; d=2');
  assert.deepEqual(headers.getAll('x-own'), ['1', '2']);
  assert.equal(headers.get('x-none'), undefined);
  assert.equal(headers.has('x-own'), true);
});

test('a name or value that would change the head is refused', () => {
  const headers = listOf([]);
  for (const [name, value] of [
    ['X', 'a\r\nY: b'],
    ['X', 'a\nb'],
    ['X', 'a\0'],
    ['X\r\n', 'a'],
    ['X Y', 'a'],
    ['', 'a'],
    ['X', '\u0142'],
    ['X:', 'a'],
  ]) {
    assert.equal(isSendable(name, value), false);
    assert.throws(() => headers.append(name, value), TypeError);
  }
  assert.throws(
    () => headers.set('Authorization', 'secret\n'),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('a copy stays as it was when the list is used again', () => {
  const headers = listOf([
    ['A', '1'],
    ['Date', 'now'],
    ['B', '2'],
  ]);
  headers.delete('a');
  headers.append('X-Own', '3');
  const copy = headers.copy();
  headers.delete('b');
  headers.append('X-Late', '4');
  headers.clear();
  assert.equal(copy.lines(), 'Date: now\r\nB: 2\r\nX-Own: 3\r\n');
  assert.equal(copy.get('date'), 'now');
});

test('a list is clean after it was used for another message', () => {
  const headers = listOf([['A', '1']]);
  headers.append('B', '2');
  headers.delete('a');
  headers.clear();
  assert.equal(headers.lines(), '');
  assert.equal(headers.get('b'), undefined);
});

type Change = { readonly kind: 'set' | 'append' | 'delete'; readonly name: string; readonly value: string };

const name = fc.constantFrom('Host', 'X-A', 'x-a', 'X-B', 'Accept', 'ACCEPT', 'x-request-id', 'Via');
const value = fc
  .string({ unit: fc.constantFrom('a', 'b', ' ', ',', '=', '\xe9'), maxLength: 8 })
  .map((text) => text.trim());
const change: fc.Arbitrary<Change> = fc.record({ kind: fc.constantFrom('set', 'append', 'delete'), name, value });

/** The obvious list that the clever one must equal. */
function applyTo(
  pairs: readonly (readonly [string, string])[],
  { kind, name: field, value: text }: Change,
): [string, string][] {
  const others = pairs.filter(([other]) => other.toLowerCase() !== field.toLowerCase());
  if (kind === 'delete') return others.map(([a, b]) => [a, b]);
  return [...(kind === 'set' ? others : pairs), [field, text] as const].map(([a, b]) => [a, b]);
}

test('equals an array of pairs under any changes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, value), { maxLength: 60 }),
      fc.array(change, { maxLength: 12 }),
      (pairs, changes) => {
        const headers = listOf(pairs);
        let model: readonly (readonly [string, string])[] = pairs;
        for (const each of changes) {
          if (each.kind === 'delete') headers.delete(each.name.toLowerCase());
          else headers[each.kind](each.name, each.value);
          model = applyTo(model, each);
        }
        assert.equal(headers.lines(), model.map(([field, text]) => `${field}: ${text}\r\n`).join(''));
        assert.deepEqual(
          [...headers.entries()],
          model.map(([field, text]) => [field.toLowerCase(), text]),
        );
        for (const field of ['host', 'x-a', 'x-none']) {
          const values = model.filter(([other]) => other.toLowerCase() === field).map(([, text]) => text);
          assert.equal(headers.get(field), values.length === 0 ? undefined : values.join(', '));
          assert.equal(headers.has(field), values.length > 0);
        }
      },
    ),
    { seed: 22, numRuns: 1500 },
  );
});
