// A request body on its way to an endpoint as it arrives, in the framing the request head announced, with back-pressure.
import type { Socket } from 'node:net';
import type { RequestBody } from '../../pipeline/request-body.ts';

export class BodyUpload {
  /** Every byte was handed to the socket. */
  isDone = false;
  private readonly socket: Socket;
  private readonly body: RequestBody;
  private readonly isChunked: boolean;
  private isStopped = false;

  constructor(socket: Socket, body: RequestBody, isChunked: boolean) {
    this.socket = socket;
    this.body = body;
    this.isChunked = isChunked;
  }

  onBodyChunk(chunk: Buffer): void {
    if (this.isStopped || chunk.length === 0) return;
    if (!this.write(chunk)) this.body.pause();
  }

  private write(chunk: Buffer): boolean {
    if (!this.isChunked) return this.socket.write(chunk);
    this.socket.cork();
    this.socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    this.socket.write(chunk);
    const hasRoom = this.socket.write('\r\n', 'latin1');
    this.socket.uncork();
    return hasRoom;
  }

  onBodyEnd(): void {
    if (this.isStopped) return;
    if (this.isChunked) this.socket.write(`0\r\n${this.body.trailerLines}\r\n`, 'latin1');
    this.isDone = true;
  }

  /** The socket has room again. */
  resume(): void {
    if (!this.isStopped && !this.isDone) this.body.resume();
  }

  stop(): void {
    this.isStopped = true;
  }
}
