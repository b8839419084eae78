// Max-Forwards on OPTIONS (RFC 9110 §7.6.2): the hop at which it reaches zero answers, every other one takes one off.
import type { Exchange } from '../pipeline/exchange.ts';
import { createReply, type Reply } from '../pipeline/reply.ts';

/** Methods we serve; TRACE would show a caller the fields that hops in between added, CONNECT would make us an open tunnel. */
export const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/** The gateway's own answer when the request may go no further; else the request is one hop older. A malformed count is passed on. */
export function takeForward(exchange: Exchange): Reply | undefined {
  const left = exchange.headers.get('max-forwards');
  if (left === undefined || !/^\d{1,9}$/.test(left)) return undefined;
  if (Number(left) === 0) return createReply(204, [['allow', ALLOWED_METHODS]], undefined);
  exchange.headers.set('Max-Forwards', String(Number(left) - 1));
  return undefined;
}
