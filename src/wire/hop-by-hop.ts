// Fields that belong to one connection and must not be passed on (RFC 9110 §7.6.1), and those that no sender may nominate away.
import type { HeaderList } from './header-list.ts';
import { headerId } from './known-headers.ts';

const IS_HOP_BY_HOP = new Uint8Array(256);
for (const name of ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'] as const) {
  IS_HOP_BY_HOP[headerId(name)] = 1;
}
const ID_CONNECTION = headerId('connection');

/** Fields that `Connection` cannot strip: framing and routing are ours to decide, credentials must not vanish on the way. */
const PROTECTED = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'authorization',
  'cookie',
  'via',
  'forwarded',
  'set-cookie',
]);

function isProtected(name: string): boolean {
  return PROTECTED.has(name) || name.startsWith('x-forwarded-') || name.startsWith('x-request-id');
}

/**
 * Drops hop-by-hop fields. `hasNominatedFields` is what the parser saw in `Connection`, so that the common case pays for one
 * table look-up per known field. Fields that the gateway added are safe: only received ones can be nominated.
 */
export function dropHopByHop(headers: HeaderList, hasNominatedFields: boolean): void {
  if (hasNominatedFields) dropNominated(headers);
  for (let index = 0; index < headers.count; index++) {
    if (IS_HOP_BY_HOP[headers.ids[index]] === 1) headers.dropped[index] = 1;
  }
}

function dropNominated(headers: HeaderList): void {
  for (let index = 0; index < headers.count; index++) {
    if (headers.ids[index] !== ID_CONNECTION) continue;
    for (const part of headers.valueAt(index).split(',')) {
      const name = part.trim().toLowerCase();
      if (name !== '' && name !== 'close' && !isProtected(name)) headers.deleteReceived(name);
    }
  }
}

/** Trailer fields that may travel on: never framing, routing, authentication or content description (RFC 9110 §6.5.1). */
const FORBIDDEN_TRAILERS = new Set([
  'age',
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'expires',
  'host',
  'keep-alive',
  'location',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'retry-after',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'warning',
  'www-authenticate',
]);

export function isForwardableTrailer(name: string): boolean {
  return !FORBIDDEN_TRAILERS.has(name.toLowerCase());
}

export function dropForbiddenTrailers(trailers: HeaderList): void {
  for (let index = 0; index < trailers.count; index++) {
    if (!isForwardableTrailer(trailers.nameAt(index))) trailers.dropped[index] = 1;
  }
}
