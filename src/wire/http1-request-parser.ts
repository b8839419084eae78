// Bytes of a client connection → one request head. Every verdict of the listener about heads is made here, for the fast path
// and, through re-serialised fields, for connections served by node:http as well.
import { equalsIgnoringCase } from '../base/ascii-case.ts';
import { latin1 } from '../base/latin1.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { HOST, PATH, QUERY, TOKEN } from './characters.ts';
import { parseLength } from './content-length.ts';
import { BAD_FIELD, NEED_MORE, parseFields } from './field-parser.ts';
import { HeaderList } from './header-list.ts';
import { headerId } from './known-headers.ts';

export interface HeadLimits {
  readonly maxHeadBytes: number;
  readonly maxTargetBytes: number;
  readonly maxHeaders: number;
}

/** Why a legal request is outside the strict common subset and is served through node:http (design decision 2). */
export type HandOffReason =
  | 'transfer-encoding'
  | 'expect'
  | 'upgrade'
  | 'http-1.0'
  | 'absolute-form'
  | 'asterisk-form'
  | 'connect';

const ID_CONNECTION = headerId('connection');
const ID_CONTENT_LENGTH = headerId('content-length');
const ID_EXPECT = headerId('expect');
const ID_HOST = headerId('host');
const ID_TRANSFER_ENCODING = headerId('transfer-encoding');
const ID_UPGRADE = headerId('upgrade');

/** One parsed head; reused for every request of a connection. Strings are slices of the head's text. */
export class RequestHead {
  method = '';
  /** As received. */
  target = '';
  /** Path part of the target as received; absolute-form already reduced to it. */
  rawPath = '';
  /** Query without `?`. */
  query = '';
  /** The path holds something to normalise: `%`, `//` or a dot segment. */
  isPathIrregular = false;
  minorVersion = 1;
  /** Host in lower case, without port. */
  host = '';
  /** Host as received, with port. */
  authority = '';
  /** Bytes of body declared, -1 when none. */
  contentLength = -1;
  isChunked = false;
  expectsContinue = false;
  /** The client wants the connection closed after the answer. */
  wantsClose = false;
  /** The client asks for the connection to be kept open; says something in HTTP/1.0 only. */
  wantsKeepAlive = false;
  /** `Connection` names fields besides close and keep-alive. */
  hasNominatedFields = false;
  handOff: HandOffReason | undefined = undefined;
  error: ErrorCode = 'request.malformed';
  readonly headers: HeaderList = new HeaderList();

  reset(): void {
    this.method = '';
    this.target = '';
    this.rawPath = '';
    this.query = '';
    this.isPathIrregular = false;
    this.minorVersion = 1;
    this.host = '';
    this.authority = '';
    this.contentLength = -1;
    this.isChunked = false;
    this.expectsContinue = false;
    this.wantsClose = false;
    this.wantsKeepAlive = false;
    this.hasNominatedFields = false;
    this.handOff = undefined;
    this.error = 'request.malformed';
    this.headers.clear();
  }
}

const SPACE = 32;
const SLASH = 47;
const DOT = 46;
const PERCENT = 37;
const QUESTION = 63;
const OPEN_BRACKET = 91;
const CR = 13;
const UPPER_G = 71;
const UPPER_P = 80;
const LF = 10;

/** Parsing failed; `head.error` says why. The connection cannot be read any further. */
export const BAD_HEAD = -1;

function fail(head: RequestHead, code: ErrorCode): number {
  head.error = code;
  return BAD_HEAD;
}

/**
 * Parses the head at `bytes[start, end)` into `head`. Returns the offset of the first byte behind it, NEED_MORE (0), or
 * BAD_HEAD. `start` must be greater than 0 or the head non-empty; a returned offset is therefore never 0.
 */
