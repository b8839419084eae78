// Host names and wildcards as routes and listeners write them: parsing, matching, overlap. Step 4 of a request's walk is
// indexed by these; a listener's hostnames narrow them.

/** `value` is lower case; of a wildcard it is the suffix with its dot (`.example.com`), of `any` it is empty. */
export interface HostPattern {
  readonly kind: 'exact' | 'wildcard' | 'any';
  readonly value: string;
}

export const ANY_HOST: HostPattern = { kind: 'any', value: '' };

/** Undefined when a `*` stands anywhere but as the whole first label, or the text is empty: such a pattern would match nothing. */
export function parseHostPattern(text: string): HostPattern | undefined {
  const lower = text.toLowerCase();
  if (lower === '*') return ANY_HOST;
  const isWildcard = lower.startsWith('*.');
  const value = isWildcard ? lower.slice(1) : lower;
  if (value.length < 1 || (isWildcard && value.length < 2) || /[*\s/]/.test(value)) return undefined;
  return { kind: isWildcard ? 'wildcard' : 'exact', value };
}

/** `host` is lower case without port. A wildcard stands for one or more labels (Gateway API), never for none. */
export function hostMatches(pattern: HostPattern, host: string): boolean {
  if (pattern.kind === 'any') return true;
  if (pattern.kind === 'exact') return pattern.value === host;
  return host.length > pattern.value.length && host.endsWith(pattern.value);
}

/** Every host of `inner` is a host of `outer`. */
export function hostCovers(outer: HostPattern, inner: HostPattern): boolean {
  if (outer.kind === 'any') return true;
  if (inner.kind === 'any' || outer.kind === 'exact') return outer.kind === inner.kind && outer.value === inner.value;
  return inner.kind === 'exact' ? hostMatches(outer, inner.value) : inner.value.endsWith(outer.value);
}

/** The hosts that both patterns match: two patterns overlap only when one covers the other. */
export function intersectHosts(a: HostPattern, b: HostPattern): HostPattern | undefined {
  if (hostCovers(a, b)) return b;
  return hostCovers(b, a) ? a : undefined;
}

/** Higher is more specific: exact names over wildcards, longer wildcards over shorter, anything over `any`. */
export function hostSpecificity(pattern: HostPattern): number {
  if (pattern.kind === 'exact') return Number.MAX_SAFE_INTEGER;
  return pattern.value.length;
}

/** As it was written. */
export function formatHost(pattern: HostPattern): string {
  if (pattern.kind === 'any') return '*';
  return pattern.kind === 'wildcard' ? `*${pattern.value}` : pattern.value;
}
