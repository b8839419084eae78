// A client for the simulator's tests that sees what a real socket sees: bytes as they come, FIN and RST told apart.
import { connect, type Socket } from 'node:net';

export interface RawRequest {
  readonly path: string;
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ConnectionEnd = 'fin' | 'reset';

export class RawExchange {
  private readonly socket: Socket;
  private readonly onChange = new Set<() => void>();
  /** Everything received, latin1. */
  text = '';
  end: ConnectionEnd | undefined;

  constructor(port: number, request: RawRequest) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (piece) => {
      this.text += String(piece);
      this.changed();
    });
    this.socket.on('end', () => this.ended('fin'));
    this.socket.on('error', () => this.ended('reset'));
    this.socket.write(toHttp(request));
  }

  /** Waits for bytes that match; rejects when the connection ends without. */
  until(pattern: RegExp): Promise<void> {
    return this.wait(() => pattern.test(this.text), pattern.source);
  }

  over(): Promise<ConnectionEnd | undefined> {
    return this.wait(() => this.end !== undefined, 'the end').then(() => this.end);
  }

  /** The client goes away. */
  leave(): void {
    this.socket.destroy();
  }

  private wait(isReached: () => boolean, wanted: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (isReached()) resolve();
      else if (this.end !== undefined) reject(new Error(`${this.end} before ${wanted}; received: ${this.text}`));
      else return;
      this.onChange.delete(look);
    };
    this.onChange.add(look);
    look();
    return promise;
  }

  private ended(end: ConnectionEnd): void {
    this.end ??= end;
    this.changed();
  }

  private changed(): void {
    for (const look of [...this.onChange]) look();
  }
}

function toHttp({ path, method = 'POST', body, headers = {} }: RawRequest): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const fields = { host: 'simulator.test', 'content-length': String(Buffer.byteLength(text)), ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`;
}

/** The body of a chunked message: sizes taken out, trailing bytes that are no chunk kept out. */
export function dechunk(text: string): string {
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  let body = '';
  for (;;) {
    const match = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (match === null) return body;
    const size = Number.parseInt(match[1], 16);
    const start = match[0].length;
    body += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
}
