// The words in which filters, balancers, providers and dialect sections say what configuration they take: `s.object({…})`.
// Behind them stands the validation library; only this folder knows it.
import { isIP } from 'node:net';
import * as z from 'zod';
import { BYTE_SIZE_PATTERN, parseByteSize } from '../base/byte-size.ts';
import { DURATION_PATTERN, parseDuration } from '../base/duration.ts';
import { exactPicoPerToken } from '../base/pico-dollars.ts';
import { parseRate, RATE_PATTERN } from '../base/rate.ts';
import { parseRatio, RATIO_PATTERN } from '../base/ratio.ts';
import { KEY_SEPARATOR, toProblems } from './problems.ts';
import type { Parsed, Schema } from './schema.ts';

/** A schema that can be part of another. */
export interface Shape<T> extends Schema<T> {
  readonly type: z.ZodType<T>;
}

/** A shape whose key may be left out of an object. */
export interface OptionalShape<T> extends Shape<T> {
  readonly optional: true;
}

/** The value a schema gives: `Infer<typeof schema>`. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** Value of an object whose members are `F`. */
export type ObjectValue<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & { [K in OptionalKeys<F>]?: Infer<F[K]> }
>;

class ZodShape<T> implements Shape<T> {
  readonly type: z.ZodType<T>;
  private json: object | undefined;

  constructor(type: z.ZodType<T>) {
    this.type = type;
  }

  get jsonSchema(): object {
    this.json ??= z.toJSONSchema(this.type, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' });
    return this.json;
  }

  parse(value: unknown): Parsed<T> {
    const result = this.type.safeParse(value);
    if (result.success) return { ok: true, value: result.data };
    return { ok: false, problems: toProblems(result.error.issues, value) };
  }
}

class ZodOptionalShape<T> extends ZodShape<T> implements OptionalShape<T> {
  readonly optional = true as const;
}

interface Conversion<T> {
  /** Undefined = not acceptable. */
  readonly convert: (text: string) => T | undefined;
  /** What is expected, as it stands after "expected": `a duration such as 15s`. */
  readonly expected: string;
  readonly pattern?: string;
  readonly format?: string;
  /** Plain numbers are taken as they are (already in the base unit). */
  readonly acceptsNumber?: boolean;
}

function converted<T>(conversion: Conversion<T>, description: string): Shape<T> {
  const error = { error: `expected ${conversion.expected}` };
  const text =
    conversion.pattern === undefined ? z.string(error) : z.string(error).meta({ pattern: conversion.pattern });
  const named = conversion.format === undefined ? text : text.meta({ format: conversion.format });
  const input: z.ZodType<string | number> = conversion.acceptsNumber
    ? z.union([named, z.number().min(0)], error)
    : named;
  const type = input.transform((value, check): T => {
    if (typeof value === 'number') return value as T;
    const result = conversion.convert(value);
    if (result !== undefined) return result;
    check.addIssue({
      code: 'custom',
      message: `expected ${conversion.expected}`,
      params: { code: 'config.wrong-value' },
    });
    return z.NEVER;
  });
  return new ZodShape(type.meta({ description }) as z.ZodType<T>);
}

function asIs(isValid: (text: string) => boolean): (text: string) => string | undefined {
  return (text) => (isValid(text) ? text : undefined);
}

function isRegex(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false; // the pattern is the author's: a finding, not a failure
  }
}

function isCidr(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '';
}

/** What comes from an environment variable is text, so the text of a number stands for the number. */
function numberOfText(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function booleanOfText(value: unknown): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}

const PRICE_EXPECTED = 'expected dollars per million tokens such as 0.15, with at most six decimals';
const PRICE_PATTERN = '^\\d+(\\.\\d{1,6})?$';
const RATIO_EXPECTED = 'expected a part such as 40% or 0.4';

interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
}

interface TextLimits {
  readonly minLength?: number;
  /** Whole-text pattern, and what it stands for in the message. */
  readonly pattern?: RegExp;
  readonly expected?: string;
}

