// Tests of one text value: a header, a query parameter, a cookie or the model. One small class each.

import { compileRegex, LinearRegex } from '../../base/linear-regex.ts';
import { invariant } from '../../errors/bug.ts';
import type { ValueMatch } from '../../model/match.ts';

export interface ValueTest {
  holds(value: string | undefined): boolean;
  /** Continues "header x …". */
  readonly asks: string;
}

class PresentTest implements ValueTest {
  readonly asks = 'present';

  holds(value: string | undefined): boolean {
    return value !== undefined;
  }
}

class ExactTest implements ValueTest {
  readonly asks: string;
  private readonly wanted: string;

  constructor(wanted: string) {
    this.wanted = wanted;
    this.asks = JSON.stringify(wanted);
  }

  holds(value: string | undefined): boolean {
    return value === this.wanted;
  }
}

class PrefixTest implements ValueTest {
  readonly asks: string;
  private readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.asks = `beginning with ${JSON.stringify(prefix)}`;
  }

  holds(value: string | undefined): boolean {
    return value?.startsWith(this.prefix) ?? false;
  }
}

class RegexTest implements ValueTest {
  readonly asks: string;
  private readonly regex: LinearRegex;

  constructor(source: string) {
    this.regex = knownRegex(source);
    this.asks = `matching ${source}`;
  }

  holds(value: string | undefined): boolean {
    return value !== undefined && this.regex.matches(value);
  }
}

/** A pattern that passed validation. */
export function knownRegex(source: string): LinearRegex {
  const regex = compileRegex(source);
  invariant(regex instanceof LinearRegex, `the regex ${source} reached the router without passing validation`);
  return regex;
}

export function createValueTest(match: ValueMatch): ValueTest {
  if (match.kind === 'present') return new PresentTest();
  if (match.kind === 'exact') return new ExactTest(match.value);
  return match.kind === 'prefix' ? new PrefixTest(match.value) : new RegexTest(match.value);
}
