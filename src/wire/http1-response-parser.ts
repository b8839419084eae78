// Bytes of an endpoint's connection → one response head, and how its body ends (RFC 9112 §6.3).
import { equalsIgnoringCase } from '../base/ascii-case.ts';
import { latin1 } from '../base/latin1.ts';
import { FIELD_VALUE } from './characters.ts';
import { parseLength } from './content-length.ts';
import { NEED_MORE, parseFields } from './field-parser.ts';
import { HeaderList } from './header-list.ts';
import { headerId } from './known-headers.ts';

const ID_CONNECTION = headerId('connection');
const ID_CONTENT_LENGTH = headerId('content-length');
const ID_KEEP_ALIVE = headerId('keep-alive');
const ID_TRANSFER_ENCODING = headerId('transfer-encoding');

export type BodyFraming = 'none' | 'length' | 'chunked' | 'until-close';

/** One parsed response head; reused for every response of a connection. */
export class ResponseHead {
  status = 0;
  reason = '';
  minorVersion = 1;
  framing: BodyFraming = 'none';
  /** Body bytes for framing `length`; for a HEAD answer the declared length, else -1. */
  contentLength = -1;
  /** The connection cannot carry another request. */
  closes = false;
  hasNominatedFields = false;
  /** `Keep-Alive: timeout=` in seconds, -1 when not announced. */
  keepAliveSeconds = -1;
  readonly headers: HeaderList = new HeaderList();

  reset(): void {
    this.status = 0;
    this.reason = '';
    this.minorVersion = 1;
    this.framing = 'none';
    this.contentLength = -1;
    this.closes = false;
    this.hasNominatedFields = false;
    this.keepAliveSeconds = -1;
    this.headers.clear();
  }
}

export const BAD_RESPONSE = -1;
const MAX_FIELDS = 256;
const CR = 13;
const LF = 10;
const PREFIX = Buffer.from('HTTP/1.', 'latin1');

/**
 * Parses the head at `bytes[start, end)`; `method` is the request's, because HEAD and CONNECT answers have no body whatever
 * they declare. Returns the offset behind the head, NEED_MORE or BAD_RESPONSE.
 */
export function parseResponseHead(
  bytes: Buffer,
  start: number,
  end: number,
  method: string,
  head: ResponseHead,
): number {
  head.reset();
  for (let index = 0; index < PREFIX.length; index++) {
    if (start + index >= end) return NEED_MORE;
    if (bytes[start + index] !== PREFIX[index]) return BAD_RESPONSE;
  }
  if (end - start < 13) return NEED_MORE;
  const minor = bytes[start + 7] - 48;
  const hundreds = bytes[start + 9] - 48;
  const tens = bytes[start + 10] - 48;
  const ones = bytes[start + 11] - 48;
  if (minor < 0 || minor > 9 || bytes[start + 8] !== 32) return BAD_RESPONSE;
  if (hundreds < 1 || hundreds > 9 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return BAD_RESPONSE;
  let position = start + 12;
  if (bytes[position] === 32) position++;
  else if (bytes[position] !== CR) return BAD_RESPONSE;
  const reasonStart = position;
  while (position < end && FIELD_VALUE[bytes[position]] === 1) position++;
  if (position + 1 >= end) return position < end && bytes[position] !== CR ? BAD_RESPONSE : NEED_MORE;
  if (bytes[position] !== CR || bytes[position + 1] !== LF) return BAD_RESPONSE;
  const headEnd = parseFields(bytes, position + 2, end, start, head.headers, MAX_FIELDS);
  if (headEnd <= 0) return headEnd === NEED_MORE ? NEED_MORE : BAD_RESPONSE;
  const text = latin1(bytes, start, headEnd);
  head.headers.attach(text, headEnd - start - 2);
  head.minorVersion = minor === 0 ? 0 : 1;
  head.status = hundreds * 100 + tens * 10 + ones;
  head.reason = text.slice(reasonStart - start, position - start);
  return interpret(head, method) ? headEnd : BAD_RESPONSE;
}

function interpret(head: ResponseHead, method: string): boolean {
  const headers = head.headers;
  let lengths = 0;
  let codings = 0;
  let keepsAlive = false;
  for (let index = 0; index < headers.count; index++) {
    const id = headers.ids[index];
    if (id === ID_CONTENT_LENGTH) {
      const length = parseLength(headers.text, headers.spans[(index << 2) + 2], headers.spans[(index << 2) + 3]);
      if (length < 0) return false;
      // A list of one value repeated is collapsed (RFC 9110 §8.6), two different lengths are a smuggling attempt.
      if (lengths > 0 && length !== head.contentLength) return false;
      if (lengths > 0) headers.dropped[index] = 1;
      lengths++;
      head.contentLength = length;
    } else if (id === ID_TRANSFER_ENCODING) codings++;
    else if (id === ID_CONNECTION) keepsAlive = readConnection(headers.valueAt(index), head) || keepsAlive;
    else if (id === ID_KEEP_ALIVE) head.keepAliveSeconds = keepAliveTimeout(headers.valueAt(index));
  }
  if (head.minorVersion === 0 && !keepsAlive) head.closes = true;
  return frameBody(head, method, codings);
}

function readConnection(value: string, head: ResponseHead): boolean {
  if (equalsIgnoringCase(value, 'keep-alive')) return true;
  let keepsAlive = false;
  for (const part of value.split(',')) {
    const option = part.trim().toLowerCase();
    if (option === 'close') head.closes = true;
    else if (option === 'keep-alive') keepsAlive = true;
    else if (option !== '') head.hasNominatedFields = true;
  }
  return keepsAlive;
}

function keepAliveTimeout(value: string): number {
  const found = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(value);
  return found === null ? -1 : Number(found[1]);
}

/** RFC 9112 §6.3, in its order. */
function frameBody(head: ResponseHead, method: string, codings: number): boolean {
  const status = head.status;
  if (status < 200 || status === 204) {
    head.framing = 'none';
    // RFC 9110 §8.6: these may not carry the fields at all; a body that follows would desynchronise the connection.
    return codings === 0 || status >= 200;
  }
  if (method === 'HEAD' || status === 304) {
    head.framing = 'none';
    return true;
  }
  if (codings > 0) {
    if (head.contentLength !== -1 || head.minorVersion === 0) return false;
    if ((head.headers.get('transfer-encoding') ?? '').toLowerCase() !== 'chunked') return false;
    head.framing = 'chunked';
    return true;
  }
  if (head.contentLength !== -1) {
    head.framing = head.contentLength === 0 ? 'none' : 'length';
    return true;
  }
  head.framing = 'until-close';
  head.closes = true;
  return true;
}
