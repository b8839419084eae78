// Google's subset of OpenAPI schemas: what it refuses, and the JSON Schema that it stands for.
import { isObject, type JsonObject } from '../../json.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'anyOf',
  'default',
  'description',
  'enum',
  'example',
  'format',
  'items',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'nullable',
  'pattern',
  'properties',
  'propertyOrdering',
  'required',
  'title',
  'type',
]);

/** Google writes 64-bit numbers as text. */
const LENGTHS = ['maxItems', 'maxLength', 'minItems', 'minLength'] as const;

/** The first name that Google does not know, with the place of its schema; undefined = none. */
export function unknownInSchema(schema: unknown, place: string): string | undefined {
  if (!isObject(schema)) return undefined;
  const unknown = Object.keys(schema).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) return `Unknown name "${unknown}" at '${place}': Cannot find field.`;
  const inner: (readonly [string, unknown])[] = [['items', schema.items]];
  if (isObject(schema.properties)) {
    for (const [name, member] of Object.entries(schema.properties)) inner.push([`properties.${name}`, member]);
  }
  if (Array.isArray(schema.anyOf))
    for (const [index, member] of schema.anyOf.entries()) inner.push([`any_of[${index}]`, member]);
  for (const [name, member] of inner) {
    const found = unknownInSchema(member, `${place}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function toJsonSchema(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { type, items, properties, anyOf } = schema;
  const json: Record<string, unknown> = { ...schema };
  if (typeof type === 'string') json.type = type.toLowerCase();
  if (items !== undefined) json.items = toJsonSchema(items);
  if (isObject(properties)) json.properties = mapValues(properties);
  if (Array.isArray(anyOf)) json.anyOf = anyOf.map(toJsonSchema);
  for (const name of LENGTHS) if (typeof schema[name] === 'string') json[name] = Number(schema[name]);
  return json;
}

function mapValues(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, toJsonSchema(member)]));
}
