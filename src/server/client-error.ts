// The verdicts of node:http's parser in our words, for connections that were handed off: the same bytes must get the same answer
// there as on the fast path.
import type { ErrorCode } from '../errors/codes.ts';
import { BAD_HEAD, type HeadLimits, parseRequestHead, RequestHead } from '../wire/http1-request-parser.ts';

/** What node:http tells of a parse error. */
export interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'request.headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request.head-timeout',
  HPE_INVALID_CONTENT_LENGTH: 'request.bad-framing',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'request.bad-framing',
  HPE_INVALID_TRANSFER_ENCODING: 'request.bad-framing',
  HPE_INVALID_CHUNK_SIZE: 'request.bad-framing',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'request.too-large',
  HPE_PAUSED_H2_UPGRADE: 'request.version-not-supported',
};

/** Faults of the request line, where one code of node:http stands for several of ours. */
const IN_REQUEST_LINE = new Set([
  'HPE_INVALID_METHOD',
  'HPE_INVALID_URL',
  'HPE_INVALID_VERSION',
  'HPE_INVALID_CONSTANT',
]);

/** Bytes behind a request that said `Connection: close`: they were never going to be answered. */
export function isLeftover(error: ClientError): boolean {
  return error.code === 'HPE_CLOSED_CONNECTION';
}

export function codeOfClientError(error: ClientError, limits: HeadLimits): ErrorCode {
  const code = error.code ?? '';
  if (IN_REQUEST_LINE.has(code)) return codeOfRequestLine(error, limits);
  return BY_CODE[code] ?? 'request.malformed';
}

/** Our own parser says what is wrong with the line in which node's stopped. */
function codeOfRequestLine({ rawPacket, bytesParsed = 0 }: ClientError, limits: HeadLimits): ErrorCode {
  if (rawPacket === undefined) return 'request.malformed';
  const start = rawPacket.lastIndexOf(10, Math.max(bytesParsed - 1, 0)) + 1;
  const head = new RequestHead();
  const end = parseRequestHead(rawPacket, start, rawPacket.length, limits, head);
  // What only node refuses is a method outside its list.
  return end === BAD_HEAD ? head.error : 'request.method-not-implemented';
}
