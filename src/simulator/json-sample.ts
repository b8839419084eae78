// A value that satisfies a simple JSON Schema, the same each time: arguments of tool calls and structured outputs.
import { isObject, type JsonObject } from './json.ts';

const MAX_DEPTH = 24;
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  duration: 'P1D',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
  uri: 'https://example.com/',
};

/**
 * Understood: const, enum, default, type, properties (all are filled), items, minItems, anyOf/oneOf (first), allOf (merged),
 * local $ref, minimum/maximum, minLength/maxLength, format. `pattern` is not: such a string is `words`.
 */
export function sampleOf(schema: unknown, words: string): unknown {
  return new Sampler(schema, words).sample(schema, 0);
}

/** JSON text for the formats `json_object` and `json_schema`; undefined for plain text. */
export function structuredText(type: unknown, schema: unknown, heard: string): string | undefined {
  if (type === 'json_object') return JSON.stringify({ you_said: heard });
  return type === 'json_schema' ? JSON.stringify(sampleOf(schema, heard)) : undefined;
}

class Sampler {
  private readonly root: unknown;
  private readonly words: string;

  constructor(root: unknown, words: string) {
    this.root = root;
    this.words = words;
  }

  sample(written: unknown, depth: number): unknown {
    const schema = this.resolve(written);
    if (!isObject(schema) || depth > MAX_DEPTH) return null;
    if ('const' in schema) return schema.const;
    if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
    if ('default' in schema) return schema.default;
    for (const union of [schema.anyOf, schema.oneOf]) {
      if (Array.isArray(union) && union.length > 0) return this.sample(union[0], depth + 1);
    }
    if (Array.isArray(schema.allOf)) return this.sample(this.merge(schema), depth + 1);
    return this.byType(schema, depth);
  }

  private byType(schema: JsonObject, depth: number): unknown {
    switch (typeOf(schema)) {
      case 'string':
        return sampleString(schema, this.words);
      case 'integer':
      case 'number':
        return sampleNumber(schema);
      case 'boolean':
        return true;
      case 'array': {
        const length = typeof schema.minItems === 'number' ? schema.minItems : Number(schema.maxItems !== 0);
        return Array.from({ length: Math.min(length, 100) }, () => this.sample(schema.items ?? {}, depth + 1));
      }
      case 'object': {
        const members = isObject(schema.properties) ? Object.entries(schema.properties) : [];
        return Object.fromEntries(members.map(([name, member]) => [name, this.sample(member, depth + 1)]));
      }
      default:
        return null;
    }
  }

  private resolve(schema: unknown): unknown {
    let found = schema;
    for (let hops = 0; isObject(found) && typeof found.$ref === 'string'; hops++) {
      if (hops === MAX_DEPTH) return undefined;
      let target: unknown = this.root;
      for (const step of found.$ref.replace(/^#\/?/, '').split('/')) {
        if (step === '') continue;
        target = isObject(target) ? target[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
      }
      found = target;
    }
    return found;
  }

  private merge(schema: JsonObject): JsonObject {
    const { allOf, ...rest } = schema;
    let merged: JsonObject = rest;
    for (const written of allOf as readonly unknown[]) {
      const part = this.resolve(written);
      if (!isObject(part)) continue;
      const properties = { ...(merged.properties as object | undefined), ...(part.properties as object | undefined) };
      merged = { ...merged, ...part, properties };
    }
    return merged;
  }
}

function typeOf(schema: JsonObject): unknown {
  if (Array.isArray(schema.type)) return schema.type[0];
  if (schema.type !== undefined) return schema.type;
  if (schema.properties !== undefined) return 'object';
  return schema.items === undefined ? undefined : 'array';
}

function sampleString(schema: JsonObject, words: string): string {
  if (typeof schema.format === 'string' && Object.hasOwn(FORMATS, schema.format)) return FORMATS[schema.format];
  const text = typeof schema.maxLength === 'number' ? words.slice(0, schema.maxLength) : words;
  return typeof schema.minLength === 'number' ? text.padEnd(Math.min(schema.minLength, 10_000), '.') : text;
}

function sampleNumber(schema: JsonObject): number {
  const { minimum, maximum, exclusiveMinimum, multipleOf } = schema;
  let value = typeof multipleOf === 'number' ? multipleOf : 1;
  if (typeof minimum === 'number' && value < minimum) value = minimum;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) value = exclusiveMinimum + 1;
  if (typeof maximum === 'number' && value > maximum) value = maximum;
  return value;
}
