// The call to an endpoint of a plain backend: head, framing, and the body in the same write where it is there and small.
import type { Exchange } from '../pipeline/exchange.ts';
import { type CallReceiver, type CallTimeouts, UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { CompiledEndpoint } from './compiled-backend.ts';
import { plainRequestHead } from './upstream-head.ts';

/** Bodies up to this leave in one write together with their head. */
const MAX_TEXT_BODY_BYTES = 16 * 1024;

export interface PlainCallParts {
  readonly endpoint: CompiledEndpoint;
  /** Of `forwardingLines`. */
  readonly ownLines: string;
  readonly timeouts: CallTimeouts;
}

export function plainCall(receiver: CallReceiver, exchange: Exchange, parts: PlainCallParts): UpstreamCall {
  const body = exchange.body;
  let text = plainRequestHead(exchange, parts.endpoint, parts.ownLines);
  if (exchange.isUpgrade) text += `connection: Upgrade\r\nupgrade: ${exchange.upgradeToken}\r\n`;
  let bytes: Buffer | undefined;
  const isStreamed = body.whole === undefined;
  const isChunked = isStreamed && body.declaredBytes < 0;
  if (isStreamed)
    text += isChunked ? 'transfer-encoding: chunked\r\n\r\n' : `content-length: ${body.declaredBytes}\r\n\r\n`;
  else {
    const length = body.wholeEnd - body.wholeStart;
    text += length > 0 || hasBodyByMeaning(exchange.method) ? `content-length: ${length}\r\n\r\n` : '\r\n';
    if (length > MAX_TEXT_BODY_BYTES) bytes = body.wholeBytes();
    else if (length > 0) text += body.wholeText();
  }
  return new UpstreamCall(receiver, {
    method: exchange.method,
    text,
    bytes,
    stream: isStreamed ? body : undefined,
    isChunked,
    isUpgrade: exchange.isUpgrade,
    timeouts: parts.timeouts,
  });
}

/** A request with one of these methods announces an empty body (RFC 9110 §8.6). */
function hasBodyByMeaning(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}