export function parseRequestHead(
  bytes: Buffer,
  start: number,
  end: number,
  limits: HeadLimits,
  head: RequestHead,
): number {
  head.reset();
  let position = start;
  while (position < end && TOKEN[bytes[position]] === 1) position++;
  if (position >= end) return overflow(head, end - start, limits);
  const methodEnd = position;
  if (bytes[position] !== SPACE || methodEnd === start) return fail(head, 'request.malformed');
  const targetStart = ++position;
  const targetEnd = scanTarget(bytes, targetStart, end, head);
  if (targetEnd < 0) return targetEnd;
  if (targetEnd - targetStart > limits.maxTargetBytes) return fail(head, 'request.target-too-long');
  if (targetEnd >= end) return overflow(head, end - start, limits);
  const versionEnd = targetEnd + 11;
  if (versionEnd > end) return checkPartialVersion(bytes, targetEnd, end, head);
  const versionVerdict = parseVersion(bytes, targetEnd + 1, head);
  if (versionVerdict < 0) return versionVerdict;
  const headEnd = parseFields(bytes, versionEnd, end, start, head.headers, limits.maxHeaders);
  if (headEnd <= 0) {
    if (headEnd === NEED_MORE) return overflow(head, end - start, limits);
    return fail(head, headEnd === BAD_FIELD ? 'request.malformed' : 'request.headers-too-large');
  }
  if (headEnd - start > limits.maxHeadBytes) return fail(head, 'request.headers-too-large');
  const text = latin1(bytes, start, headEnd);
  head.headers.attach(text, headEnd - start - 2);
  head.method = methodOf(text, methodEnd - start);
  head.target = text.slice(targetStart - start, targetEnd - start);
  return interpret(head) ? headEnd : BAD_HEAD;
}

/**
 * hot: the usual methods as constants of ours: no string is made, and who compares one with another constant compares two
 * addresses, where a slice is compared by its characters.
 */
function methodOf(text: string, length: number): string {
  const first = text.charCodeAt(0);
  if (first === UPPER_G && length === 3 && text.startsWith('GET')) return 'GET';
  if (first === UPPER_P && length === 4 && text.startsWith('POST')) return 'POST';
  return text.slice(0, length);
}

function overflow(head: RequestHead, haveBytes: number, limits: HeadLimits): number {
  return haveBytes > limits.maxHeadBytes ? fail(head, 'request.headers-too-large') : NEED_MORE;
}

/** Walks the target up to the space behind it. Sets `isPathIrregular`. Returns its end, `end` when incomplete, or BAD_HEAD. */
function scanTarget(bytes: Buffer, start: number, end: number, head: RequestHead): number {
  let position = start;
  let previous = 0;
  let isIrregular = false;
  while (position < end) {
    const byte = bytes[position];
    if (PATH[byte] === 0) break;
    if (byte === PERCENT || (previous === SLASH && (byte === SLASH || byte === DOT))) isIrregular = true;
    previous = byte;
    position++;
  }
  head.isPathIrregular = isIrregular;
  if (position < end && bytes[position] === QUESTION) {
    while (position < end && QUERY[bytes[position]] === 1) position++;
  }
  if (position < end && (bytes[position] !== SPACE || position === start)) return fail(head, 'request.bad-target');
  return position;
}

const VERSION_PREFIX = Buffer.from('HTTP/1.', 'latin1');
const VERSION_SHAPE = Buffer.from('HTTP/d.d\r\n', 'latin1');

/** `HTTP/d.d` CRLF has not arrived whole: what is here must be able to become it. */
function checkPartialVersion(bytes: Buffer, targetEnd: number, end: number, head: RequestHead): number {
  for (let index = 0; targetEnd + 1 + index < end; index++) {
    const byte = bytes[targetEnd + 1 + index];
    const isExpected = index === 5 || index === 7 ? byte >= 48 && byte <= 57 : byte === VERSION_SHAPE[index];
    if (!isExpected) return fail(head, 'request.malformed');
    // Not before the last digit: the verdict must not depend on how the bytes were cut.
    if (index === 7 && bytes[targetEnd + 6] !== 49) return fail(head, 'request.version-not-supported');
  }
  return NEED_MORE;
}

function wrongVersion(bytes: Buffer, at: number, head: RequestHead): number {
  const isHttp = /^HTTP\/\d\.\d$/.test(latin1(bytes, at, at + 8));
  return fail(head, isHttp ? 'request.version-not-supported' : 'request.malformed');
}

