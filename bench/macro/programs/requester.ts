// One keep-alive connection of a load generator: sends a prepared request, says when the answer is whole. Reads no more of an
// answer than its status and where it ends, so that the generator costs less than what it measures.
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

export interface RequesterEvents {
  /** The answer is whole; the connection can take the next request. */
  onAnswer(requester: Requester, status: number): void;
  /** The connection is gone; `wasBusy` when an answer was owed. */
  onLost(requester: Requester, wasBusy: boolean): void;
  onReady(requester: Requester): void;
}

export class Requester {
  /** What the generator wants to remember about the request under way. */
  ticket = -1;
  private readonly port: number;
  private readonly events: RequesterEvents;
  private readonly socket: Socket;
  private isBusy = false;
  private held: Buffer | undefined;
  /** Bytes of body still to come; -1 while the head is not whole. */
  private bodyLeft = -1;
  private status = 0;

  constructor(port: number, events: RequesterEvents) {
    this.port = port;
    this.events = events;
    this.socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    this.socket.on('connect', () => events.onReady(this));
    this.socket.on('data', (bytes: Buffer) => this.take(bytes));
    // 'close' follows and says the same.
    this.socket.on('error', () => {});
    this.socket.on('close', () => events.onLost(this, this.isBusy));
  }

  send(request: string, ticket: number): void {
    this.ticket = ticket;
    this.isBusy = true;
    this.bodyLeft = -1;
    this.socket.write(request, 'latin1');
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    if (!this.isBusy) {
      this.socket.destroy(new Error('bytes nobody asked for'));
      return;
    }
    if (this.bodyLeft >= 0) this.bodyLeft -= bytes.length;
    else this.takeHead(this.held === undefined ? bytes : Buffer.concat([this.held, bytes]));
    if (this.bodyLeft !== 0) return;
    this.isBusy = false;
    this.events.onAnswer(this, this.status);
  }

  private takeHead(bytes: Buffer): void {
    const end = bytes.indexOf(HEAD_END);
    this.held = end < 0 ? bytes : undefined;
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end);
    this.status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    // The upstreams of these benches always declare a length; anything else is a broken answer.
    if (length === null) this.socket.destroy(new Error('an answer without a length'));
    else this.bodyLeft = Number(length[1]) - (bytes.length - end - 4);
  }
}
