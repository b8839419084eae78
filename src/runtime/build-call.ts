// The call that carries an exchange to one endpoint: head and body as a plain backend or an AI provider gets them.
import type { MaybePromise } from '../base/types.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { type CallReceiver, UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { AiExchange } from './ai-exchange.ts';
import type { AiRequest } from './ai-request.ts';
import type { AiRefusal } from './ai-translation.ts';
import type { CompiledProvider } from './compiled-backend.ts';
import type { CompiledEndpoint } from './endpoint-set.ts';
import type { PlanTarget } from './plan.ts';
import { carriesCredential, plainRequestHead, providerRequestHead } from './upstream-head.ts';

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

/** A refusal when the target cannot be asked this at all; a promise where its credential takes time, which may reject. */
export function buildCall(
  source: CallSource,
  target: PlanTarget,
  endpoint: CompiledEndpoint,
): MaybePromise<UpstreamCall> | AiRefusal {
  const { provider } = target.backend;
  const { ai } = source;
  if (provider === undefined || ai === undefined) return plainCall(source, target, endpoint);
  const request = ai.requestFor(target, provider);
  if ('code' in request) return request;
  const { authorize } = provider;
  const isClients = provider.forwardsCredential && carriesCredential(source.exchange.headers);
  if (authorize === undefined || isClients) return providerCall(source, target, endpoint, { request, lines: '' });
  const { path, query, text, bytes } = request;
  const { method } = source.exchange;
  const body = bytes ?? Buffer.from(text, 'latin1');
  const lines = authorize({ method, authority: authorityOf(endpoint), path, query, body });
  if (!(lines instanceof Promise)) return providerCall(source, target, endpoint, { request, lines });
  return lines.then((settled) => providerCall(source, target, endpoint, { request, lines: settled }));
}

/** As its `Host` says it. */
function authorityOf({ hostLine = '' }: CompiledEndpoint): string {
  return hostLine.slice('host: '.length, -'\r\n'.length);
}

/** `lines`: the credential where it was made for this request. */
function providerCall(
  { exchange, receiver }: CallSource,
  { backend, timeouts }: PlanTarget,
  endpoint: CompiledEndpoint,
  { request, lines }: { readonly request: AiRequest; readonly lines: string },
): UpstreamCall {
  const isChunked = request.isStreamed && request.bodyBytes < 0;
  let text = providerRequestHead(exchange, endpoint, backend.provider as CompiledProvider, request) + lines;
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
    timeouts,
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
