// Sends a reply that is complete: a filter's, or an error of the gateway in the client's own format.
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import { problemDocument, proxyStatus } from '../errors/problem.ts';
import type { ClientFormat } from '../llm/format.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { Reply } from '../pipeline/reply.ts';
import type { ReplySource } from '../pipeline/reply-writer.ts';
import { dateLine } from './date-line.ts';
import { ALLOWED_METHODS } from './max-forwards.ts';

/** A complete reply never has to be held back: it is in memory already. */
const COMPLETE: ReplySource = { pauseReply() {}, resumeReply() {} };

export interface ErrorBody {
  readonly contentType: string;
  readonly text: string;
}

/** RFC 9457 for most clients; an AI client gets the error its SDK knows how to show. */
export function errorBody(
  code: ErrorCode,
  detail: string,
  requestId: string,
  format: ClientFormat | undefined,
): ErrorBody {
  const status = ERROR_CODES[code].status;
  if (format !== undefined)
    return { contentType: 'application/json', text: format.encodeError(status, code, detail, requestId) };
  return { contentType: 'application/problem+json', text: problemDocument(code, detail, requestId) };
}

/** Fields of every error reply, complete lines. */
export function errorLines(code: ErrorCode, body: ErrorBody, hasRetryAfter = false): string {
  const status = proxyStatus(code);
  const retryAfter = ERROR_CODES[code].status === 503 && !hasRetryAfter ? 'retry-after: 1\r\n' : '';
  // RFC 9110 §15.5.6: a 405 names what is allowed.
  const allow = ERROR_CODES[code].status === 405 ? `allow: ${ALLOWED_METHODS}\r\n` : '';
  return `content-type: ${body.contentType}\r\ncache-control: no-store\r\n${allow}${retryAfter}${status === undefined ? '' : `proxy-status: ${status}\r\n`}`;
}

/** Writes the reply and ends it. The exchange's outcome fields are set; finishing it is the caller's. */
export function sendReply(exchange: Exchange, reply: Reply, format: ClientFormat | undefined, via: string): void {
  const writer = exchange.writer;
  let lines = reply.headers.lines();
  let body = reply.body === 'streamed' ? undefined : reply.body;
  if (reply.error !== undefined) {
    // What an endpoint or the configuration did wrong is the operator's to know: it names addresses, and stays in the log.
    const detail = ERROR_CODES[reply.error.code].source === 'client' ? reply.error.detail : '';
    const error = errorBody(reply.error.code, detail, exchange.requestId, format);
    exchange.errorCode = reply.error.code;
    exchange.errorDetail = reply.error.detail;
    lines += errorLines(reply.error.code, error, reply.headers.has('retry-after'));
    body = Buffer.from(error.text);
  }
  const length = body?.length ?? 0;
  exchange.status = reply.status;
  const hasBody = reply.status !== 204 && reply.status !== 304 && reply.status >= 200;
  if (hasBody) lines += `content-length: ${length}\r\n`;
  lines += `${dateLine()}via: 1.1 ${via}\r\nx-request-id: ${exchange.requestId}\r\n`;
  writer.begin(
    { status: reply.status, reason: reply.reason, lines },
    hasBody && exchange.method !== 'HEAD' ? 'length' : 'none',
    COMPLETE,
  );
  if (hasBody && body !== undefined && exchange.method !== 'HEAD') {
    writer.write(body, 0, length);
    exchange.responseBytes = length;
  }
  writer.end(undefined);
}
