// Samples satisfy the schemas they were made from, keyword by keyword.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleOf, structuredText } from './json-sample.ts';

const CASES: readonly (readonly [title: string, schema: unknown, sample: unknown])[] = [
  ['text', { type: 'string' }, 'words here'],
  ['text with bounds', { type: 'string', maxLength: 5 }, 'words'],
  ['text too short', { type: 'string', minLength: 12 }, 'words here..'],
  ['format', { type: 'string', format: 'date' }, '2026-01-02'],
  ['enum', { enum: ['red', 'blue'] }, 'red'],
  ['const', { const: 4 }, 4],
  ['default', { type: 'string', default: 'd' }, 'd'],
  ['integer', { type: 'integer' }, 1],
  ['minimum', { type: 'integer', minimum: 3 }, 3],
  ['exclusive minimum', { type: 'number', exclusiveMinimum: 3 }, 4],
  ['maximum', { type: 'number', maximum: -1 }, -1],
  ['nullable', { type: ['string', 'null'] }, 'words here'],
  ['array', { type: 'array', items: { type: 'boolean' } }, [true]],
  ['array with a minimum', { type: 'array', minItems: 2, items: { type: 'integer' } }, [1, 1]],
  ['empty array', { type: 'array', maxItems: 0 }, []],
  ['object without a type', { properties: { a: { type: 'null' } } }, { a: null }],
  ['union', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
  ['all', { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] }, { a: 1, b: 2 }],
  ['reference', { $defs: { 'a/b': { const: 7 } }, properties: { x: { $ref: '#/$defs/a~1b' } } }, { x: 7 }],
  ['missing reference', { $ref: '#/$defs/none' }, null],
  ['no schema', undefined, null],
];

for (const [title, schema, sample] of CASES) {
  test(title, () => assert.deepEqual(sampleOf(schema, 'words here'), sample));
}

test('a schema that holds itself ends', () => {
  const schema = { type: 'object', properties: { next: { $ref: '#' } } };
  assert.ok(JSON.stringify(sampleOf(schema, '')).endsWith('null'.concat('}'.repeat(25))));
  assert.equal(sampleOf({ $ref: '#' }, ''), null);
});

test('structured text is JSON for both formats and nothing for plain text', () => {
  assert.equal(structuredText('json_object', undefined, 'hi'), '{"you_said":"hi"}');
  assert.equal(structuredText('json_schema', { type: 'integer' }, 'hi'), '1');
  assert.equal(structuredText('text', undefined, 'hi'), undefined);
});
