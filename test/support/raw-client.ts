// A client that sends bytes as they stand and gives back bytes as they came, for tests of the wire.
import net from 'node:net';

/** One byte per character, all the way. */
export class RawClient {
  readonly socket: net.Socket;
  /** Everything received so far. */
  text = '';
  isEnded = false;
  wasReset = false;
  private readonly waiters = new Set<() => void>();

  /** `connect` opens something else than a plain connection. */
  constructor(port: number, connect: (options: net.TcpNetConnectOpts) => net.Socket = net.connect) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => {
      this.text += chunk;
      this.wake();
    });
    this.socket.on('error', () => {
      this.wasReset = true;
    });
    this.socket.on('end', () => this.ended());
    this.socket.on('close', () => this.ended());
  }

  private ended(): void {
    this.isEnded = true;
    this.wake();
  }

  private wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves when `isThere` holds; rejects when the connection ends before it does. */
  until(isThere: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (isThere(this.text)) resolve(this.text);
        else if (this.isEnded) reject(new Error(`ended after ${JSON.stringify(this.text.slice(-500))}`));
        else return;
        this.waiters.delete(look);
      };
      this.waiters.add(look);
      look();
    });
  }

  /** Resolves with everything received when the other side has closed. */
  untilEnd(): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.isEnded) return;
        this.waiters.delete(look);
        resolve(this.text);
      };
      this.waiters.add(look);
      look();
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Sends bytes on a fresh connection and reads until the other side closes. */
export async function transcript(port: number, bytes: string): Promise<string> {
  const client = new RawClient(port);
  client.send(bytes);
  const text = await client.untilEnd();
  client.close();
  return text;
}
