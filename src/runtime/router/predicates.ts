// What rules ask of a request beyond host and path. Compiled once; the same objects answer `match` and `explain`.
import { looksSecret } from '../../base/secret-name.ts';
import type { FieldMatch, Match } from '../../model/match.ts';
import { cookieValue, queryValue } from './field-values.ts';
import type { RouteRequest } from './router.ts';
import { createValueTest, type ValueTest } from './value-test.ts';

export interface Predicate {
  holds(request: RouteRequest): boolean;
  /** What is asked for. Says nothing of what came, which may be a credential. */
  readonly asks: string;
}

/** Configurations may route by a credential: its value is not repeated. */
function asksOf(what: string, name: string, test: ValueTest): string {
  return `${what} ${name} ${looksSecret(name) ? 'with a certain value' : test.asks}`;
}

class MethodPredicate implements Predicate {
  readonly asks: string;
  private readonly only: string | undefined;
  private readonly methods: readonly string[];

  constructor(methods: readonly string[]) {
    this.methods = methods;
    this.only = methods.length === 1 ? methods[0] : undefined;
    this.asks = `method ${methods.join(' or ')}`;
  }

  holds({ method }: RouteRequest): boolean {
    return this.only === undefined ? this.methods.includes(method) : this.only === method;
  }
}

class HeaderPredicate implements Predicate {
  readonly asks: string;
  private readonly name: string;
  private readonly test: ValueTest;

  constructor({ name, value }: FieldMatch) {
    this.name = name.toLowerCase();
    this.test = createValueTest(value);
    this.asks = asksOf('header', this.name, this.test);
  }

  holds({ headers }: RouteRequest): boolean {
    return this.test.holds(headers.get(this.name));
  }
}

class QueryPredicate implements Predicate {
  readonly asks: string;
  private readonly name: string;
  private readonly test: ValueTest;

  constructor({ name, value }: FieldMatch) {
    this.name = name;
    this.test = createValueTest(value);
    this.asks = asksOf('query parameter', name, this.test);
  }

  holds({ query }: RouteRequest): boolean {
    return this.test.holds(queryValue(query, this.name));
  }
}

class CookiePredicate implements Predicate {
  readonly asks: string;
  private readonly name: string;
  private readonly test: ValueTest;

  constructor({ name, value }: FieldMatch) {
    this.name = name;
    this.test = createValueTest(value);
    this.asks = asksOf('cookie', name, this.test);
  }

  holds({ headers }: RouteRequest): boolean {
    return this.test.holds(cookieValue(headers.get('cookie'), this.name));
  }
}

class BodyBytesPredicate implements Predicate {
  readonly asks: string;
  private readonly min: number;
  private readonly max: number;

  constructor({ min, max }: NonNullable<Match['bodyBytes']>) {
    this.min = min ?? 0;
    this.max = max ?? Number.POSITIVE_INFINITY;
    const bounds = [min === undefined ? [] : [`at least ${min}`], max === undefined ? [] : [`at most ${max}`]].flat();
    this.asks = `a body of ${bounds.join(' and ') || 'any number of'} bytes`;
  }

  /** A body of unknown length counts as larger than every bound. */
  holds({ declaredBytes }: RouteRequest): boolean {
    const bytes = declaredBytes ?? Number.POSITIVE_INFINITY;
    return bytes >= this.min && bytes <= this.max;
  }
}

/** Asked last, because it may need the body. */
export class ModelPredicate implements Predicate {
  readonly asks: string;
  private readonly test: ValueTest;

  constructor(model: NonNullable<Match['model']>) {
    this.test = createValueTest(model);
    this.asks = `model ${this.test.asks}`;
  }

  /** Whether the answer waits for the body. A request without one has no model. */
  static isOpen({ modelKnown, declaredBytes }: RouteRequest): boolean {
    return !modelKnown && declaredBytes !== 0;
  }

  holds({ model }: RouteRequest): boolean {
    return this.test.holds(model);
  }
}

/** All but host, path and model, cheapest first: method, body length, headers, cookies, query. */
export function createPredicates(match: Match): readonly Predicate[] {
  return [
    ...(match.methods === undefined ? [] : [new MethodPredicate(match.methods)]),
    ...(match.bodyBytes === undefined ? [] : [new BodyBytesPredicate(match.bodyBytes)]),
    ...(match.headers ?? []).map((header) => new HeaderPredicate(header)),
    ...(match.cookies ?? []).map((cookie) => new CookiePredicate(cookie)),
    ...(match.query ?? []).map((parameter) => new QueryPredicate(parameter)),
  ];
}
