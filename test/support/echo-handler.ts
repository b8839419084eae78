// A stand-in for the runtime that answers every exchange with what it saw, so that tests of the server see both sides at once.
import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.ts';
import type { Exchange } from '../../src/pipeline/exchange.ts';
import type { ExchangeHandler } from '../../src/server/server-deps.ts';
import { statusLine } from '../../src/wire/status-line.ts';

const SOURCE = { pauseReply() {}, resumeReply() {} };

/** What an exchange was, as one line of JSON. */
export function seen(exchange: Exchange, body: string): string {
  const target = exchange.query === '' ? exchange.path : `${exchange.path}?${exchange.query}`;
  return JSON.stringify({
    method: exchange.method,
    target,
    host: exchange.host,
    authority: exchange.authority,
    version: exchange.httpVersion,
    headers: exchange.headers.lines(),
    body,
  });
}

export function reply(exchange: Exchange, status: number, text: string): void {
  if (exchange.isClientGone || exchange.writer.isBegun) return;
  const hasBody = exchange.method !== 'HEAD';
  exchange.writer.begin(
    { status, reason: '', lines: `content-length: ${text.length}\r\n` },
    hasBody ? 'length' : 'none',
    SOURCE,
  );
  if (hasBody) exchange.writer.writeLatin1(text);
  exchange.writer.end(undefined);
}

function refuse(exchange: Exchange, code: ErrorCode): void {
  reply(exchange, ERROR_CODES[code].status, code);
}

export const echoHandler: ExchangeHandler = {
  handle(exchange) {
    exchange.body.collect(1_000_000, (outcome) => {
      if (outcome !== 'complete') refuse(exchange, outcome);
      else reply(exchange, 200, seen(exchange, exchange.body.wholeText()));
    });
  },
  refuse,
  rawError(code) {
    return `${statusLine(ERROR_CODES[code].status, '')}content-length: ${code.length}\r\nconnection: close\r\n\r\n${code}`;
  },
};
