// Replies on a socket: text is gathered and leaves in one write per flush (an extra system call costs 5 us), large pieces leave as buffers,
// and a slow client holds its source back.
import type { Socket } from 'node:net';
import { latin1 } from '../base/latin1.ts';
import { type TurnWriter, writeAtTurnEnd } from '../base/turn-end.ts';
import type {
  ReplyFraming,
  ReplyHead,
  ReplySource,
  ReplyWriter,
  UpgradedConnection,
} from '../pipeline/reply-writer.ts';
import type { HeaderList } from '../wire/header-list.ts';
import { statusLine } from '../wire/status-line.ts';

/** Pieces above this leave as bytes: a latin1 string of that size would be copied twice. */
const MAX_TEXT_PIECE_BYTES = 16 * 1024;

/** What the connection decides about a reply, and hears of it. */
export interface ReplyHost {
  /** Called when a reply begins: whether the connection closes after it. */
  closesAfterReply(): boolean;
  replyEnded(): void;
  replyAborted(): void;
  upgraded(): UpgradedConnection | undefined;
}

/** Text beyond this does not wait for the end of the turn. */
const MAX_WAITING_BYTES = 64 * 1024;

export class Http1ReplyWriter implements ReplyWriter, TurnWriter {
  isBegun = false;
  /** Bytes handed to the socket for the current reply, head and framing included. */
  writtenBytes = 0;
  /** The current request was HEAD: no body bytes may follow. */
  isHeadRequest = false;
  private readonly socket: Socket;
  private readonly host: ReplyHost;
  private pending = '';
  private isWaiting = false;
  private isChunked = false;
  private source: ReplySource | undefined;
  private isSourcePaused = false;
  /** Body bytes gathered in `pending` since the last chunk boundary; written out as one chunk per flush. */
  private chunkText = '';

  constructor(socket: Socket, host: ReplyHost) {
    this.socket = socket;
    this.host = host;
    socket.on('drain', () => this.onDrain());
  }

  informational(head: ReplyHead): void {
    if (this.isBegun) return;
    this.pending += `${statusLine(head.status, head.reason)}${head.lines}\r\n`;
    this.writeNow();
  }

  begin(head: ReplyHead, framing: ReplyFraming, source: ReplySource): void {
    this.isBegun = true;
    this.source = source;
    this.isChunked = framing === 'chunked' && !this.isHeadRequest;
    let text = statusLine(head.status, head.reason) + head.lines;
    if (framing === 'chunked') text += 'transfer-encoding: chunked\r\n';
    if (this.host.closesAfterReply()) text += 'connection: close\r\n';
    // Behind the end of the reply before, which may still wait.
    this.pending += `${text}\r\n`;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= MAX_TEXT_PIECE_BYTES) this.writeLatin1(latin1(bytes as Buffer, start, end));
    else this.writeLarge(bytes, start, end);
  }

  writeLatin1(text: string): void {
    if (this.isHeadRequest) return;
    if (this.isChunked) this.chunkText += text;
    else this.pending += text;
  }

  private writeLarge(bytes: Uint8Array, start: number, end: number): void {
    if (this.isHeadRequest) return;
    this.closeChunk();
    const length = end - start;
    const copy = Buffer.allocUnsafeSlow(length);
    copy.set(bytes.subarray(start, end));
    this.socket.cork();
    if (this.isChunked) this.pending += `${length.toString(16)}\r\n`;
    this.writeNow();
    this.writtenBytes += length;
    const hasRoom = this.socket.write(copy);
    if (this.isChunked) this.pending += '\r\n';
    this.socket.uncork();
    if (!hasRoom) this.holdSource();
  }

  private closeChunk(): void {
    if (this.chunkText === '') return;
    this.pending += `${this.chunkText.length.toString(16)}\r\n${this.chunkText}\r\n`;
    this.chunkText = '';
  }

  private send(): void {
    if (this.pending === '') return;
    if (this.pending.length > MAX_WAITING_BYTES) this.writeNow();
    else if (!this.isWaiting) {
      this.isWaiting = true;
      writeAtTurnEnd(this);
    }
  }

  writeNow(): void {
    this.isWaiting = false;
    const text = this.pending;
    if (text === '') return;
    this.pending = '';
    this.writtenBytes += text.length;
    if (!this.socket.write(text, 'latin1')) this.holdSource();
  }

  private holdSource(): void {
    if (this.isSourcePaused || this.source === undefined) return;
    this.isSourcePaused = true;
    this.source.pauseReply();
  }

  private onDrain(): void {
    if (!this.isSourcePaused) return;
    this.isSourcePaused = false;
    this.source?.resumeReply();
  }

  flush(): void {
    this.closeChunk();
    this.send();
  }

  end(trailers: HeaderList | undefined): void {
    this.closeChunk();
    if (this.isChunked) this.pending += trailers === undefined ? '0\r\n\r\n' : `0\r\n${trailers.lines()}\r\n`;
    this.source = undefined;
    this.isSourcePaused = false;
    this.send();
    this.host.replyEnded();
  }

  abort(): void {
    this.source = undefined;
    // What came before the cut is the client's, its status above all.
    if (this.isBegun) this.flush();
    this.writeNow();
    this.host.replyAborted();
  }

  upgrade(head: ReplyHead): UpgradedConnection | undefined {
    const connection = this.host.upgraded();
    if (connection === undefined) return undefined;
    this.isBegun = true;
    this.pending += `${statusLine(head.status, head.reason)}${head.lines}\r\n`;
    this.writeNow();
    return connection;
  }

  /** Ready for the next request of the connection. */
  reset(method: string): void {
    this.isBegun = false;
    this.writtenBytes = 0;
    this.isHeadRequest = method === 'HEAD';
  }
}
