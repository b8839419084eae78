// The head of a request to an endpoint, rebuilt from parsed fields: what the client sent, less what is ours to say, plus what we say.
import type { Exchange } from '../pipeline/exchange.ts';
import type { HeaderList } from '../wire/header-list.ts';
import { dropHopByHop } from '../wire/hop-by-hop.ts';
import { headerId, KNOWN_HEADER_NAMES } from '../wire/known-headers.ts';
import type { CompiledEndpoint, CompiledProvider } from './compiled-backend.ts';

const ID_FORWARDED_FOR = headerId('x-forwarded-for');
const ID_VIA = headerId('via');

/** Fields the gateway writes itself on every upstream request. */
const OURS = flags(
  'content-length',
  'expect',
  'host',
  'proxy-authorization',
  'trailer',
  'traceparent',
  'via',
  'x-request-id',
);
const FORWARDED = flags('x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded');
const CREDENTIALS = flags('authorization', 'api-key', 'x-api-key', 'x-goog-api-key');
/**
 * What an AI provider gets of the client's fields; an allow-list, because any other may be a credential or tell the provider
 * about the client. `accept-encoding` is ours: usage is read from the answer, so it must come uncompressed.
 */
const AI_ALLOWED = flags(
  'accept',
  'content-type',
  'idempotency-key',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'tracestate',
  'user-agent',
);

function flags(...names: readonly string[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const name of names) table[KNOWN_HEADER_NAMES.indexOf(name)] = 1;
  table[0] = 0;
  return table;
}

function drop(headers: HeaderList, table: Uint8Array): void {
  for (let index = 0; index < headers.count; index++) if (table[headers.ids[index]] === 1) headers.dropped[index] = 1;
}

/** Takes out of the client's fields what never travels. Once per exchange, before the first attempt. */
export function prepareRequestHeaders(exchange: Exchange, via: string): string {
  const headers = exchange.headers;
  dropHopByHop(headers, exchange.hasNominatedFields);
  const earlierVia = headers.getKnown(ID_VIA);
  let forwarded: string;
  if (exchange.client.isTrusted) {
    const chain = headers.getKnown(ID_FORWARDED_FOR);
    forwarded = `x-forwarded-for: ${chain === undefined ? '' : `${chain}, `}${exchange.client.ip}\r\n`;
    headers.deleteKnown(ID_FORWARDED_FOR);
    if (!headers.has('x-forwarded-proto'))
      forwarded += `x-forwarded-proto: ${exchange.client.isTls ? 'https' : 'http'}\r\n`;
    if (!headers.has('x-forwarded-host')) forwarded += `x-forwarded-host: ${exchange.authority}\r\n`;
  } else {
    drop(headers, FORWARDED);
    forwarded = `${exchange.client.forwardedLines}x-forwarded-host: ${exchange.authority}\r\n`;
  }
  drop(headers, OURS);
  const viaLine = `via: ${earlierVia === undefined ? '' : `${earlierVia}, `}${exchange.httpVersion} ${via}\r\n`;
  return forwarded + viaLine;
}

/** Trace and request id lines of one attempt. */
export function traceLines(exchange: Exchange): string {
  return `x-request-id: ${exchange.requestId}\r\ntraceparent: 00-${exchange.traceId}-${exchange.spanId}-${exchange.traceFlags}\r\n`;
}

/** Request line, Host and the client's remaining fields for a plain backend; the caller adds framing and the blank line. */
export function plainRequestHead(exchange: Exchange, endpoint: CompiledEndpoint, ownLines: string): string {
  const target = exchange.query === '' ? exchange.path : `${exchange.path}?${exchange.query}`;
  const rewritten = exchange.rewrittenHost;
  const host =
    rewritten === undefined ? (endpoint.hostLine ?? `host: ${exchange.authority}\r\n`) : `host: ${rewritten}\r\n`;
  return `${exchange.method} ${target} HTTP/1.1\r\n${host}${exchange.headers.lines()}${ownLines}${traceLines(exchange)}`;
}

/** Drops what an AI provider must not see. Once per exchange. */
export function restrictToProvider(headers: HeaderList, provider: CompiledProvider): void {
  for (let index = 0; index < headers.count; index++) {
    const id = headers.ids[index];
    if (AI_ALLOWED[id] === 1) continue;
    if (CREDENTIALS[id] === 1 && provider.forwardsCredential) continue;
    if (id === 0 && isProviderField(headers.nameAt(index))) continue;
    headers.dropped[index] = 1;
  }
}

/** The official SDKs' own telemetry and beta switches. */
function isProviderField(name: string): boolean {
  return /^(x-stainless-|openai-|anthropic-)/i.test(name);
}

/** The same for an AI provider: its own path and credential instead of the client's. */
export function providerRequestHead(
  exchange: Exchange,
  endpoint: CompiledEndpoint,
  provider: CompiledProvider,
  path: string,
): string {
  const target = exchange.query === '' ? path : `${path}?${exchange.query}`;
  return `${exchange.method} ${target} HTTP/1.1\r\n${endpoint.hostLine ?? ''}${exchange.headers.lines()}${provider.credentialLines}accept-encoding: identity\r\n${traceLines(exchange)}`;
}
