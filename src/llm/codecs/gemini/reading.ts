// Reads members of Google's JSON: camelCase with snake_case beside it, null as absent, numbers also as text. The first thing that
// is wrong is kept with its place; readers give undefined from there on, so that nothing throws and nothing is guessed.
import type { Undecodable } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';

/** Deeper documents are refused: walking and writing them again would end the stack. */
export const MAX_DEPTH = 200;

/** Whether containers nest deeper than `limit`; never goes deeper itself. */
export function exceedsDepth(value: JsonValue | undefined, limit: number = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  for (const member of Object.values(value)) if (exceedsDepth(member, limit - 1)) return true;
  return false;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A member by its camelCase name, else by its snake_case one; null is absent, as in protobuf's JSON. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return object[name] ?? object[snakeCase(name)] ?? undefined;
}

/** Members that none of the names stands for. */
export function otherMembers(object: JsonObject, names: readonly string[]): readonly (readonly [string, JsonValue])[] {
  const known = new Set(names.flatMap((name) => [name, snakeCase(name)]));
  return Object.entries(object).filter(
    (entry): entry is [string, JsonValue] => entry[1] !== undefined && entry[1] !== null && !known.has(entry[0]),
  );
}

/** Also of a text, as protobuf writes large ones; NaN for anything else. `Number` itself throws at objects with odd members. */
export function numberOf(value: JsonValue | undefined): number {
  if (typeof value === 'string' && value.trim() !== '') return Number(value);
  return typeof value === 'number' ? value : Number.NaN;
}

/** One request being read. */
export class Reading {
  problem: Undecodable | undefined = undefined;
  /** What no field of the canonical shape stands for, by place: it is named to the client, never lost silently. */
  readonly leftovers: Record<string, JsonValue> = {};

  fail(param: string, message: string): undefined {
    this.problem ??= { ok: false, message: `${param}: ${message}`, param };
    return undefined;
  }

  text(value: JsonValue | undefined, param: string): string | undefined {
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    return this.fail(param, 'must be a string');
  }

  number(value: JsonValue | undefined, param: string): number | undefined {
    if (value === undefined || value === null) return undefined;
    const number = numberOf(value);
    return Number.isFinite(number) ? number : this.fail(param, 'must be a number');
  }

  boolean(value: JsonValue | undefined, param: string): boolean | undefined {
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    return this.fail(param, 'must be true or false');
  }

  object(value: JsonValue | undefined, param: string): JsonObject | undefined {
    if (value === undefined || value === null) return undefined;
    return isJsonObject(value) ? value : this.fail(param, 'must be an object');
  }

  list(value: JsonValue | undefined, param: string): readonly JsonValue[] | undefined {
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? value : this.fail(param, 'must be an array');
  }

  texts(value: JsonValue | undefined, param: string): readonly string[] | undefined {
    const list = this.list(value, param);
    if (list === undefined || list.every((each) => typeof each === 'string'))
      return list as readonly string[] | undefined;
    return this.fail(param, 'must be an array of strings');
  }

  /** The objects of an array; what is none is a problem. */
  objects(value: JsonValue | undefined, param: string): readonly JsonObject[] {
    const list = this.list(value, param) ?? [];
    const objects = list.filter(isJsonObject);
    const wrong = list.findIndex((each) => !isJsonObject(each));
    if (wrong !== -1) this.fail(`${param}[${wrong}]`, 'must be an object');
    return objects;
  }

  leave(place: string, members: readonly (readonly [string, JsonValue])[]): void {
    for (const [name, value] of members) this.leftovers[`${place}${name}`] = value;
  }
}
