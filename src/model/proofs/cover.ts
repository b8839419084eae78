// Whether one rule takes every request that another takes. Only certain answers: false also means "not known".
import { Glob } from '../../base/glob.ts';
import { compileRegex, LinearRegex } from '../../base/linear-regex.ts';
import type { FieldMatch, Match, PathMatch, ValueMatch } from '../match.ts';
import { isUnder } from '../path-home.ts';
import { pathMatches, valueMatches } from './witness.ts';

/** The text every path of a pattern begins with. */
function literalPrefix({ kind, value }: PathMatch): string {
  if (kind === 'glob') return new Glob(value).literalPrefix;
  const regex = compileRegex(value);
  return regex instanceof LinearRegex ? regex.literalPrefix : '';
}

function pathCovers(outer: PathMatch | undefined, inner: PathMatch | undefined): boolean {
  if (outer === undefined) return true;
  if (inner === undefined) return false;
  if (inner.kind === 'exact') return pathMatches(outer, inner.value);
  if (outer.kind === inner.kind && outer.value === inner.value) return true;
  if (outer.kind !== 'prefix') return false;
  if (inner.kind === 'prefix') return isUnder(outer.value, inner.value);
  return literalPrefix(inner).startsWith(outer.value === '/' ? '/' : `${outer.value}/`);
}

function valueCovers(outer: ValueMatch, inner: ValueMatch): boolean {
  if (outer.kind === 'present') return true;
  if (inner.kind === 'exact') return valueMatches(outer, inner.value);
  if (inner.kind === 'present') return false;
  if (outer.kind === 'prefix' && inner.kind === 'prefix') return inner.value.startsWith(outer.value);
  return outer.kind === inner.kind && outer.value === inner.value;
}

/** Each thing that `outer` asks follows from something that `inner` asks. */
function fieldsCover(outer: readonly FieldMatch[] = [], inner: readonly FieldMatch[] = []): boolean {
  return outer.every(({ name, value }) =>
    inner.some((field) => field.name === name && valueCovers(value, field.value)),
  );
}

function bytesCover(outer: Match['bodyBytes'], inner: Match['bodyBytes']): boolean {
  const none = Number.POSITIVE_INFINITY;
  return (outer?.min ?? 0) <= (inner?.min ?? 0) && (outer?.max ?? none) >= (inner?.max ?? none);
}

export function matchCovers(outer: Match, inner: Match): boolean {
  const { methods, model } = outer;
  return (
    pathCovers(outer.path, inner.path) &&
    (methods === undefined || (inner.methods?.every((method) => methods.includes(method)) ?? false)) &&
    fieldsCover(outer.headers, inner.headers) &&
    fieldsCover(outer.query, inner.query) &&
    fieldsCover(outer.cookies, inner.cookies) &&
    bytesCover(outer.bodyBytes, inner.bodyBytes) &&
    (model === undefined || (inner.model !== undefined && valueCovers(model, inner.model)))
  );
}
