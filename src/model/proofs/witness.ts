// A concrete request as data, and the plain reading of what a rule asks of it: slow, obvious, written from the comments of
// model/match.ts. Proofs show such requests to operators; the router is tested against this reading.
import { Glob } from '../../base/glob.ts';
import { hostMatches } from '../../base/host-pattern.ts';
import { compileRegex, LinearRegex } from '../../base/linear-regex.ts';
import { looksSecret } from '../../base/secret-name.ts';
import type { FieldMatch, Match, PathMatch, ValueMatch } from '../match.ts';
import { isUnder } from '../path-home.ts';
import type { Rule } from '../precedence.ts';

type Fields = Readonly<Record<string, string>>;

export interface Witness {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: Fields;
  /** Lower-case names; cookies apart. */
  readonly headers: Fields;
  readonly cookies: Fields;
  readonly model: string | undefined;
  /** Undefined = chunked. */
  readonly bodyBytes: number | undefined;
}

export function regexMatches(source: string, text: string): boolean {
  const regex = compileRegex(source);
  return regex instanceof LinearRegex && regex.matches(text);
}

export function pathMatches({ kind, value }: PathMatch, path: string): boolean {
  if (kind === 'exact') return path === value;
  if (kind === 'prefix') return isUnder(value, path);
  return kind === 'glob' ? new Glob(value).matches(path) : regexMatches(value, path);
}

export function valueMatches(match: ValueMatch, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (match.kind === 'present') return true;
  if (match.kind === 'exact') return value === match.value;
  return match.kind === 'prefix' ? value.startsWith(match.value) : regexMatches(match.value, value);
}

function fieldsMatch(matches: readonly FieldMatch[] | undefined, fields: Fields): boolean {
  return (matches ?? []).every(({ name, value }) =>
    valueMatches(value, Object.hasOwn(fields, name) ? fields[name] : undefined),
  );
}

export function matchTakes(match: Match, request: Witness): boolean {
  const bytes = request.bodyBytes ?? Number.POSITIVE_INFINITY;
  const { min = 0, max = Number.POSITIVE_INFINITY } = match.bodyBytes ?? {};
  return (
    (match.path === undefined || pathMatches(match.path, request.path)) &&
    (match.methods === undefined || match.methods.includes(request.method)) &&
    fieldsMatch(match.headers, request.headers) &&
    fieldsMatch(match.query, request.query) &&
    fieldsMatch(match.cookies, request.cookies) &&
    bytes >= min &&
    bytes <= max &&
    (match.model === undefined || valueMatches(match.model, request.model))
  );
}

export function ruleTakes(rule: Rule, request: Witness): boolean {
  return hostMatches(rule.host, request.host) && matchTakes(rule.match, request);
}

/** Configurations may route by a credential: its value is not repeated. */
function shownFields(fields: Fields): readonly (readonly [name: string, value: string])[] {
  return Object.entries(fields).map(([name, value]) => [name, looksSecret(name) ? '***' : value]);
}

/** As an operator would try it: method, address, then what else it carries. */
export function formatWitness(request: Witness): string {
  const query = shownFields(request.query).map((pair) => pair.map(encodeURIComponent).join('='));
  const extras = [
    ...shownFields(request.headers).map(([name, value]) => `header "${name}: ${value}"`),
    ...shownFields(request.cookies).map(([name, value]) => `cookie "${name}=${value}"`),
    ...(request.model === undefined ? [] : [`model "${request.model}"`]),
    ...(request.bodyBytes === undefined ? ['a body of unknown length'] : []),
    ...(request.bodyBytes === undefined || request.bodyBytes === 0 ? [] : [`a body of ${request.bodyBytes} bytes`]),
  ];
  const address = `http://${request.host}${request.path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  return `${request.method} ${address}${extras.length === 0 ? '' : ` with ${extras.join(', ')}`}`;
}