function parseVersion(bytes: Buffer, at: number, head: RequestHead): number {
  for (let index = 0; index < VERSION_PREFIX.length; index++) {
    if (bytes[at + index] !== VERSION_PREFIX[index]) return wrongVersion(bytes, at, head);
  }
  const minor = bytes[at + 7] - 48;
  if (minor < 0 || minor > 9) return fail(head, 'request.malformed');
  if (bytes[at + 8] !== CR || bytes[at + 9] !== LF) return fail(head, 'request.malformed');
  // A higher minor version is understood as the highest we know (RFC 9110 §6.2).
  head.minorVersion = minor === 0 ? 0 : 1;
  return 1;
}

/** Reads meaning out of the fields: framing, host, connection. False = refused, `head.error` set. */
function interpret(head: RequestHead): boolean {
  const headers = head.headers;
  const ids = headers.ids;
  let hosts = 0;
  let lengths = 0;
  let codings = 0;
  for (let index = 0; index < headers.count; index++) {
    const id = ids[index];
    if (id === 0) continue;
    if (id === ID_HOST) {
      hosts++;
      head.authority = authorityAt(headers, index);
    } else if (id === ID_CONTENT_LENGTH) {
      lengths++;
      head.contentLength = parseLength(headers.text, headers.spans[(index << 2) + 2], headers.spans[(index << 2) + 3]);
    } else if (id === ID_TRANSFER_ENCODING) codings++;
    else if (id === ID_CONNECTION) readConnection(headers.valueAt(index), head);
    else if (id === ID_EXPECT) head.handOff = 'expect';
    else if (id === ID_UPGRADE && isOffered(headers.valueAt(index))) head.handOff ??= 'upgrade';
  }
  if (!checkFraming(head, lengths, codings)) return false;
  // RFC 9110 §10.1.1: without a body there is nothing to wait for.
  if (head.handOff === 'expect' && head.contentLength <= 0 && !head.isChunked && isContinue(headers)) {
    head.handOff = undefined;
  }
  if (head.minorVersion === 0) {
    head.handOff = 'http-1.0';
    // RFC 9112 §9.3: an HTTP/1.0 connection persists only when asked to.
    if (!head.wantsKeepAlive) head.wantsClose = true;
  }
  if (hosts > 1 || (hosts === 0 && head.minorVersion !== 0)) return refuse(head, 'request.bad-host');
  return checkHost(head) && checkTarget(head);
}

/** hot: the last valid one again, without a string of its own: whoever compares it with that compares two addresses. */
function authorityAt(headers: HeaderList, index: number): string {
  const start = headers.spans[(index << 2) + 2];
  const length = headers.spans[(index << 2) + 3] - start;
  return length === lastAuthority.length && headers.text.startsWith(lastAuthority, start)
    ? lastAuthority
    : headers.valueAt(index);
}

function isContinue(headers: HeaderList): boolean {
  return headers.get('expect')?.toLowerCase() === '100-continue';
}

/** Protocols a client may upgrade to; any other Upgrade is ignored and the request served as it is (RFC 9110 §7.8). */
export function isOffered(protocol: string): boolean {
  return protocol.toLowerCase() === 'websocket';
}

function readConnection(value: string, head: RequestHead): void {
  // What most clients send, and all they send.
  if (equalsIgnoringCase(value, 'keep-alive')) {
    head.wantsKeepAlive = true;
    return;
  }
  for (const part of value.split(',')) {
    const option = part.trim().toLowerCase();
    if (option === 'close') head.wantsClose = true;
    else if (option === 'keep-alive') head.wantsKeepAlive = true;
    else if (option !== '') head.hasNominatedFields = true;
  }
}

/** RFC 9112 §6.1, §6.3: any doubt about where the body ends refuses the request and closes the connection. */
function checkFraming(head: RequestHead, lengths: number, codings: number): boolean {
  if (lengths > 1 || head.contentLength === -2) return refuse(head, 'request.bad-framing');
  if (codings === 0) return true;
  if (lengths > 0 || head.minorVersion === 0) return refuse(head, 'request.bad-framing');
  const coding = (head.headers.get('transfer-encoding') ?? '').toLowerCase();
  if (coding !== 'chunked') {
    const isChunkedLast = /^[^,\s]+([ \t]*,[ \t]*[^,\s]+)*[ \t]*,[ \t]*chunked$/.test(coding);
    const isChunkedOnce = !/chunked[ \t]*,/.test(coding);
    return refuse(head, isChunkedLast && isChunkedOnce ? 'request.coding-not-supported' : 'request.bad-framing');
  }
  head.isChunked = true;
  head.handOff ??= 'transfer-encoding';
  return true;
}

