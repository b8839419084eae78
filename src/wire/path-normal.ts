// One path, decided once: the same normalised string is matched by routes, seen by filters and sent upstream. Two readings of
// one path are how access rules get bypassed (CVE-2021-29492, CVE-2025-66490).
import { HEX_VALUE } from './characters.ts';

export interface PathRules {
  readonly encodedSlash: 'reject' | 'keep' | 'decode';
  readonly encodedBackslash: 'reject' | 'keep' | 'decode';
  readonly encodedNul: 'reject' | 'keep';
  readonly mergeSlashes: boolean;
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

/** Per octet: the text that stands for `%XX` after normalisation, unreserved octets decoded, others upper case (RFC 3986 §6.2.2). */
const NORMAL_ESCAPE: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet);
  return UNRESERVED.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
});

const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** Returns the normalised path, or undefined when it is malformed or holds an octet the rules refuse. Dot segments never climb above `/`. */
export function normalisePath(path: string, rules: PathRules): string | undefined {
  const decoded = path.includes('%') ? decodeEscapes(path, rules) : path;
  if (decoded === undefined) return undefined;
  const merged = rules.mergeSlashes ? decoded.replace(/\/{2,}/g, '/') : decoded;
  return merged.includes('/.') ? removeDotSegments(merged) : merged;
}

function decodeEscapes(path: string, rules: PathRules): string | undefined {
  let out = '';
  let from = 0;
  for (let at = path.indexOf('%'); at !== -1; at = path.indexOf('%', from)) {
    const high = HEX_VALUE[path.charCodeAt(at + 1) & 255];
    const low = HEX_VALUE[path.charCodeAt(at + 2) & 255];
    if (at + 2 >= path.length || high === 255 || low === 255) return undefined;
    const replacement = replaceEscape((high << 4) | low, rules);
    if (replacement === undefined) return undefined;
    out += path.slice(from, at) + replacement;
    from = at + 3;
  }
  return out + path.slice(from);
}

function replaceEscape(octet: number, rules: PathRules): string | undefined {
  if (octet === 0) return rules.encodedNul === 'reject' ? undefined : '%00';
  if (octet === SLASH) return byPolicy(rules.encodedSlash, '/', '%2F');
  // A decoded backslash becomes a slash: that is how the servers that decode it read it.
  if (octet === BACKSLASH) return byPolicy(rules.encodedBackslash, '/', '%5C');
  return NORMAL_ESCAPE[octet];
}

function byPolicy(policy: 'reject' | 'keep' | 'decode', decoded: string, kept: string): string | undefined {
  if (policy === 'reject') return undefined;
  return policy === 'decode' ? decoded : kept;
}

/** RFC 3986 §5.2.4 on an absolute path. Empty segments are kept: `//` is not `/` unless the rules merge it. */
function removeDotSegments(path: string): string {
  const segments = path.split('/');
  const out: string[] = [];
  const last = segments.length - 1;
  for (let index = 1; index <= last; index++) {
    const segment = segments[index];
    if (segment === '..') out.pop();
    if (segment !== '.' && segment !== '..') out.push(segment);
    else if (index === last) out.push('');
  }
  return `/${out.join('/')}`;
}
