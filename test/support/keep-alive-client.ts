// Requests over a fixed number of kept connections, with a method, fields and body pieces of the test's choice: what `fetch` hides.
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { TestContext } from 'node:test';

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Wanted {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Pieces are written one by one: chunked unless `content-length` is given. */
  readonly body?: Iterable<Buffer | string>;
}

export class KeepAliveClient {
  private readonly base: string;
  private readonly agent: Agent;

  constructor(context: TestContext, base: string, connections = 1) {
    this.base = base;
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    context.after(() => this.agent.destroy());
  }

  /** Rejects when the connection breaks before the answer is complete. */
  send(path: string, { method = 'GET', headers = {}, body }: Wanted = {}): Promise<Got> {
    const { promise, resolve, reject } = Promise.withResolvers<Got>();
    const outgoing = request(this.base + path, { method, headers, agent: this.agent }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString('utf8'),
        });
      });
    });
    outgoing.on('error', reject);
    for (const piece of body ?? []) outgoing.write(piece);
    outgoing.end();
    return promise;
  }
}
