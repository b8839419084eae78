// RFC 9457 problem documents and RFC 9209 Proxy-Status fields from the table of codes.
import { ERROR_CODES, type ErrorCode } from './codes.ts';

/** The body of an error reply (`application/problem+json`). `instance` is the request id, which the log line holds too. */
export function problemDocument(code: ErrorCode, detail: string, requestId: string): string {
  const entry = ERROR_CODES[code];
  return JSON.stringify({
    type: `urn:switchyard:error:${code}`,
    title: entry.title,
    status: entry.status,
    ...(detail === '' ? {} : { detail }),
    instance: `urn:request:${requestId}`,
    code,
  });
}

/** Value of Proxy-Status for an error of the gateway or an endpoint, or undefined when the client is at fault. */
export function proxyStatus(code: ErrorCode): string | undefined {
  const token = ERROR_CODES[code].proxyStatus;
  return token === undefined ? undefined : `switchyard; error=${token}`;
}
