// TLS handshakes under way on one listener: bounded in time like a request head, because a client that says nothing would else hold
// its connection for the two minutes that node allows.
import type { Socket } from 'node:net';
import type { Deadline } from '../base/deadline-wheel.ts';
import type { ServerDeps } from './server-deps.ts';

class Handshake implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  onDeadline(): void {
    this.socket.destroy();
  }
}

export class TlsHandshakes {
  private readonly deps: ServerDeps;
  private readonly open = new Map<string, Handshake>();

  constructor(deps: ServerDeps) {
    this.deps = deps;
  }

  /** A connection was accepted; nothing has been said on it. */
  begin(socket: Socket): void {
    const key = peerOf(socket);
    const handshake = new Handshake(socket);
    this.open.set(key, handshake);
    this.deps.wheel.set(handshake, this.deps.nowMs() + this.deps.settings().headTimeoutMs);
    // The encrypted end hears of it too, and its close event tells all there is to tell.
    socket.on('error', () => {});
    socket.once('close', () => this.forget(key, handshake));
  }

  /** The encrypted end of a connection is there. Gives the accepted socket below it, as far as it is known. */
  finished(secure: Socket): Socket | undefined {
    const key = peerOf(secure);
    const handshake = this.open.get(key);
    if (handshake !== undefined) this.forget(key, handshake);
    return handshake?.socket;
  }

  private forget(key: string, handshake: Handshake): void {
    this.deps.wheel.disarm(handshake);
    // By then the peer may have opened another connection from the same port.
    if (this.open.get(key) === handshake) this.open.delete(key);
  }

  closeAll(): void {
    for (const { socket } of [...this.open.values()]) socket.destroy();
  }
}

/** Node does not say which accepted socket is behind an encrypted one, but both have the same peer. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
