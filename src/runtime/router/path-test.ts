// Path conditions as objects: what the index has not settled by where it filed a rule, and the words of `explain`.
import { Glob } from '../../base/glob.ts';
import type { LinearRegex } from '../../base/linear-regex.ts';
import type { PathMatch } from '../../model/match.ts';
import { knownRegex } from './value-test.ts';

export interface PathTest {
  matches(path: string): boolean;
}

class PrefixPath implements PathTest {
  private readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** By segment: `/a` takes `/a` and `/a/…`, never `/ab`. */
  matches(path: string): boolean {
    const { prefix } = this;
    if (!path.startsWith(prefix)) return false;
    return prefix === '/' || path.length === prefix.length || path.charCodeAt(prefix.length) === 47;
  }
}

class ExactPath implements PathTest {
  private readonly wanted: string;

  constructor(wanted: string) {
    this.wanted = wanted;
  }

  matches(path: string): boolean {
    return path === this.wanted;
  }
}

export function createPathTest(path: PathMatch): PathTest {
  if (path.kind === 'exact') return new ExactPath(path.value);
  return path.kind === 'prefix' ? new PrefixPath(path.value) : createPatternTest(path);
}

/** Globs and regexes, of which the index knows only the beginning. */
export function createPatternTest(path: PathMatch): Glob | LinearRegex {
  return path.kind === 'glob' ? new Glob(path.value) : knownRegex(path.value);
}

/** Continues "asks for …". */
export function describePath({ kind, value }: PathMatch): string {
  if (kind === 'exact') return `path ${value}`;
  return kind === 'prefix' ? `path ${value === '/' ? '' : value}/*` : `path ${kind === 'regex' ? '~' : ''}${value}`;
}
