// Schemas: Google's subset of OpenAPI as clients may write it → JSON Schema, and JSON Schema → what Google reads of it.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { memberOf, numberOf, otherMembers } from './reading.ts';

/** Members of Google's `Schema` that are counts written as text (int64). */
const COUNTS = ['maxItems', 'minItems', 'maxLength', 'minLength', 'maxProperties', 'minProperties'];
const NUMBERS = ['maximum', 'minimum'];
const AS_IS = ['title', 'description', 'format', 'pattern', 'enum', 'default', 'required'];
const KNOWN = [
  ...COUNTS,
  ...NUMBERS,
  ...AS_IS,
  'type',
  'nullable',
  'example',
  'items',
  'properties',
  'anyOf',
  'propertyOrdering',
];

function typeOf(schema: JsonObject): JsonValue | undefined {
  const type = memberOf(schema, 'type');
  const isNullable = memberOf(schema, 'nullable') === true;
  if (typeof type !== 'string' || type === 'TYPE_UNSPECIFIED') return undefined;
  const name = type.toLowerCase();
  return isNullable && name !== 'null' ? [name, 'null'] : name;
}

/** Properties in the order asked for: the order of writing is all that other wires have for it. */
function propertiesOf(schema: JsonObject): JsonObject | undefined {
  const properties = memberOf(schema, 'properties');
  if (!isJsonObject(properties)) return undefined;
  const wished = memberOf(schema, 'propertyOrdering');
  const order = Array.isArray(wished)
    ? (wished as readonly JsonValue[]).filter((name) => typeof name === 'string')
    : [];
  const names = [...new Set([...order.filter((name) => Object.hasOwn(properties, name)), ...Object.keys(properties)])];
  return Object.fromEntries(names.map((name) => [name, subSchema(properties[name])]));
}

function subSchema(value: JsonValue | undefined): JsonValue {
  return isJsonObject(value) ? schemaFromGemini(value) : (value ?? {});
}

/** `{type: 'STRING', nullable: true, maxLength: '3'}` → `{type: ['string', 'null'], maxLength: 3}`. What it does not know it keeps. */
export function schemaFromGemini(schema: JsonObject): JsonObject {
  const result: Record<string, JsonValue | undefined> = {};
  const type = typeOf(schema);
  if (type !== undefined) result.type = type;
  for (const name of AS_IS) if (memberOf(schema, name) !== undefined) result[name] = memberOf(schema, name);
  for (const name of [...COUNTS, ...NUMBERS])
    if (memberOf(schema, name) !== undefined) result[name] = numberOf(memberOf(schema, name));
  const example = memberOf(schema, 'example');
  if (example !== undefined) result.examples = [example];
  const properties = propertiesOf(schema);
  if (properties !== undefined) result.properties = properties;
  const items = memberOf(schema, 'items');
  if (items !== undefined) result.items = subSchema(items);
  const anyOf = memberOf(schema, 'anyOf');
  if (Array.isArray(anyOf)) result.anyOf = (anyOf as readonly JsonValue[]).map(subSchema);
  for (const [name, value] of otherMembers(schema, KNOWN)) result[name] = value;
  return result;
}

const MAPS = ['properties', '$defs', 'definitions', 'patternProperties'];
const SCHEMAS = ['items', 'additionalProperties', 'not', 'contains'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];

function mapped(name: string, value: JsonValue): JsonValue {
  if (MAPS.includes(name) && isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, forGemini(each ?? {})]));
  if (SCHEMAS.includes(name)) return forGemini(value);
  if (LISTS.includes(name) && Array.isArray(value)) return (value as readonly JsonValue[]).map(forGemini);
  return value;
}

function forGemini(value: JsonValue): JsonValue {
  return isJsonObject(value) ? schemaToGemini(value) : value;
}

/**
 * JSON Schema for `parametersJsonSchema` and `responseJsonSchema`. Google ignores words that it does not know (`pattern`,
 * `minLength`, `multipleOf`, `not`, `if`): they are sent and not enforced. Two are said in words that it does know: `const` as an
 * `enum` of one, an `allOf` of one as its only schema. `$schema` is left out.
 */
export function schemaToGemini(schema: JsonObject): JsonObject {
  const result: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (value === undefined || name === '$schema') continue;
    if (name === 'const') result.enum = [value];
    else if (name === 'allOf' && Array.isArray(value) && value.length === 1 && isJsonObject(value[0]))
      Object.assign(result, schemaToGemini(value[0]));
    else result[name] = mapped(name, value);
  }
  return result;
}
