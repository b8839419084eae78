// Reads the members of a client's body for decoders of wires: null is as good as absent, and the first member that is of the wrong
// kind is remembered with its place (`messages[2].content`), so that decoders need not stop at every step.
import type { Undecodable } from './codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';

/** `at` in all methods is the place of the object read from; '' is the body itself. */
export class BodyReader {
  private first: Undecodable | undefined;

  /** What was wrong first; undefined = nothing so far. */
  get problem(): Undecodable | undefined {
    return this.first;
  }

  /** Remembers what is wrong with the member at this place. */
  refuse(param: string, message: string): undefined {
    this.first ??= { ok: false, message, param };
    return undefined;
  }

  text(from: JsonObject, key: string, at = ''): string | undefined {
    const value = from[key];
    if (typeof value === 'string' || value === undefined || value === null) return value ?? undefined;
    return this.refuseKind(placeOf(at, key), 'a string', value);
  }

  /** Text without which the rest makes no sense. */
  requiredText(from: JsonObject, key: string, at = ''): string {
    const value = this.text(from, key, at);
    if (value !== undefined && value !== '') return value;
    this.refuse(placeOf(at, key), `"${placeOf(at, key)}" is required`);
    return '';
  }

  number(from: JsonObject, key: string, at = ''): number | undefined {
    const value = from[key];
    if (typeof value === 'number' || value === undefined || value === null) return value ?? undefined;
    return this.refuseKind(placeOf(at, key), 'a number', value);
  }

  /** A whole number, 0 or more. */
  count(from: JsonObject, key: string, at = ''): number | undefined {
    const value = this.number(from, key, at);
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
    return this.refuse(placeOf(at, key), `"${placeOf(at, key)}" must be a whole number, not ${value}`);
  }

  flag(from: JsonObject, key: string, at = ''): boolean | undefined {
    const value = from[key];
    if (typeof value === 'boolean' || value === undefined || value === null) return value ?? undefined;
    return this.refuseKind(placeOf(at, key), 'true or false', value);
  }

  object(from: JsonObject, key: string, at = ''): JsonObject | undefined {
    const value = from[key];
    if (value === undefined || value === null) return undefined;
    return isJsonObject(value) ? value : this.refuseKind(placeOf(at, key), 'an object', value);
  }

  list(from: JsonObject, key: string, at = ''): readonly JsonValue[] | undefined {
    const value = from[key];
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? value : this.refuseKind(placeOf(at, key), 'a list', value);
  }

  /** The objects of a list; anything else in it is a problem. */
  objects(from: JsonObject, key: string, at = ''): readonly JsonObject[] | undefined {
    const list = this.list(from, key, at);
    const wrong = list?.findIndex((item) => !isJsonObject(item)) ?? -1;
    if (wrong !== -1) return this.refuseKind(`${placeOf(at, key)}[${wrong}]`, 'an object', list?.[wrong]);
    return list as readonly JsonObject[] | undefined;
  }

  /** The texts of a list. */
  texts(from: JsonObject, key: string, at = ''): readonly string[] | undefined {
    const list = this.list(from, key, at);
    const wrong = list?.findIndex((item) => typeof item !== 'string') ?? -1;
    if (wrong !== -1) return this.refuseKind(`${placeOf(at, key)}[${wrong}]`, 'a string', list?.[wrong]);
    return list as readonly string[] | undefined;
  }

  /** Numbers by name. */
  numbersByName(from: JsonObject, key: string): Readonly<Record<string, number>> | undefined {
    const object = this.object(from, key);
    const wrong = Object.keys(object ?? {}).find((name) => typeof object?.[name] !== 'number');
    if (wrong !== undefined) return this.refuseKind(placeOf(key, wrong), 'a number', object?.[wrong]);
    return object as Readonly<Record<string, number>> | undefined;
  }

  /** Texts by name. */
  textsByName(from: JsonObject, key: string): Readonly<Record<string, string>> | undefined {
    const object = this.object(from, key);
    const wrong = Object.keys(object ?? {}).find((name) => typeof object?.[name] !== 'string');
    if (wrong !== undefined) return this.refuseKind(placeOf(key, wrong), 'a string', object?.[wrong]);
    return object as Readonly<Record<string, string>> | undefined;
  }

  /** Remembers that a member is of the wrong kind. */
  refuseKind(param: string, expected: string, value: JsonValue | undefined): undefined {
    return this.refuse(param, `"${param}" must be ${expected}, not ${kindOf(value)}`);
  }
}

export function placeOf(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}

function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
