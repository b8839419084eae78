// Schemas become tables: every key once, nested keys by their path, alternatives and definitions followed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { s } from '../src/schema/builder.ts';
import { type JsonSchema, SchemaTable, table } from './schema-table.ts';

function rowsOf(schema: JsonSchema): readonly (readonly string[])[] {
  return new SchemaTable(schema).rows(schema);
}

test('a key has its type, whether it must be there, its meaning and its default', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['port'],
    properties: {
      port: { type: 'integer', description: 'Where to listen.' },
      mode: { enum: ['a', 'b'], description: 'Which.', default: 'a' },
    },
  };
  assert.deepEqual(rowsOf(schema), [
    ['`port`', 'whole number', 'yes', 'Where to listen.'],
    ['`mode`', '`a`, `b`', '', 'Which. Default `"a"`.'],
  ]);
});

test('members, items and map values are named by their path, each once', () => {
  const leaf: JsonSchema = { type: 'object', properties: { url: { type: 'string', description: 'Where.' } } };
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      one: leaf,
      list: { type: 'array', items: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/leaf' }] } },
      map: { type: 'object', additionalProperties: { oneOf: [leaf, leaf] } },
    },
    $defs: { leaf },
  };
  assert.deepEqual(
    rowsOf(schema).map(([path, type]) => `${path} ${type}`),
    [
      '`one` object',
      '`one.url` text',
      '`list` list of text or object',
      '`list[].url` text',
      '`map` map',
      '`map.*.url` text',
    ],
  );
});

test('one thing that may stand alone or in a list is shown once', () => {
  const leaf: JsonSchema = { type: 'object', required: ['url'], properties: { url: { type: 'string' } } };
  const schema: JsonSchema = { type: 'object', properties: { one: { anyOf: [leaf, { type: 'array', items: leaf }] } } };
  assert.deepEqual(
    rowsOf(schema).map(([path]) => path),
    ['`one`', '`one.url`'],
  );
});

test('a key is required when every form of its object requires it', () => {
  const form = (...required: readonly string[]): JsonSchema => ({
    type: 'object',
    required,
    properties: { a: { type: 'string' }, b: { type: 'string' } },
  });
  assert.deepEqual(
    rowsOf({ anyOf: [form('a', 'b'), form('a'), { type: 'string' }] }).map(
      ([path, , required]) => `${path} ${required}`,
    ),
    ['`a` yes', '`b` '],
  );
});

test('a schema that holds itself ends', () => {
  const schema: JsonSchema = { type: 'object', properties: { child: { $ref: '#' } } };
  assert.ok(rowsOf(schema).length < 20);
});

test('a reference to nothing is an error', () => {
  assert.throws(() => rowsOf({ type: 'object', properties: { a: { $ref: '#/$defs/gone' } } }), /gone/);
});

test('what the schema builder writes can be read', () => {
  const schema = s.object({ maxBytes: s.bytes('Largest body accepted, such as 10MB.') }).jsonSchema as JsonSchema;
  const [row] = rowsOf(schema);
  assert.equal(row[0], '`maxBytes`');
  assert.equal(row[2], 'yes');
  assert.equal(row[3], 'Largest body accepted, such as 10MB.');
});

test('cells cannot break their table', () => {
  assert.equal(table(['a'], [['x|y\nz']]), '| a |\n| --- |\n| x\\|y z |\n');
});
