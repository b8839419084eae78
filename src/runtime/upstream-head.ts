// The head of a request to an endpoint, rebuilt from parsed fields: what the client sent, less what is ours to say, plus what we say.

import { isCredentialHeader } from '../base/credential-header.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { REQUEST_ID_LINE_LENGTH } from '../telemetry/id-lines.ts';
import type { HeaderList } from '../wire/header-list.ts';
import { dropHopByHop } from '../wire/hop-by-hop.ts';
import { headerId, KNOWN_HEADER_NAMES } from '../wire/known-headers.ts';
import type { AiRequest } from './ai-request.ts';
import type { CompiledProvider } from './compiled-backend.ts';
import type { CompiledEndpoint } from './endpoint-set.ts';

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
/** What only a trusted proxy may say. Services behind take scheme, address and even certificates from these. */
const FORWARDED = flags(
  'forwarded',
  'x-forwarded-client-cert',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-method',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-tls-client-cert',
  'x-forwarded-uri',
  'x-real-ip',
);
const CREDENTIALS = flags('authorization', 'api-key', 'x-api-key', 'x-goog-api-key');
/** Whose account is charged: the backend's settings win over the client's wish. */
const ACCOUNT = flags('openai-organization', 'openai-project');
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
/** Of those, what says nothing of the client's wire or account. */
const TRANSLATED_ALLOWED = flags('idempotency-key', 'tracestate', 'user-agent');

function flags(...names: readonly string[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const name of names) table[KNOWN_HEADER_NAMES.indexOf(name)] = 1;
  table[0] = 0;
  return table;
}

function drop(headers: HeaderList, table: Uint8Array): void {
  for (let index = 0; index < headers.count; index++) if (table[headers.ids[index]] === 1) headers.dropped[index] = 1;
}

/** Takes out of the client's fields what never travels to any endpoint. Once per exchange, before the first attempt. */
export function dropOwnFields(exchange: Exchange): void {
  dropHopByHop(exchange.headers, exchange.hasNominatedFields);
  drop(exchange.headers, OURS);
  if (exchange.tenantKeyFields !== undefined)
    for (const name of exchange.tenantKeyFields) exchange.headers.delete(name);
}

/** Fields of ours for a plain backend: where the request came from and which way it came. Before `dropOwnFields`. */
export function forwardingLines(exchange: Exchange, via: string): string {
  const { headers, client } = exchange;
  const earlierVia = headers.getKnown(ID_VIA);
  if (earlierVia === undefined && !client.isTrusted && exchange.minorVersion === 1) {
    // hot: the same on every request of a connection, as long as its Host is.
    drop(headers, FORWARDED);
    const { memo } = client;
    if (memo.authority !== exchange.authority) {
      memo.authority = exchange.authority;
      memo.lines = `${client.forwardedLines}x-forwarded-host: ${exchange.authority}\r\nvia: 1.1 ${via}\r\n`;
    }
    return memo.lines;
  }
  let forwarded: string;
  if (exchange.client.isTrusted) {
    const chain = headers.get('x-forwarded-for');
    forwarded = `x-forwarded-for: ${chain === undefined || chain === '' ? '' : `${chain}, `}${exchange.client.ip}\r\n`;
    headers.deleteKnown(ID_FORWARDED_FOR);
    if (!headers.has('x-forwarded-proto'))
      forwarded += `x-forwarded-proto: ${exchange.client.isTls ? 'https' : 'http'}\r\n`;
    if (!headers.has('x-forwarded-host')) forwarded += `x-forwarded-host: ${exchange.authority}\r\n`;
  } else {
    drop(headers, FORWARDED);
    forwarded = `${exchange.client.forwardedLines}x-forwarded-host: ${exchange.authority}\r\n`;
  }
  const viaLine = `via: ${earlierVia === undefined ? '' : `${headers.get('via')}, `}${exchange.httpVersion} ${via}\r\n`;
  return forwarded + viaLine;
}

/** As the client and the endpoint are told of it. hot: a slice of the lines that were made with the id. */
export function requestIdLine({ idLines, requestId }: Exchange): string {
  return idLines === undefined ? `x-request-id: ${requestId}\r\n` : idLines.slice(0, REQUEST_ID_LINE_LENGTH);
}

/** Trace and request id lines of one attempt. */
export function traceLines(exchange: Exchange): string {
  if (exchange.idLines !== undefined) return exchange.idLines;
  return `x-request-id: ${exchange.requestId}\r\ntraceparent: 00-${exchange.traceId}-${exchange.spanId}-${exchange.traceFlags}\r\n`;
}

let lastHost = '';
let lastHostLine = 'host: \r\n';

/** hot: made once for as long as requests are for one host. */
function hostLine(host: string): string {
  if (host !== lastHost) {
    lastHostLine = `host: ${host}\r\n`;
    lastHost = host;
  }
  return lastHostLine;
}

