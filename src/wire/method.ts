// What the standard says of request methods, for those who may send a request twice or to a copy of the data.

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** TRACE is safe too, but is refused before anybody asks (server/admit.ts). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Sending it twice means what sending it once does (RFC 9110 §9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** It only reads (RFC 9110 §9.2.1). */
export function isSafe(method: string): boolean {
  return SAFE.has(method);
}
