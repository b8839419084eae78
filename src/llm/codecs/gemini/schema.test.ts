// Schemas between Google's subset of OpenAPI and JSON Schema.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaFromGemini, schemaToGemini } from './schema.ts';

test('Google’s subset in the words of JSON Schema', () => {
  const schema = {
    type: 'OBJECT',
    description: 'A person.',
    required: ['name'],
    propertyOrdering: ['name', 'tags'],
    properties: {
      tags: { type: 'ARRAY', items: { type: 'STRING', enum: ['a', 'b'], format: 'enum' }, maxItems: '3' },
      name: { type: 'STRING', nullable: true, minLength: '1', example: 'Ann' },
      age: { anyOf: [{ type: 'INTEGER', minimum: 0 }, { type: 'NULL' }] },
    },
  };
  const converted = schemaFromGemini(schema);
  assert.deepEqual(converted, {
    type: 'object',
    description: 'A person.',
    required: ['name'],
    properties: {
      name: { type: ['string', 'null'], minLength: 1, examples: ['Ann'] },
      tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'], format: 'enum' }, maxItems: 3 },
      age: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }] },
    },
  });
  assert.deepEqual(Object.keys(converted.properties as object), ['name', 'tags', 'age']);
});

test('JSON Schema in words that Google knows', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      const: { const: 'a' },
      one: { allOf: [{ $ref: '#/$defs/x' }], description: 'One.' },
      list: { type: 'array', items: { const: 1 }, prefixItems: [{ const: 2 }] },
    },
    additionalProperties: false,
    $defs: { x: { type: 'string', pattern: '^a' } },
  };
  assert.deepEqual(schemaToGemini(schema), {
    type: 'object',
    properties: {
      const: { enum: ['a'] },
      one: { $ref: '#/$defs/x', description: 'One.' },
      list: { type: 'array', items: { enum: [1] }, prefixItems: [{ enum: [2] }] },
    },
    additionalProperties: false,
    $defs: { x: { type: 'string', pattern: '^a' } },
  });
});

test('a property named like a word of schemas is a property', () => {
  const schema = { type: 'object', properties: { $schema: { type: 'string' }, items: { type: 'string' } } };
  assert.deepEqual(schemaToGemini(schema), schema);
});

test('members that are objects with odd names make nothing throw', () => {
  const odd = { toString: 1, valueOf: 1 };
  const schema = { type: 'OBJECT', properties: { a: odd }, propertyOrdering: [odd], maxItems: odd, minimum: odd };
  assert.deepEqual(schemaFromGemini(schema).properties, { a: odd });
});
