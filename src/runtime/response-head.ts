// The head of a forwarded answer: the endpoint's fields less the hop-by-hop ones, plus ours.
import type { Exchange } from '../pipeline/exchange.ts';
import type { ReplyFraming } from '../pipeline/reply-writer.ts';
import { dropHopByHop } from '../wire/hop-by-hop.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { headerId } from '../wire/known-headers.ts';
import { dateLine } from './date-line.ts';
import { requestIdLine } from './upstream-head.ts';

/** An AI provider's answer has no business with these: one that sends a credential back would hand ours to the client. */
const IS_CREDENTIAL = new Uint8Array(256);
for (const name of [
  'authorization',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'proxy-authorization',
  'cookie',
  'set-cookie',
] as const) {
  IS_CREDENTIAL[headerId(name)] = 1;
}
const ID_CONTENT_LENGTH = headerId('content-length');
const ID_DATE = headerId('date');
const ID_PROXY_AUTHENTICATE = headerId('proxy-authenticate');
const ID_TRAILER = headerId('trailer');
const ID_VIA = headerId('via');
const ID_REQUEST_ID = headerId('x-request-id');
const OWN_REQUEST_ID = 'x-switchyard-request-id';

export interface AnswerOptions {
  /** An AI provider's cookies are its own affair, and credentials never come back. */
  readonly dropsCredentials: boolean;
  /** The relay changes the body, so its length is not the endpoint's. */
  readonly changesLength: boolean;
}

/** How the answer is framed towards the client. */
export function framingOf(head: ResponseHead, method: string, changesLength: boolean): ReplyFraming {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return 'none';
  if (changesLength || head.contentLength === -1) return 'chunked';
  return 'length';
}

/** Drops what must not be passed on; returns the lines of our own. */
export function prepareAnswer(head: ResponseHead, exchange: Exchange, via: string, options: AnswerOptions): string {
  const headers = head.headers;
  dropHopByHop(headers, head.hasNominatedFields);
  let hasDate = false;
  let hasRequestId = false;
  let earlierVia = '';
  for (let index = 0; index < headers.count; index++) {
    const id = headers.ids[index];
    if (id === 0 || headers.dropped[index] === 1) continue;
    if (id === ID_DATE) hasDate = true;
    else if (id === ID_REQUEST_ID) hasRequestId = true;
    else if (id === ID_PROXY_AUTHENTICATE) headers.dropped[index] = 1;
    else if (id === ID_TRAILER && !exchange.acceptsTrailers) headers.dropped[index] = 1;
    else if (IS_CREDENTIAL[id] === 1 && options.dropsCredentials) headers.dropped[index] = 1;
    else if (id === ID_CONTENT_LENGTH && (options.changesLength || head.status === 204)) headers.dropped[index] = 1;
    else if (id === ID_VIA) {
      earlierVia += `${headers.valueAt(index)}, `;
      headers.dropped[index] = 1;
    }
  }
  let lines = earlierVia === '' ? ownViaLine(via) : `via: ${earlierVia}1.1 ${via}\r\n`;
  if (!hasDate) lines += dateLine();
  if (!hasRequestId) return lines + requestIdLine(exchange);
  // An AI provider's own id stays: its support asks for it, and SDKs show it. Ours, which is in the log, goes beside it.
  if (options.dropsCredentials) {
    headers.delete(OWN_REQUEST_ID);
    lines += `${OWN_REQUEST_ID}: ${exchange.requestId}\r\n`;
  }
  return lines;
}

let lastVia = '';
let lastViaLine = '';

/** hot: the same on every answer. */
function ownViaLine(via: string): string {
  if (via !== lastVia) {
    lastViaLine = `via: 1.1 ${via}\r\n`;
    lastVia = via;
  }
  return lastViaLine;
}