/** Request line, Host and the client's remaining fields for a plain backend; the caller adds framing and the blank line. */
export function plainRequestHead(
  exchange: Exchange,
  endpoint: Pick<CompiledEndpoint, 'hostLine'>,
  ownLines: string,
): string {
  const target = exchange.query === '' ? exchange.path : `${exchange.path}?${exchange.query}`;
  const rewritten = exchange.rewrittenHost;
  const host = rewritten === undefined ? (endpoint.hostLine ?? hostLine(exchange.authority)) : hostLine(rewritten);
  return `${exchange.method} ${target} HTTP/1.1\r\n${host}${exchange.headers.lines()}${ownLines}${traceLines(exchange)}`;
}

/** Which of the client's fields stay behind, for one attempt; the thread's, valid until the next request head is built. */
let withheld = new Uint8Array(128);

/**
 * Marks in `withheld` what this provider must not see, and tells whether the client's own credential travels. The fields
 * themselves stay as they are: the next candidate may be one that gets more or less of them, and the log shows them all.
 */
function withhold(headers: HeaderList, provider: CompiledProvider, isTranslated: boolean): boolean {
  const allowed = isTranslated ? TRANSLATED_ALLOWED : AI_ALLOWED;
  if (withheld.length < headers.count) withheld = new Uint8Array(headers.count * 2);
  let hasCredential = false;
  for (let index = 0; index < headers.count; index++) {
    const id = headers.ids[index];
    let isSent = headers.dropped[index] === 0;
    if (isSent && allowed[id] === 0) {
      if (CREDENTIALS[id] === 1) {
        isSent = provider.forwardsCredential;
        hasCredential ||= isSent;
      } else isSent = id === 0 && !isTranslated && isProviderField(headers.nameAt(index));
    } else if (isSent && ACCOUNT[id] === 1) isSent = !hasField(provider.keylessLines, headers.nameAt(index));
    withheld[index] = isSent ? 0 : 1;
  }
  return hasCredential;
}

/** The client sent a credential of its own. */
export function carriesCredential(headers: HeaderList): boolean {
  for (let index = 0; index < headers.count; index++)
    if (CREDENTIALS[headers.ids[index]] === 1 && headers.dropped[index] === 0) return true;
  return false;
}

function hasField(lines: string, name: string): boolean {
  return lines !== '' && `\n${lines}`.includes(`\n${name.toLowerCase()}:`);
}

/** The official SDKs' own telemetry and beta switches, unless the name says that a secret is in it. */
function isProviderField(name: string): boolean {
  return /^(x-stainless-|openai-|anthropic-)/i.test(name) && !isCredentialHeader(name.toLowerCase());
}

/** What takes the place of fields that are to be sent: they stay behind themselves. After `withhold`. */
function rewrittenLines(headers: HeaderList, fields: ReadonlyMap<string, (value: string) => string>): string {
  let lines = '';
  for (let index = 0; index < headers.count; index++) {
    if (withheld[index] === 1) continue;
    const name = headers.nameAt(index).toLowerCase();
    const rewrite = fields.get(name);
    if (rewrite === undefined) continue;
    withheld[index] = 1;
    const value = rewrite(headers.valueAt(index));
    if (value !== '') lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** Lines of fields that the client does not send. After `withhold`. */
function defaultLines(headers: HeaderList, fields: ReadonlyMap<string, string>): string {
  let lines = '';
  for (const [name, line] of fields) if (!sends(headers, name)) lines += line;
  return lines;
}

function sends(headers: HeaderList, lowerName: string): boolean {
  for (let index = 0; index < headers.count; index++)
    if (withheld[index] === 0 && headers.nameAt(index).toLowerCase() === lowerName) return true;
  return false;
}

/** The head for an AI provider: its own path, and its own credential unless the client's is to travel and there is one. */
export function providerRequestHead(
  exchange: Exchange,
  endpoint: CompiledEndpoint,
  provider: CompiledProvider,
  { path, query, isTranslated }: Pick<AiRequest, 'path' | 'query' | 'isTranslated'>,
): string {
  const target = query === '' ? path : `${path}?${query}`;
  let own = withhold(exchange.headers, provider, isTranslated) ? provider.keylessLines : provider.credentialLines;
  const { defaultFields, rewrittenFields } = provider.adapter;
  if (rewrittenFields !== undefined) own += rewrittenLines(exchange.headers, rewrittenFields);
  if (defaultFields !== undefined) own += defaultLines(exchange.headers, defaultFields);
  const type = isTranslated ? 'content-type: application/json\r\n' : '';
  return `${exchange.method} ${target} HTTP/1.1\r\n${endpoint.hostLine ?? ''}${exchange.headers.lines(withheld)}${own}${type}accept-encoding: identity\r\n${traceLines(exchange)}`;
}
