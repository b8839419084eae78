// Path conditions: what the index has not settled by where it filed a rule, and what `explain` asks and says.
import { Glob } from '../../base/glob.ts';
import type { LinearRegex } from '../../base/linear-regex.ts';
import type { PathMatch } from '../../model/match.ts';
import { knownRegex } from './value-test.ts';

export interface PathTest {
  matches(path: string): boolean;
}

/** Exact paths and prefixes, which the index settles by itself. By segment: `/a` takes `/a` and `/a/…`, never `/ab`. */
export function matchesLiterally({ kind, value }: PathMatch, path: string): boolean {
  if (kind === 'exact') return path === value;
  if (!path.startsWith(value)) return false;
  return value === '/' || path.length === value.length || path[value.length] === '/';
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
