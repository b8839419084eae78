// Makes a request that a rule asks for. Undefined when none is found at the first try: then nothing is claimed about the rule.
import { Glob } from '../../base/glob.ts';
import type { HostPattern } from '../../base/host-pattern.ts';
import { compileRegex, LinearRegex } from '../../base/linear-regex.ts';
import type { FieldMatch, Match, PathMatch, ValueMatch } from '../match.ts';
import { matchTakes, type Witness } from './witness.ts';

/** Facts of a request that also show as header fields: a witness could contradict itself. */
const TANGLED: ReadonlySet<string> = new Set(['cookie', 'host', 'content-length', 'transfer-encoding']);

function sampleRegex(source: string): string | undefined {
  const regex = compileRegex(source);
  return regex instanceof LinearRegex ? regex.sample : undefined;
}

function sampleValue(match: ValueMatch): string | undefined {
  if (match.kind === 'present') return 'x';
  return match.kind === 'regex' ? sampleRegex(match.value) : match.value;
}

function samplePath(path: PathMatch | undefined): string | undefined {
  if (path === undefined) return '/';
  if (path.kind === 'glob') return new Glob(path.value).sample;
  return path.kind === 'regex' ? sampleRegex(path.value) : path.value;
}

/** One value per name: of several conditions on one name the most exact gives it, and `matchTakes` checks the others. */
function sampleFields(matches: readonly FieldMatch[] = []): Record<string, string> | undefined {
  const fields: Record<string, string> = Object.create(null);
  const kinds = ['present', 'prefix', 'regex', 'exact'];
  for (const { name, value } of matches.toSorted((a, b) => kinds.indexOf(a.value.kind) - kinds.indexOf(b.value.kind))) {
    const sample = sampleValue(value);
    if (sample === undefined) return undefined;
    fields[name] = sample;
  }
  return fields;
}

function sampleHost(host: HostPattern): string {
  if (host.kind === 'any') return 'example.com';
  return host.kind === 'wildcard' ? `x${host.value}` : host.value;
}

/** A request that names a model has a body. */
function sampleBytes({ bodyBytes, model }: Match): number {
  const least = bodyBytes?.min ?? 0;
  return model === undefined ? least : Math.max(least, Math.min(100, bodyBytes?.max ?? 100));
}

function isSendable({ headers, cookies, path }: Witness): boolean {
  const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text) && text.trim() === text;
  if (!/^\/[!-~]*$/.test(path) || /[?#]/.test(path)) return false;
  if (Object.entries(headers).some(([name, value]) => TANGLED.has(name) || !isPlain(value))) return false;
  return Object.entries(cookies).every(([name, value]) => isPlain(value) && !/[;=]/.test(name) && !value.includes(';'));
}

/** `host` is where the rule's hosts and those of its listener overlap. */
export function findWitness(match: Match, host: HostPattern): Witness | undefined {
  const path = samplePath(match.path);
  const headers = sampleFields(match.headers);
  const query = sampleFields(match.query);
  const cookies = sampleFields(match.cookies);
  const model = match.model === undefined ? undefined : sampleValue(match.model);
  const bodyBytes = sampleBytes(match);
  if (path === undefined || headers === undefined || query === undefined || cookies === undefined) return undefined;
  if (match.model !== undefined && bodyBytes === 0) return undefined;
  const method = match.methods?.[0] ?? (bodyBytes > 0 ? 'POST' : 'GET');
  const witness = { method, host: sampleHost(host), path, query, headers, cookies, model, bodyBytes };
  return isSendable(witness) && matchTakes(match, witness) ? witness : undefined;
}
