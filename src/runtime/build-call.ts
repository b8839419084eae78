// The call that carries an exchange to one endpoint: head and body as a plain backend or an AI provider gets them.
import type { ErrorCode } from '../errors/codes.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { type CallReceiver, UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { AiExchange } from './ai-exchange.ts';
import type { CompiledEndpoint } from './endpoint-set.ts';
import type { PlanTarget } from './plan.ts';
import { plainRequestHead, providerRequestHead } from './upstream-head.ts';

/** Bodies up to this leave in one write together with their head. */
const MAX_TEXT_BODY_BYTES = 16 * 1024;

/** RFC 9112 §9.6: who will not use the connection again says so. */
const CLOSE_LINE = 'connection: close\r\n';

export interface CallSource {
  readonly exchange: Exchange;
  /** AI facts of the request; undefined on plain routes. */
  readonly ai: AiExchange | undefined;
  /** Lines of the gateway's own for plain backends. */
  readonly ownLines: string;
  readonly receiver: CallReceiver;
}

/** An error code when the target cannot be asked this at all. */
export function buildCall(
  source: CallSource,
  target: PlanTarget,
  endpoint: CompiledEndpoint,
): UpstreamCall | ErrorCode {
  const { provider } = target.backend;
  const { ai, exchange, receiver } = source;
  if (provider === undefined || ai === undefined) return plainCall(source, target, endpoint);
  const request = ai.requestFor(target, provider);
  if (typeof request === 'string') return request;
  const isChunked = request.isStreamed && request.bodyBytes < 0;
  let text = providerRequestHead(exchange, endpoint, provider, request.path);
  if (endpoint.closes) text += CLOSE_LINE;
  if (isChunked) text += 'transfer-encoding: chunked\r\n\r\n';
  else text += request.hasBody ? `content-length: ${request.bodyBytes}\r\n\r\n${request.text}` : '\r\n';
  return new UpstreamCall(receiver, {
    method: exchange.method,
    text,
    bytes: request.bytes,
    stream: request.isStreamed ? exchange.body : undefined,
    isChunked,
    isUpgrade: false,
    timeouts: target.timeouts,
  });
}

function plainCall(
  { exchange, ownLines, receiver }: CallSource,
  { timeouts }: PlanTarget,
  endpoint: CompiledEndpoint,
): UpstreamCall {
  const body = exchange.body;
  let text = plainRequestHead(exchange, endpoint, ownLines);
  if (exchange.isUpgrade) text += `connection: Upgrade\r\nupgrade: ${exchange.upgradeToken}\r\n`;
  else if (endpoint.closes) text += CLOSE_LINE;
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
  const stream = isStreamed ? body : undefined;
  return new UpstreamCall(receiver, {
    method: exchange.method,
    text,
    bytes,
    stream,
    isChunked,
    isUpgrade: exchange.isUpgrade,
    timeouts,
  });
}

/** A request with one of these methods announces an empty body (RFC 9110 §8.6). */
function hasBodyByMeaning(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}
