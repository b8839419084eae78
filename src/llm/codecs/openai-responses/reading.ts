// Reads a client's JSON member by member and remembers the first that is wrong, so that decoders go on without a branch per member
// and the caller asks once at the end. Under decode-request.ts.
import type { Undecodable } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';

/** An object of the body and where it stands there (`input[2].`, empty at the top), for messages to the client. */
export interface Place {
  readonly object: JsonObject;
  readonly at: string;
}

const NO_OBJECT: JsonObject = {};

export class Reading {
  /** The first thing that is wrong. */
  problem: Undecodable | undefined = undefined;
  /** Members of which no other wire has anything, by their place; they are named to the client as dropped. */
  readonly leftovers: Record<string, JsonValue> = {};

  fail(param: string, expected: string): void {
    this.problem ??= { ok: false, message: `${param} must be ${expected}`, param };
  }

  /** For what is legal and only the provider of this wire can do. */
  refuse(param: string, reason: string): void {
    this.problem ??= { ok: false, message: `${param}: ${reason}`, param };
  }

  leave({ object, at }: Place, keys: readonly string[]): void {
    for (const key of keys) {
      const value = object[key];
      if (value !== undefined && value !== null && value !== false) this.leftovers[`${at}${key}`] = value;
    }
  }

  /** Absent and null are the same. */
  text({ object, at }: Place, key: string): string | undefined {
    const value = object[key] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    this.fail(`${at}${key}`, 'a string');
    return undefined;
  }

  requiredText(place: Place, key: string): string {
    const value = this.text(place, key);
    if (value === undefined) this.fail(`${place.at}${key}`, 'a string');
    return value ?? '';
  }

  number({ object, at }: Place, key: string): number | undefined {
    const value = object[key] ?? undefined;
    if (value === undefined || typeof value === 'number') return value;
    this.fail(`${at}${key}`, 'a number');
    return undefined;
  }

  flag({ object, at }: Place, key: string): boolean | undefined {
    const value = object[key] ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    this.fail(`${at}${key}`, 'true or false');
    return undefined;
  }

  object({ object, at }: Place, key: string): JsonObject | undefined {
    const value = object[key] ?? undefined;
    if (value === undefined || isJsonObject(value)) return value;
    this.fail(`${at}${key}`, 'an object');
    return undefined;
  }

  /** The object below `key` as a place of its own; empty where it is absent. */
  below(place: Place, key: string): Place {
    return { object: this.object(place, key) ?? NO_OBJECT, at: `${place.at}${key}.` };
  }

  list({ object, at }: Place, key: string): readonly JsonValue[] | undefined {
    const value = object[key] ?? undefined;
    if (value === undefined || Array.isArray(value)) return value as readonly JsonValue[] | undefined;
    this.fail(`${at}${key}`, 'a list');
    return undefined;
  }

  /** The objects of a list, each with its place. */
  places(place: Place, key: string): readonly Place[] {
    return (this.list(place, key) ?? []).map((value, index) => this.place(value, `${place.at}${key}[${index}]`));
  }

  place(value: JsonValue, at: string): Place {
    if (isJsonObject(value)) return { object: value, at: `${at}.` };
    this.fail(at, 'an object');
    return { object: NO_OBJECT, at: `${at}.` };
  }

  oneOf<T extends string>(place: Place, key: string, words: readonly T[]): T | undefined {
    const value = this.text(place, key);
    if (value === undefined) return undefined;
    const word = words.find((known) => known === value);
    if (word === undefined) this.fail(`${place.at}${key}`, `one of ${words.join(', ')}`);
    return word;
  }
}

/** The place itself, without the dot that its members are written behind. */
export function nameOf({ at }: Place): string {
  return at.endsWith('.') ? at.slice(0, -1) : at;
}