function refuse(head: RequestHead, code: ErrorCode): boolean {
  head.error = code;
  return false;
}

/** RFC 9112 §3.2: origin-form stays here, the three other forms are legal for some requests only. */
function checkTarget(head: RequestHead): boolean {
  const target = head.target;
  if (head.method === 'CONNECT') {
    head.handOff = 'connect';
    head.rawPath = target;
    return /^[^/?@]+:\d{1,5}$/.test(target) || refuse(head, 'request.bad-target');
  }
  if (target.charCodeAt(0) === SLASH) {
    splitQuery(head, target);
    return true;
  }
  if (target === '*') {
    head.handOff = 'asterisk-form';
    head.rawPath = '*';
    return head.method === 'OPTIONS' || refuse(head, 'request.bad-target');
  }
  const absolute = /^(https?):\/\/([^/?@]+)(.*)$/i.exec(target);
  if (absolute === null) return refuse(head, 'request.bad-target');
  head.handOff = 'absolute-form';
  // RFC 9112 §3.2.2: the authority of the target wins over the Host field.
  head.authority = absolute[2];
  const path = absolute[3];
  // RFC 9112 §3.2.4: OPTIONS of an authority alone is OPTIONS of the server.
  if (path === '' && head.method === 'OPTIONS') head.rawPath = '*';
  else splitQuery(head, path.startsWith('/') ? path : `/${path}`);
  return checkHost(head);
}

function splitQuery(head: RequestHead, pathAndQuery: string): void {
  const question = pathAndQuery.indexOf('?');
  head.rawPath = question === -1 ? pathAndQuery : pathAndQuery.slice(0, question);
  head.query = question === -1 ? '' : pathAndQuery.slice(question + 1);
}

const IP_LITERAL = /^\[(?:[0-9a-f:.]+|v[0-9a-f]+\.[a-z0-9\-._~!$&'()*+,;=:]+)\](?::\d{0,5})?$/i;

/** RFC 9112 §3.2: a valid `uri-host[:port]`. Empty is allowed: the resource has no authority. */
function checkHost(head: RequestHead): boolean {
  const authority = head.authority;
  if (authority.charCodeAt(0) === OPEN_BRACKET) {
    if (!IP_LITERAL.test(authority)) return refuse(head, 'request.bad-host');
    head.host = authority.slice(0, authority.indexOf(']') + 1).toLowerCase();
    return true;
  }
  if (authority === lastAuthority) {
    head.host = lastHost;
    return true;
  }
  const hostEnd = scanHost(authority);
  if (hostEnd < 0) return refuse(head, 'request.bad-host');
  lastHost = hostEnd === authority.length ? authority : authority.slice(0, hostEnd);
  if (hasUpperCase) lastHost = lastHost.toLowerCase();
  lastAuthority = authority;
  head.host = lastHost;
  return true;
}

const COLON = 58;
const MAX_PORT_DIGITS = 5;

/** Set by `scanHost`. */
let hasUpperCase = false;

/** Where the host ends in a valid `host[:port]`, -1 when it is none. hot: one walk, for traffic to more hosts than one. */
function scanHost(authority: string): number {
  hasUpperCase = false;
  for (let index = 0; index < authority.length; index++) {
    const code = authority.charCodeAt(index);
    if (code === COLON) return index > 0 && isPort(authority, index + 1) ? index : -1;
    if (HOST[code & 255] === 0) return -1;
    if (code >= 65 && code <= 90) hasUpperCase = true;
  }
  return authority.length;
}

function isPort(authority: string, start: number): boolean {
  if (authority.length - start > MAX_PORT_DIGITS) return false;
  for (let index = start; index < authority.length; index++) {
    const code = authority.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Hosts repeat: what the last valid one came to is kept, so that keep-alive traffic never checks or lower-cases one twice. */
let lastAuthority = '';
let lastHost = '';
