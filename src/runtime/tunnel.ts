// Two raw connections joined after a protocol switch, with back-pressure both ways; when one ends, so does the other.
import { pipeline } from 'node:stream';
import type { Exchange } from '../pipeline/exchange.ts';
import type { UpgradedConnection } from '../pipeline/reply-writer.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { prepareAnswer } from './response-head.ts';

/** Tells the client that its endpoint switched protocols; undefined when it did not ask. `lines`: of its session. */
export function upgradeClient(
  exchange: Exchange,
  head: ResponseHead,
  own: { readonly via: string; readonly lines: string },
): UpgradedConnection | undefined {
  const token = head.headers.get('upgrade') ?? exchange.upgradeToken;
  const lines = prepareAnswer(head, exchange, own.via, { dropsCredentials: false, changesLength: false });
  return exchange.writer.upgrade({
    status: 101,
    reason: head.reason,
    lines: `${head.headers.lines()}${lines}${own.lines}connection: Upgrade\r\nupgrade: ${token}\r\n`,
  });
}

/** `ended` is called once with the bytes that went to the client. */
export function tunnel(
  client: UpgradedConnection,
  upstream: UpgradedConnection,
  ended: (sentBytes: number) => void,
): void {
  let open = 2;
  let sentBytes = upstream.early.length;
  const closed = (): void => {
    open--;
    if (open > 0) return;
    client.socket.destroy();
    upstream.socket.destroy();
    ended(sentBytes);
  };
  if (upstream.early.length > 0) client.socket.write(upstream.early);
  if (client.early.length > 0) upstream.socket.write(client.early);
  upstream.socket.on('data', (chunk: Buffer) => {
    sentBytes += chunk.length;
  });
  pipeline(client.socket, upstream.socket, closed);
  pipeline(upstream.socket, client.socket, closed);
}
