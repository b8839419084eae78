// A reply as filters see it. One forwarded from an endpoint is `streamed`: its bytes flow past, only its head can be changed.
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import { HeaderList } from '../wire/header-list.ts';

export interface Reply {
  status: number;
  /** Empty = the registered phrase. */
  reason: string;
  readonly headers: HeaderList;
  readonly body: Buffer | 'streamed' | undefined;
  /** Set on the gateway's own errors: the client format decides how they are written. */
  readonly error?: { readonly code: ErrorCode; readonly detail: string };
}

/** A complete reply of our own. */
export function createReply(
  status: number,
  fields: readonly (readonly [name: string, value: string])[],
  body: string | undefined,
): Reply {
  const headers = new HeaderList();
  for (const [name, value] of fields) headers.append(name, value);
  return { status, reason: '', headers, body: body === undefined ? undefined : Buffer.from(body) };
}

/** An error reply that says when to come back. */
export function problemUntil(code: ErrorCode, detail: string, afterMs: number): Reply {
  const reply = problem(code, detail);
  reply.headers.append('retry-after', String(Math.max(1, Math.ceil(afterMs / 1000))));
  return reply;
}

/** An error reply; its body is written by the client's format when it is sent (errors/problem.ts or the AI format's own JSON). */
export function problem(code: ErrorCode, detail = ''): Reply {
  return {
    status: ERROR_CODES[code].status,
    reason: '',
    headers: new HeaderList(),
    body: undefined,
    error: { code, detail },
  };
}
