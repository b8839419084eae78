// Field names the gateway itself reads, each with a small number, so that the parser names a field once and nobody compares strings again.

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
  'x-forwarded-client-cert',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-method',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-tls-client-cert',
  'x-forwarded-uri',
  'x-goog-api-key',
  'x-real-ip',
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

/**
 * Length, first and last byte and the one at three quarters: no two known names collide (checked below), so one comparison
 * settles a look-up. The factors are what a random search found for these names.
 */
function bucketOf(length: number, first: number, last: number, inner: number): number {
  return (length * 66 + first * 19 + last * 75 + inner * 138) & (BUCKETS - 1);
}

/** In the middle `x-forwarded-host` and `x-forwarded-port` are alike. */
function innerAt(length: number): number {
  return (length * 3) >> 2;
}

const BY_BUCKET = new Uint8Array(BUCKETS);
for (const [name, id] of IDS) {
  const bucket = bucketOf(
    name.length,
    name.charCodeAt(0),
    name.charCodeAt(name.length - 1),
    name.charCodeAt(innerAt(name.length)),
  );
  if (BY_BUCKET[bucket] !== 0)
    throw new Error(`known header ${name} collides with ${KNOWN_HEADER_NAMES[BY_BUCKET[bucket]]}`);
  BY_BUCKET[bucket] = id;
}

/** The names once more, byte after byte, so that a look-up compares numbers with numbers. */
const NAME_STARTS = new Uint16Array(KNOWN_HEADER_NAMES.length);
const NAME_LENGTHS = new Uint8Array(KNOWN_HEADER_NAMES.length);
const NAME_BYTES = new Uint8Array(Buffer.from(KNOWN_HEADER_NAMES.join('')));
for (let id = 1, at = 0; id < KNOWN_HEADER_NAMES.length; id++) {
  NAME_STARTS[id] = at;
  NAME_LENGTHS[id] = KNOWN_HEADER_NAMES[id].length;
  at += NAME_LENGTHS[id];
}

/**
 * The number of the field name at `bytes[start, end)` in any case, or 0. The bytes are token characters: among those, setting
 * bit 5 lowers letters and leaves `-` and digits as they are, and nothing else becomes one of these.
 * hot: 120 ns a name with string comparison, 35 ns so (bench/micro/parser.ts).
 */
export function knownHeaderIdOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const id = BY_BUCKET[bucketOf(length, bytes[start] | 32, bytes[end - 1] | 32, bytes[start + innerAt(length)] | 32)];
  if (id === 0 || NAME_LENGTHS[id] !== length) return 0;
  let at = NAME_STARTS[id];
  for (let index = start; index < end; index++, at++) {
    if ((bytes[index] | 32) !== NAME_BYTES[at]) return 0;
  }
  return id;
}
