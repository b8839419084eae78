// Where a path match lives in an index: the segment prefix that every path it matches lies under. The router and the proofs
// file rules by it, so that many patterns with different beginnings cost what one costs.
import { Glob } from '../base/glob.ts';
import { compileRegex, LinearRegex } from '../base/linear-regex.ts';
import type { PathMatch } from './match.ts';

/** `anywhere`: nothing is known of the paths. `under`: they equal `prefix` or continue it with a slash; `/` is the root. */
export type PathHome =
  | { readonly kind: 'anywhere' }
  | { readonly kind: 'exact'; readonly path: string }
  | { readonly kind: 'under'; readonly prefix: string };

/** Literal text in front of the first thing that varies; undefined for a regex that is refused elsewhere. */
function literalPrefixOf(path: PathMatch): string | undefined {
  if (path.kind === 'glob') return new Glob(path.value).literalPrefix;
  const regex = compileRegex(path.value);
  return regex instanceof LinearRegex ? regex.literalPrefix : undefined;
}

export function pathHome(path: PathMatch | undefined): PathHome {
  if (path === undefined) return { kind: 'anywhere' };
  if (path.kind === 'exact') return { kind: 'exact', path: path.value };
  if (path.kind === 'prefix') return { kind: 'under', prefix: path.value };
  const literal = literalPrefixOf(path);
  const slash = literal === undefined ? -1 : literal.lastIndexOf('/');
  if (literal === undefined || slash === -1 || literal[0] !== '/') return { kind: 'anywhere' };
  return { kind: 'under', prefix: slash === 0 ? '/' : literal.slice(0, slash) };
}

/** `/a` takes `/a` and `/a/…`, never `/ab` (Gateway API PathPrefix). */
export function isUnder(prefix: string, path: string): boolean {
  if (prefix === '/') return path.startsWith('/');
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/** Characters that stand for themselves, the measure of "longer" among globs and regexes. */
export function literalLength(path: PathMatch): number {
  if (path.kind === 'glob') return new Glob(path.value).literalLength;
  if (path.kind !== 'regex') return path.value.length;
  const regex = compileRegex(path.value);
  return regex instanceof LinearRegex ? regex.literalLength : 0;
}
