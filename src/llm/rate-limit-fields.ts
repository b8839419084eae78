// What a provider says of its rate limits in the header, told in the client's own fields: SDKs and agents pace themselves by them.
// OpenAI's resets are durations (`6m0s`), Anthropic's are points in time (RFC 3339).

export type RateLimitStyle = 'openai' | 'anthropic';

export interface RateLimit {
  /** What is counted: `requests`, `tokens`, and Anthropic's `input-tokens` and `output-tokens`. */
  readonly of: string;
  readonly limit?: string;
  readonly remaining?: string;
  /** Milliseconds until it is full again. */
  readonly resetMs?: number;
}

type Entry = readonly [name: string, value: string];

const OPENAI = /^x-ratelimit-(limit|remaining|reset)-(requests|tokens)$/;
const ANTHROPIC = /^anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-(limit|remaining|reset)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** No limit is longer than a year; what is said to be would make a point in time that no date can hold. */
const MAX_RESET_MS = 366 * 86_400_000;

function likely(resetMs: number): number | undefined {
  return resetMs <= MAX_RESET_MS ? resetMs : undefined;
}

/** `1s`, `6m0s`, `1h2m3.5s`, `250ms`; undefined = none of that. */
function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) total += Number(amount) * UNITS[unit];
  return likely(Math.ceil(total));
}

function untilMs(text: string, wallMs: number): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : likely(Math.max(0, at - wallMs));
}

export function isRateLimitField(lowerName: string): boolean {
  return OPENAI.test(lowerName) || ANTHROPIC.test(lowerName);
}

/** The limits that the fields tell, whoever wrote them. */
export function readRateLimits(entries: Iterable<Entry>, wallMs: number): readonly RateLimit[] {
  const found = new Map<string, { of: string; limit?: string; remaining?: string; resetMs?: number }>();
  for (const [name, value] of entries) {
    const openai = OPENAI.exec(name);
    const anthropic = openai === null ? ANTHROPIC.exec(name) : null;
    const [of, what] = openai === null ? [anthropic?.[1], anthropic?.[2]] : [openai[2], openai[1]];
    if (of === undefined || !/^[\x20-\x7e]*$/.test(value)) continue;
    const limit = found.get(of) ?? { of };
    found.set(of, limit);
    if (what === 'limit') limit.limit = value;
    else if (what === 'remaining') limit.remaining = value;
    else limit.resetMs = openai === null ? untilMs(value, wallMs) : durationMs(value);
  }
  return [...found.values()];
}

function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours > 0 ? `${hours}h` : ''}${hours + minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`;
}

function openaiLines({ of, limit, remaining, resetMs }: RateLimit): string {
  if (of !== 'requests' && of !== 'tokens') return '';
  return (
    (limit === undefined ? '' : `x-ratelimit-limit-${of}: ${limit}\r\n`) +
    (remaining === undefined ? '' : `x-ratelimit-remaining-${of}: ${remaining}\r\n`) +
    (resetMs === undefined ? '' : `x-ratelimit-reset-${of}: ${durationText(resetMs)}\r\n`)
  );
}

function anthropicLines({ of, limit, remaining, resetMs }: RateLimit, wallMs: number): string {
  const reset = resetMs === undefined ? '' : new Date(wallMs + resetMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return (
    (limit === undefined ? '' : `anthropic-ratelimit-${of}-limit: ${limit}\r\n`) +
    (remaining === undefined ? '' : `anthropic-ratelimit-${of}-remaining: ${remaining}\r\n`) +
    (reset === '' ? '' : `anthropic-ratelimit-${of}-reset: ${reset}\r\n`)
  );
}

/** Complete header lines in the style of the client's SDKs. */
export function rateLimitLines(limits: readonly RateLimit[], style: RateLimitStyle, wallMs: number): string {
  return limits.map((limit) => (style === 'openai' ? openaiLines(limit) : anthropicLines(limit, wallMs))).join('');
}
