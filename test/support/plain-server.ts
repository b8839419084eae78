// A plain HTTP service for end-to-end tests: answers as the test says and counts what it gets, without keeping it.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface PlainServer {
  readonly url: string;
  readonly server: Server;
}

export async function startPlainServer(context: TestContext, answer: Answer): Promise<PlainServer> {
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 75_000 }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Says as JSON which request came: method, target, fields in the case they came in, and length and digest of the body. */
export const describe: Answer = (request, response) => {
  const digest = createHash('sha256');
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    digest.update(piece);
  });
  request.on('end', () => {
    const { method, url, rawHeaders } = request;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method, url, rawHeaders, bytes, sha256: digest.digest('hex') }));
  });
};

export interface Described {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
}
