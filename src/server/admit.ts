// Turns a parsed head into an Exchange: path policy, forwarding loops, client facts. Both protocols in this folder go through here.
import type { ErrorCode } from '../errors/codes.ts';
import { type ClientFacts, Exchange } from '../pipeline/exchange.ts';
import type { ReplyWriter } from '../pipeline/reply-writer.ts';
import type { RequestHead } from '../wire/http1-request-parser.ts';
import { headerId } from '../wire/known-headers.ts';
import { normalisePath, type PathRules } from '../wire/path-normal.ts';
import { forwardedClient } from './forwarded-client.ts';

const ID_TE = headerId('te');

/** The exchange of a request that will be refused: nothing about it is decided, so nothing can fail. */
export function admitRefused(head: RequestHead, client: ClientFacts, writer: ReplyWriter, nowMs: number): Exchange {
  return createExchange(head, client, head.rawPath, writer, nowMs);
}

/** The exchange of a head, or the code that refuses it. `nowMs` is monotonic. */
export function admit(
  head: RequestHead,
  client: ClientFacts,
  rules: PathRules,
  writer: ReplyWriter,
  nowMs: number,
): Exchange | ErrorCode {
  // RFC 9110 §9.3.8: TRACE reflects credentials; it is off.
  if (head.method === 'TRACE') return 'request.method-not-allowed';
  let path = head.rawPath;
  if (head.isPathIrregular && path !== '*') {
    const normal = normalisePath(path, rules);
    if (normal === undefined) return 'request.path-refused';
    path = normal;
  }
  return createExchange(head, client, path, writer, nowMs);
}

function createExchange(
  head: RequestHead,
  client: ClientFacts,
  path: string,
  writer: ReplyWriter,
  nowMs: number,
): Exchange {
  const exchange = new Exchange(
    client,
    writer,
    {
      method: head.method,
      path,
      query: head.query,
      host: head.host,
      authority: head.authority,
      headers: head.headers,
      minorVersion: head.minorVersion,
      hasNominatedFields: head.hasNominatedFields,
    },
    nowMs,
  );
  if (client.isTrusted)
    exchange.clientIp = forwardedClient(head.headers.get('x-forwarded-for'), client.ip, client.isTrustedProxy);
  const te = head.headers.getKnown(ID_TE);
  if (te !== undefined) exchange.acceptsTrailers = /(^|,)\s*trailers\s*(;|,|$)/i.test(te);
  return exchange;
}
