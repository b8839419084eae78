// An endpoint that answers only when the test says so, and knows how many requests it ever had at once.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface HeldRequest {
  readonly path: string;
  /** The gateway gave it up. */
  readonly isGone: boolean;
  answer(status?: number, body?: string): void;
}

class Held implements HeldRequest {
  readonly path: string;
  isGone = false;
  private readonly response: ServerResponse;

  constructor(path: string, response: ServerResponse) {
    this.path = path;
    this.response = response;
  }

  answer(status = 200, body = 'held'): void {
    this.response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);
  }
}

export interface HeldEndpoint {
  readonly url: string;
  /** Not answered yet, oldest first. */
  readonly open: readonly HeldRequest[];
  readonly mostAtOnce: number;
  /** Paths in the order they came. */
  readonly paths: readonly string[];
}

export async function startHeldEndpoint(context: TestContext): Promise<HeldEndpoint> {
  const open: Held[] = [];
  const state = { open, mostAtOnce: 0, paths: [] as string[] };
  const server = createServer((request, response) => {
    const held = new Held(request.url ?? '', response);
    open.push(held);
    state.paths.push(held.path);
    state.mostAtOnce = Math.max(state.mostAtOnce, open.length);
    request.resume();
    response.once('close', () => {
      held.isGone = !response.writableFinished;
      open.splice(open.indexOf(held), 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
