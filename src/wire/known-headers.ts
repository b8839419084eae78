// Field names the gateway itself reads, each with a small number, so that the parser names a field once and nobody compares strings again.
import { LOWER } from './characters.ts';

const NAMES = [
  'accept',
  'accept-encoding',
  'accept-language',
  'api-key',
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'etag',
  'expect',
  'forwarded',
  'host',
  'idempotency-key',
  'keep-alive',
  'location',
  'max-forwards',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'origin',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'referer',
  'retry-after',
  'server',
  'set-cookie',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'vary',
  'via',
  'x-api-key',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-goog-api-key',
  'x-request-id',
] as const;

export type KnownHeader = (typeof NAMES)[number];

/** 0 is "not known"; known names count from 1. */
const IDS = new Map<string, number>(NAMES.map((name, index) => [name, index + 1]));

/** Lower-case spelling by number; index 0 is unused. */
export const KNOWN_HEADER_NAMES: readonly string[] = ['', ...NAMES];

/** The number of a known lower-case name, else 0. */
export function knownHeaderId(name: string): number {
  return IDS.get(name) ?? 0;
}

/** The number of a name that is surely known. */
export function headerId(name: KnownHeader): number {
  return IDS.get(name) ?? 0;
}

const BUCKETS = 4096;

/** Length, first, last and middle byte: no two known names collide (checked below), so one comparison settles a look-up. */
function bucketOf(length: number, first: number, last: number, middle: number): number {
  return (length * 96 + first * 155 + last * 90 + middle * 223) & (BUCKETS - 1);
}

const BY_BUCKET = new Uint8Array(BUCKETS);
for (const [name, id] of IDS) {
  const bucket = bucketOf(
    name.length,
    name.charCodeAt(0),
    name.charCodeAt(name.length - 1),
    name.charCodeAt(name.length >> 1),
  );
  if (BY_BUCKET[bucket] !== 0)
    throw new Error(`known header ${name} collides with ${KNOWN_HEADER_NAMES[BY_BUCKET[bucket]]}`);
  BY_BUCKET[bucket] = id;
}

/** The number of the name at `bytes[start, end)` in any case, or 0. */
export function knownHeaderIdOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const id =
    BY_BUCKET[bucketOf(length, LOWER[bytes[start]], LOWER[bytes[end - 1]], LOWER[bytes[start + (length >> 1)]])];
  if (id === 0) return 0;
  const name = KNOWN_HEADER_NAMES[id];
  if (name.length !== length) return 0;
  for (let index = 0; index < length; index++) {
    if (LOWER[bytes[start + index]] !== name.charCodeAt(index)) return 0;
  }
  return id;
}
