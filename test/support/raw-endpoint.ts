// An endpoint that keeps every byte it gets and answers with bytes of the test's choice.
import net from 'node:net';
import tls from 'node:tls';
import type { Pair } from './certificates.ts';

export interface EndpointConnection {
  readonly socket: net.Socket;
  /** Everything received on this connection, one byte per character. */
  text: string;
  send(text: string): void;
}

type Watcher = () => void;

export class RawEndpoint {
  readonly connections: EndpointConnection[] = [];
  readonly server: net.Server;
  /** Called for each read; the default answers nothing. */
  onData: (connection: EndpointConnection) => void;
  closed = 0;
  private readonly watchers: Watcher[] = [];

  private constructor(onData: (connection: EndpointConnection) => void, pair: Pair | undefined) {
    this.onData = onData;
    const options = { noDelay: true, allowHalfOpen: true };
    this.server =
      pair === undefined
        ? net.createServer(options, (socket) => this.accept(socket))
        : tls.createServer({ ...options, cert: pair.certificate, key: pair.key }, (socket) => this.accept(socket));
  }

  /** With a certificate it speaks TLS. */
  static async start(
    onData: (connection: EndpointConnection) => void = () => {},
    pair: Pair | undefined = undefined,
  ): Promise<RawEndpoint> {
    const endpoint = new RawEndpoint(onData, pair);
    await new Promise<void>((resolve) => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private accept(socket: net.Socket): void {
    const connection: EndpointConnection = {
      socket,
      text: '',
      send: (text) => socket.write(text, 'latin1'),
    };
    this.connections.push(connection);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      connection.text += chunk;
      this.onData(connection);
      this.wake();
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.closed++;
      this.wake();
    });
    this.wake();
  }

  private wake(): void {
    for (const watcher of this.watchers.splice(0)) watcher();
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  /** Resolves with the connection once its text satisfies. */
  async connection(index: number, isThere: (text: string) => boolean = () => true): Promise<EndpointConnection> {
    await this.until(() => this.connections.length > index && isThere(this.connections[index].text));
    return this.connections[index];
  }

  close(): void {
    this.server.close();
    for (const { socket } of this.connections) socket.destroy();
  }
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Answers `OK` as often as whole requests have arrived. Bodies are measured by an obvious reader of its own. */
export function answerEach(answer: (head: string) => string): (connection: EndpointConnection) => void {
  const answered = new WeakMap<EndpointConnection, number>();
  return (connection) => {
    const requests = requestsIn(connection.text);
    for (const { head } of requests.slice(answered.get(connection) ?? 0)) connection.send(answer(head));
    answered.set(connection, requests.length);
  };
}

export interface ReceivedRequest {
  readonly head: string;
  readonly body: string;
}

/** The complete requests in a stream that is known to be well formed (it was written by the gateway). */
export function requestsIn(text: string): readonly ReceivedRequest[] {
  const requests: ReceivedRequest[] = [];
  let rest = text;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd === -1) return requests;
    const head = rest.slice(0, headEnd + 4);
    const after = rest.slice(headEnd + 4);
    const body = bodyOf(head, after);
    if (body === undefined) return requests;
    requests.push({ head, body: body.text });
    rest = after.slice(body.length);
  }
}

function bodyOf(head: string, after: string): { readonly text: string; readonly length: number } | undefined {
  if (/^transfer-encoding: chunked\r$/im.test(head)) return chunksOf(after);
  const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
  return after.length < length ? undefined : { text: after.slice(0, length), length };
}

function chunksOf(after: string): { readonly text: string; readonly length: number } | undefined {
  let text = '';
  let position = 0;
  for (;;) {
    const lineEnd = after.indexOf('\r\n', position);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(after.slice(position, lineEnd), 16);
    if (size === 0) {
      const end = after.indexOf('\r\n\r\n', lineEnd);
      return end === -1 ? undefined : { text, length: end + 4 };
    }
    if (after.length < lineEnd + 2 + size + 2) return undefined;
    text += after.slice(lineEnd + 2, lineEnd + 2 + size);
    position = lineEnd + 2 + size + 2;
  }
}
