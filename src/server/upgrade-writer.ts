// The reply to a request for another protocol: a 101 gives the raw connection away, anything else is an ordinary reply and the end.
import type { Socket } from 'node:net';
import type { UpgradedConnection } from '../pipeline/reply-writer.ts';
import { Http1ReplyWriter, type ReplyHost } from './http1-reply-writer.ts';

export class UpgradeWriter extends Http1ReplyWriter {
  private readonly state: UpgradeHost;

  constructor(socket: Socket, early: Buffer) {
    const state = new UpgradeHost(socket, early);
    super(socket, state);
    this.state = state;
    state.writer = this;
  }

  get isUpgraded(): boolean {
    return this.state.isUpgraded;
  }
}

class UpgradeHost implements ReplyHost {
  isUpgraded = false;
  writer: Http1ReplyWriter | undefined = undefined;
  private readonly socket: Socket;
  private readonly early: Buffer;

  constructor(socket: Socket, early: Buffer) {
    this.socket = socket;
    this.early = early;
  }

  closesAfterReply(): boolean {
    return true;
  }

  replyEnded(): void {
    this.isUpgraded = true;
    this.writer?.writeNow();
    this.socket.end();
  }

  replyAborted(): void {
    this.socket.destroy();
  }

  upgraded(): UpgradedConnection {
    this.isUpgraded = true;
    return { socket: this.socket, early: this.early };
  }
}
