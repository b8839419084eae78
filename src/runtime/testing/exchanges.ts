// Exchanges, answers and sinks without sockets, for the tests of this folder.
import { Exchange } from '../../pipeline/exchange.ts';
import type { ReplyHead, ReplyWriter } from '../../pipeline/reply-writer.ts';
import type { ByteSink } from '../../wire/byte-sink.ts';
import { parseRequestHead, RequestHead } from '../../wire/http1-request-parser.ts';
import { parseResponseHead, ResponseHead } from '../../wire/http1-response-parser.ts';

const LIMITS = { maxHeadBytes: 65_536, maxTargetBytes: 8192, maxHeaders: 200 };

/** Keeps what is written, one character per byte. */
export class TextSink implements ByteSink {
  text = '';

  write(bytes: Uint8Array, start: number, end: number): void {
    this.text += Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  }

  writeLatin1(text: string): void {
    this.text += text;
  }
}

export class RecordedWriter extends TextSink implements ReplyWriter {
  isBegun = false;
  isEnded = false;
  framing = '';
  head: ReplyHead = { status: 0, reason: '', lines: '' };

  informational(): void {}

  begin(head: ReplyHead, framing: string): void {
    this.isBegun = true;
    this.head = head;
    this.framing = framing;
  }

  flush(): void {}

  end(): void {
    this.isEnded = true;
  }

  abort(): void {}

  upgrade(): undefined {
    return undefined;
  }
}

export interface ExchangeOptions {
  readonly isTrusted?: boolean;
  readonly writer?: ReplyWriter;
  readonly startedAtMs?: number;
}

/** `fields` are complete lines without line ends; a Host is added. */
export function exchangeOf(
  requestLine: string,
  fields: readonly string[] = [],
  { isTrusted = false, writer = new RecordedWriter(), startedAtMs = 0 }: ExchangeOptions = {},
): Exchange {
  const head = new RequestHead();
  const lines = [`${requestLine} HTTP/1.1`, 'Host: gateway.test', ...fields];
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (parseRequestHead(bytes, 0, bytes.length, LIMITS, head) < 1) throw new Error(`not a request: ${head.error}`);
  const client = {
    listener: 'default',
    ip: '10.0.0.9',
    port: 1,
    isTls: false,
    isTrusted,
    isTrustedProxy: () => false,
    forwardedLines: 'x-forwarded-for: 10.0.0.9\r\nx-forwarded-proto: http\r\n',
    memo: { authority: undefined, lines: '' },
    maxBufferedBodyBytes: 10_000,
  };
  return new Exchange(client, writer, { ...head, path: head.rawPath, headers: head.headers }, startedAtMs);
}

export function answerOf(method: string, lines: readonly string[]): ResponseHead {
  const head = new ResponseHead();
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (parseResponseHead(bytes, 0, bytes.length, method, head) < 1) throw new Error('not a response');
  return head;
}
