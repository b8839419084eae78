// What a request wishes of the router, in the words of OpenRouter: `models` to fall back to, and `provider` preferences. Found by a scan
// over the top level of the body; only these two members are decoded. Read where a router is on, before the plan is made.
import { JsonMembers } from './json-members.ts';
import { skipSpace } from './json-scan.ts';
import { decodeText } from './json-text.ts';

export type SortWish = 'price' | 'throughput' | 'latency';

export interface ProviderWish {
  readonly order?: readonly string[];
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  /** Default true. */
  readonly allowFallbacks?: boolean;
  readonly sort?: SortWish;
  /** Dollars per million tokens. */
  readonly maxPrice?: { readonly prompt?: number; readonly completion?: number };
  readonly requireParameters?: boolean;
}

export interface RoutingWishes {
  readonly models: readonly string[];
  readonly provider: ProviderWish;
  /** Names of the body's own members, for `require_parameters`. */
  readonly members: readonly string[];
  /** Runs of all other members, with the commas inside: joined, they are the same request without wishes. */
  readonly kept: readonly (readonly [start: number, end: number])[];
  /** Offset of the final brace. */
  readonly closedAt: number;
}

/** A wish that is not written as it must be. */
export interface WrongWish {
  readonly member: string;
  readonly expected: string;
}

export type ReadWishes = { readonly wishes: RoutingWishes | undefined } | { readonly wrong: WrongWish };

const MODELS = Buffer.from('models');
const PROVIDER = Buffer.from('provider');
const MAX_NAMES = 100;

/** A cursor of the thread: a scan never yields. */
const members = new JsonMembers();

class Wrong extends Error {
  readonly wish: WrongWish;

  constructor(member: string, expected: string) {
    super(`${member}: ${expected}`);
    this.wish = { member, expected };
  }
}

function namesOf(value: unknown, member: string): readonly string[] {
  const isNames = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
  if (!isNames || value.length > MAX_NAMES) throw new Wrong(member, `a list of at most ${MAX_NAMES} names`);
  return value as readonly string[];
}

function booleanOf(value: unknown, member: string): boolean {
  if (typeof value !== 'boolean') throw new Wrong(member, 'true or false');
  return value;
}

function sortOf(value: unknown): SortWish {
  // OpenRouter takes the word alone, or an object with it.
  const word = typeof value === 'object' && value !== null ? (value as { readonly by?: unknown }).by : value;
  if (word === 'price' || word === 'throughput' || word === 'latency') return word;
  throw new Wrong('provider.sort', 'price, throughput or latency');
}

/** OpenRouter takes prices as numbers or as text. */
function priceOf(value: unknown, member: string): number {
  const price = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof price !== 'number' || !(price >= 0)) throw new Wrong(member, 'dollars per million tokens');
  return price;
}

function maxPriceOf(value: unknown): NonNullable<ProviderWish['maxPrice']> {
  if (!isObject(value)) throw new Wrong('provider.max_price', 'an object');
  const { prompt, completion } = value;
  return {
    ...(prompt !== undefined && { prompt: priceOf(prompt, 'provider.max_price.prompt') }),
    ...(completion !== undefined && { completion: priceOf(completion, 'provider.max_price.completion') }),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members of `provider` that are OpenRouter's own business are not read here; null says nothing. */
function providerOf(value: unknown): ProviderWish {
  if (value === null) return {};
  if (!isObject(value)) throw new Wrong('provider', 'an object');
  const given = Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== null && member !== undefined),
  );
  const { order, only, ignore, sort } = given;
  return {
    ...(order !== undefined && { order: namesOf(order, 'provider.order') }),
    ...(only !== undefined && { only: namesOf(only, 'provider.only') }),
    ...(ignore !== undefined && { ignore: namesOf(ignore, 'provider.ignore') }),
    ...(given.allow_fallbacks !== undefined && {
      allowFallbacks: booleanOf(given.allow_fallbacks, 'provider.allow_fallbacks'),
    }),
    ...(sort !== undefined && { sort: sortOf(sort) }),
    ...(given.max_price !== undefined && { maxPrice: maxPriceOf(given.max_price) }),
    ...(given.require_parameters !== undefined && {
      requireParameters: booleanOf(given.require_parameters, 'provider.require_parameters'),
    }),
  };
}

/** The bytes are JSON: they were scanned before. */
function valueAt(bytes: Buffer, [start, end]: readonly [number, number]): unknown {
  return JSON.parse(bytes.toString('utf8', start, end));
}

interface Found {
  models: readonly [number, number] | undefined;
  provider: readonly [number, number] | undefined;
  readonly names: string[];
  readonly kept: [start: number, end: number][];
  closedAt: number;
}

/** Where they stand; of one that is repeated the last counts, and all go. */
function findMembers(bytes: Buffer, start: number, end: number): Found {
  const found: Found = { models: undefined, provider: undefined, names: [], kept: [], closedAt: -1 };
  members.open(bytes, skipSpace(bytes, start, end), end);
  let run: [number, number] | undefined;
  while (members.next(bytes)) {
    const isModels = members.isNamed(bytes, MODELS);
    if (isModels || members.isNamed(bytes, PROVIDER)) {
      found[isModels ? 'models' : 'provider'] = [members.valueStart, members.valueEnd];
      run = undefined;
      continue;
    }
    found.names.push(decodeText(bytes, members.nameStart - 1, members.nameEnd + 1));
    if (run === undefined) {
      run = [members.memberStart, members.valueEnd];
      found.kept.push(run);
    } else run[1] = members.valueEnd;
  }
  found.closedAt = members.closedAt;
  return found;
}

/** Reads `bytes[start, end)`, which is one JSON object. */
export function readWishes(bytes: Buffer, start: number, end: number): ReadWishes {
  const { models, provider, names, kept, closedAt } = findMembers(bytes, start, end);
  if (models === undefined && provider === undefined) return { wishes: undefined };
  try {
    const written = models && valueAt(bytes, models);
    const wished = written === undefined || written === null ? [] : namesOf(written, 'models');
    const preferences = provider === undefined ? {} : providerOf(valueAt(bytes, provider));
    return { wishes: { models: wished, provider: preferences, members: names, kept, closedAt } };
  } catch (error) {
    if (error instanceof Wrong) return { wrong: error.wish };
    throw error;
  }
}

const OPEN = Buffer.from('{');
const COMMA = Buffer.from(',');

/** The same object without its wishes, member by member as it was. `bytes` as they were read. */
export function withoutWishes(bytes: Buffer, { kept, closedAt }: Pick<RoutingWishes, 'kept' | 'closedAt'>): Buffer {
  const runs = kept.flatMap(([start, end], index) => [...(index === 0 ? [] : [COMMA]), bytes.subarray(start, end)]);
  return Buffer.concat([OPEN, ...runs, bytes.subarray(closedAt, closedAt + 1)]);
}
