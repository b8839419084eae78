// JSON Schemas as the API holds answers to them: objects are closed, and what it cannot check is told to the model in words.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';

/** Keywords the API answers with 400. */
const UNCHECKED = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];
const FORMATS = new Set('date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '));
/** Members that hold schemas: by name, in a list, or one. */
const NAMED = ['properties', '$defs', 'definitions'];
const LISTED = ['anyOf', 'oneOf', 'allOf'];
const MAX_DEPTH = 64;

function isUnchecked(key: string, value: JsonValue | undefined): boolean {
  if (key === 'minItems') return value !== 0 && value !== 1;
  if (key === 'format') return typeof value !== 'string' || !FORMATS.has(value);
  return UNCHECKED.includes(key);
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isJsonObject(properties);
}

function inner(key: string, value: JsonValue | undefined, depth: number): JsonValue | undefined {
  if (NAMED.includes(key) && isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, closed(schema, depth)]));
  if (LISTED.includes(key) && Array.isArray(value)) return value.map((schema) => closed(schema, depth) ?? null);
  return key === 'items' ? closed(value, depth) : value;
}

function closed(schema: JsonValue | undefined, depth: number): JsonValue | undefined {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return schema;
  const kept: Record<string, JsonValue | undefined> = {};
  const told: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (isUnchecked(key, value)) told.push(`${key} ${JSON.stringify(value)}`);
    // One of several is not checked to be the only one.
    else if (key !== '$schema')
      kept[key === 'oneOf' && schema.anyOf === undefined ? 'anyOf' : key] = inner(key, value, depth + 1);
  }
  if (told.length > 0) {
    const before = typeof schema.description === 'string' ? `${schema.description}\n` : '';
    kept.description = `${before}Must keep to: ${told.join(', ')}.`;
  }
  if (isObjectSchema(schema)) kept.additionalProperties = false;
  return kept;
}

export function closedSchema(schema: JsonObject): JsonObject {
  return closed(schema, 0) as JsonObject;
}

/** Whether it speaks of objects with names that are not known, which a closed schema cannot. */
export function hasOpenObjects(schema: JsonValue | undefined, depth = 0): boolean {
  if (!isJsonObject(schema)) return false;
  if (depth > MAX_DEPTH) return true;
  const { additionalProperties: others } = schema;
  if (others === true || isJsonObject(others) || schema.patternProperties !== undefined) return true;
  if (schema.type === 'object' && !isJsonObject(schema.properties) && others === undefined) return true;
  const named = NAMED.flatMap((key) => (isJsonObject(schema[key]) ? Object.values(schema[key]) : []));
  const listed = LISTED.flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : []));
  return [...named, ...listed, schema.items].some((below) => hasOpenObjects(below, depth + 1));
}