function limited(type: z.ZodNumber, { min, max }: NumberLimits): z.ZodNumber {
  const bounded = min === undefined ? type : type.min(min);
  return max === undefined ? bounded : bounded.max(max);
}

function text(description: string, { minLength, pattern, expected }: TextLimits = {}): Shape<string> {
  let type = z.string();
  if (minLength !== undefined) type = type.min(minLength);
  if (pattern !== undefined)
    type = type.regex(pattern, `expected ${expected ?? `text that matches ${pattern.source}`}`);
  return new ZodShape(type.meta({ description }));
}

function object<F extends Fields>(fields: F, description?: string): Shape<ObjectValue<F>> {
  const members: Record<string, z.ZodType> = {};
  for (const [key, shape] of Object.entries(fields)) members[key] = shape.type;
  const accepted = Object.keys(fields).join(KEY_SEPARATOR);
  const type = z.strictObject(members, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? accepted : undefined),
  });
  return new ZodShape(
    (description === undefined ? type : type.meta({ description })) as unknown as z.ZodType<ObjectValue<F>>,
  );
}

/** The builder. Objects are strict: an unknown key is a problem with the nearest valid name. Defaults are applied by `parse`. */
export const s = {
  object,
  string: text,
  /** Text that must never be shown: marked `writeOnly` in the JSON Schema. */
  secret: (description: string): Shape<string> =>
    new ZodShape(z.string().min(1).meta({ description, writeOnly: true })),
  integer: (description: string, limits: NumberLimits = {}): Shape<number> =>
    new ZodShape(z.preprocess(numberOfText, limited(z.int(), limits)).meta({ description }) as z.ZodType<number>),
  number: (description: string, limits: NumberLimits = {}): Shape<number> =>
    new ZodShape(z.preprocess(numberOfText, limited(z.number(), limits)).meta({ description }) as z.ZodType<number>),
  boolean: (description: string): Shape<boolean> =>
    new ZodShape(z.preprocess(booleanOfText, z.boolean()).meta({ description }) as z.ZodType<boolean>),
  literal: <const V extends string | number | boolean | null>(value: V, description: string): Shape<V> =>
    new ZodShape(z.literal(value).meta({ description }) as unknown as z.ZodType<V>),
  /** One of a closed set of words. */
  choice: <const V extends string>(values: readonly V[], description: string): Shape<V> =>
    new ZodShape(z.enum(values as readonly [V, ...V[]]).meta({ description }) as unknown as z.ZodType<V>),
  /** The first shape that fits. When none does, the problems of the one that came nearest are reported. */
  union: <const S extends readonly Shape<unknown>[]>(shapes: S, description: string): Shape<Infer<S[number]>> =>
    new ZodShape(
      z
        .union(shapes.map((shape) => shape.type) as unknown as readonly [z.ZodType, z.ZodType])
        .meta({ description }) as z.ZodType<Infer<S[number]>>,
    ),
  array: <T>(item: Shape<T>, description: string): Shape<readonly T[]> =>
    new ZodShape<readonly T[]>(z.array(item.type).meta({ description })),
  /** A list that is not empty, or one item in place of a list of one. */
  oneOrMany: <T>(item: Shape<T>, description: string): Shape<readonly T[]> =>
    new ZodShape(
      z
        .union([item.type, z.array(item.type).min(1)])
        .transform((given) => (Array.isArray(given) ? given : [given]))
        .meta({ description }) as unknown as z.ZodType<readonly T[]>,
    ),
  /** Text, or a number or true/false that stands for its text: header values, labels. */
  scalarText: (description: string): Shape<string> =>
    new ZodShape(
      z
        .union([z.string(), z.number(), z.boolean()], { error: 'expected text' })
        .transform(String)
        .meta({ description }) as z.ZodType<string>,
    ),
  record: <T>(value: Shape<T>, description: string): Shape<Readonly<Record<string, T>>> =>
    new ZodShape<Readonly<Record<string, T>>>(z.record(z.string(), value.type).meta({ description })),
  unknown: (description: string): Shape<unknown> => new ZodShape(z.unknown().meta({ description })),
  /** A shape whose members must fit together; `expected` as it stands after "expected". */
  where: <T>(shape: Shape<T>, accepts: (value: T) => boolean, expected: string): Shape<T> =>
    new ZodShape(
      shape.type.superRefine((value, check) => {
        if (accepts(value)) return;
        check.addIssue({ code: 'custom', message: `expected ${expected}`, params: { code: 'config.wrong-value' } });
      }),
    ),
  /** The key may be left out; the value is then absent. */
  optional: <T>(shape: Shape<T>): OptionalShape<T> =>
    new ZodOptionalShape(shape.type.optional() as unknown as z.ZodType<T>),
  /** The key may be left out; the value is then `value` (given in the form `parse` returns). */
  withDefault: <T>(shape: Shape<T>, value: T): Shape<T> =>
    new ZodShape(
      shape.type
        .optional()
        .transform((given) => given ?? value)
        .meta({ default: value }) as unknown as z.ZodType<T>,
    ),
  /** Milliseconds, from `15s` or a plain number of milliseconds: for keys that end in `Ms`. */
  duration: (description: string): Shape<number> =>
    converted(
      {
        convert: parseDuration,
        expected: 'a duration such as 100ms, 15s or 1h',
        pattern: DURATION_PATTERN,
        acceptsNumber: true,
      },
      description,
    ),
  /** Milliseconds, from text with its unit: for keys without one in their name, where a bare number would be misread. */
  durationText: (description: string): Shape<number> =>
    converted(
      {
        convert: parseDuration,
        expected: 'a duration such as 100ms, 15s or 1h',
        pattern: DURATION_PATTERN,
      },
      description,
    ),
  /** 0..1, from `40%` or `0.4`. */
  ratio: (description: string): Shape<number> =>
    new ZodShape(
      z
        .union([z.number().min(0).max(1), z.string().meta({ pattern: RATIO_PATTERN })], { error: RATIO_EXPECTED })
        .transform((value, check) => {
          const ratio = typeof value === 'number' ? value : parseRatio(value);
          if (ratio !== undefined) return ratio;
          check.addIssue({ code: 'custom', message: RATIO_EXPECTED, params: { code: 'config.wrong-value' } });
          return z.NEVER;
        })
        .meta({ description }) as z.ZodType<number>,
    ),
  /** Pico-dollars per token, from dollars per million tokens: `0.15`, `"2.50"`. */
  price: (description: string): Shape<number> =>
    new ZodShape(
      z
        .union([z.number().min(0), z.string().meta({ pattern: PRICE_PATTERN })], { error: PRICE_EXPECTED })
        .transform((value, check) => {
          const price = exactPicoPerToken(value);
          if (price !== undefined) return price;
          check.addIssue({ code: 'custom', message: PRICE_EXPECTED, params: { code: 'config.wrong-value' } });
          return z.NEVER;
        })
        .meta({ description }) as z.ZodType<number>,
    ),
  /** Per second, from `2000/s` or `10/min`. */
  rate: (description: string): Shape<number> =>
    converted({ convert: parseRate, expected: 'a rate such as 5/s or 10/min', pattern: RATE_PATTERN }, description),
  /** Bytes, from `10MB`, `64KiB` or a plain number of bytes. */
  bytes: (description: string): Shape<number> =>
    converted(
      {
        convert: parseByteSize,
        expected: 'a size such as 64KB, 10MB or 1GiB',
        pattern: BYTE_SIZE_PATTERN,
        acceptsNumber: true,
      },
      description,
    ),
  /** Source of a regular expression that compiles. */
  regex: (description: string): Shape<string> =>
    converted({ convert: asIs(isRegex), expected: 'a valid regular expression', format: 'regex' }, description),
  /** An address, or a block such as 10.0.0.0/8. */
  cidr: (description: string): Shape<string> =>
    converted({ convert: asIs(isCidr), expected: 'an IP address or a block such as 10.0.0.0/8' }, description),
  /** An absolute http or https URL, kept as written. */
  url: (description: string): Shape<string> =>
    converted({ convert: asIs(isWebUrl), expected: 'a URL such as https://host:8443', format: 'uri' }, description),
};
