// An exchange as filters see one, without server or socket, for their tests.
import { Exchange } from '../../pipeline/exchange.ts';
import { NOWHERE } from '../../pipeline/nowhere.ts';
import { parseRequestHead, RequestHead } from '../../wire/http1-request-parser.ts';

const LIMITS = { maxHeadBytes: 65_536, maxTargetBytes: 8192, maxHeaders: 100 };

/** `lines`: request line and fields without the blank line. */
export function filterExchange(lines: readonly string[], client: { readonly isTls?: boolean } = {}): Exchange {
  const head = new RequestHead();
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (parseRequestHead(bytes, 0, bytes.length, LIMITS, head) < 1) throw new Error(`not a request: ${head.error}`);
  const facts = {
    listener: 'test',
    ip: '127.0.0.1',
    port: 1,
    isTls: client.isTls ?? false,
    isTrusted: false,
    isTrustedProxy: () => false,
    forwardedLines: '',
    memo: { authority: undefined, lines: '' },
    maxBufferedBodyBytes: 1000,
  };
  const exchange = new Exchange(facts, NOWHERE, { ...head, path: head.rawPath, headers: head.headers }, 0);
  if (head.contentLength > 0)
    exchange.body.setIncoming(head.contentLength, { demandBody() {}, pauseBody() {}, resumeBody() {} });
  return exchange;
}
