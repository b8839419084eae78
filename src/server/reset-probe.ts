// Notices that a client has reset its connection while nothing is read from it. The runtime hears of resets by reading only, so an
// abandoned upload would keep its endpoint busy until that wants more.
import type { Socket } from 'node:net';
import type { Deadline } from '../base/deadline-wheel.ts';
import type { ServerDeps } from './server-deps.ts';

/** A client that leaves is to be noticed within 100 ms. */
const PROBE_MS = 40;

export class ResetProbe implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  private readonly socket: Socket;
  private readonly deps: Pick<ServerDeps, 'wheel' | 'nowMs'>;
  private readonly isHeld: () => boolean;

  /** `socket` is the one the kernel knows, below TLS. `isHeld`: whether it is still not read from. */
  constructor(socket: Socket, deps: Pick<ServerDeps, 'wheel' | 'nowMs'>, isHeld: () => boolean) {
    this.socket = socket;
    this.deps = deps;
    this.isHeld = isHeld;
  }

  start(): void {
    this.deps.wheel.set(this, this.deps.nowMs() + PROBE_MS);
  }

  onDeadline(nowMs: number): void {
    const { socket } = this;
    if (socket.destroyed || !socket.writable || !this.isHeld()) return;
    // Sends no byte, and fails like any write when the connection is gone. While bytes wait to be sent the kernel tells unasked.
    if (socket.writableLength === 0) socket.write('');
    this.deps.wheel.set(this, nowMs + PROBE_MS);
  }
}
