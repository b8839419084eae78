// When a limit that was met is open again: `Retry-After` first, else the reset of the buckets that are empty, in the spellings of
// OpenAI (`6m0s`), Anthropic (a date), and others (seconds, or seconds since 1970). Asked after a refusal only.
import type { HeaderList } from '../wire/header-list.ts';
import { retryAfterOf } from './retry-after.ts';

/** Pairs of what is left in a bucket, and when it is full again. */
const BUCKETS = [
  ['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  ['x-ratelimit-remaining', 'x-ratelimit-reset'],
  ['ratelimit-remaining', 'ratelimit-reset'],
  ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-requests-reset'],
  ['anthropic-ratelimit-tokens-remaining', 'anthropic-ratelimit-tokens-reset'],
  ['anthropic-ratelimit-input-tokens-remaining', 'anthropic-ratelimit-input-tokens-reset'],
  ['anthropic-ratelimit-output-tokens-remaining', 'anthropic-ratelimit-output-tokens-reset'],
] as const;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Plain numbers above are moments, below are spans. */
const FIRST_MOMENT_S = 1_000_000_000;

/** Milliseconds from now, -1 where nothing valid is said. */
export function parseReset(text: string, wallMs: number): number {
  const trimmed = text.trim();
  if (/^\d{1,14}(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed);
    if (value < FIRST_MOMENT_S) return value * 1000;
    return Math.max(0, (value < FIRST_MOMENT_S * 1000 ? value * 1000 : value) - wallMs);
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) {
    let sum = 0;
    for (const [, value, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
      sum += Number(value) * UNITS_MS[unit];
    return sum;
  }
  if (!/^\d{4}-\d{2}-\d{2}T/.test(trimmed)) return -1;
  const atMs = Date.parse(trimmed);
  return Number.isNaN(atMs) ? -1 : Math.max(0, atMs - wallMs);
}

/** The latest reset of an empty bucket; of all that are told where none is said to be empty. -1 = nothing is said. */
export function rateLimitResetOf(headers: HeaderList, wallMs: number): number {
  const told = retryAfterOf(headers, wallMs);
  if (told >= 0) return told;
  let [empty, any] = [-1, -1];
  for (const [remaining, reset] of BUCKETS) {
    const text = headers.get(reset);
    const afterMs = text === undefined ? -1 : parseReset(text, wallMs);
    if (headers.get(remaining)?.trim() === '0') empty = Math.max(empty, afterMs);
    any = Math.max(any, afterMs);
  }
  return empty >= 0 ? empty : any;
}
