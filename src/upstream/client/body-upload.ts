// A request body on its way to an endpoint as it arrives, in the framing the request head announced, with back-pressure.
import type { Socket } from 'node:net';
import type { ErrorCode } from '../../errors/codes.ts';
import type { BodyConsumer, RequestBody } from '../../pipeline/request-body.ts';

/** The connection that the body goes out on. */
export interface UploadHost {
  /** A piece was handed on: the endpoint's time to answer begins anew. */
  uploadMoved(): void;
  /** The client's side broke; nothing more will come. */
  uploadFailed(code: ErrorCode): void;
}

export interface StreamedRequest {
  readonly body: RequestBody;
  /** Its length is unknown. */
  readonly isChunked: boolean;
}

export class BodyUpload implements BodyConsumer {
  /** Every byte was handed to the socket. */
  isDone = false;
  private readonly socket: Socket;
  private readonly body: RequestBody;
  private readonly isChunked: boolean;
  private readonly host: UploadHost;
  private isStopped = false;

  constructor(socket: Socket, request: StreamedRequest, host: UploadHost) {
    this.socket = socket;
    this.body = request.body;
    this.isChunked = request.isChunked;
    this.host = host;
  }

  onBodyChunk(chunk: Buffer): void {
    if (!this.isStopped && chunk.length > 0 && !this.write(chunk)) this.body.pause();
    this.host.uploadMoved();
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

  onBodyFailure(code: ErrorCode): void {
    this.stop();
    this.host.uploadFailed(code);
  }

  /** The socket has room again. */
  resume(): void {
    if (!this.isStopped && !this.isDone) this.body.resume();
  }

  stop(): void {
    this.isStopped = true;
  }
}
