// Two raw connections joined after a protocol switch, with back-pressure both ways; when one ends, so does the other.
import { pipeline } from 'node:stream';
import type { UpgradedConnection } from '../pipeline/reply-writer.ts';

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
