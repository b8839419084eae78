// One keep-alive connection to an endpoint: writes calls, parses answers in place, tells the pool when it is free or lost.
import type { Socket } from 'node:net';
import type { Deadline } from '../../base/deadline-wheel.ts';
import {
  keepForTurn,
  readAnswerAtTurnEnd,
  type TurnReader,
  type TurnWriter,
  turnBytes,
  writeAtTurnEnd,
} from '../../base/turn-end.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import { CHUNKED_BAD, CHUNKED_MORE, ChunkedDecoder } from '../../wire/chunked-decoder.ts';
import { NEED_MORE } from '../../wire/field-parser.ts';
import type { HeaderList } from '../../wire/header-list.ts';
import { BAD_RESPONSE, parseResponseHead, ResponseHead } from '../../wire/http1-response-parser.ts';
import { BodyUpload } from './body-upload.ts';
import { connectErrorCode, openSocket } from './connect.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { CallHolder, UpstreamCall } from './upstream-call.ts';

const MAX_HEAD_BYTES = 64 * 1024;
/**
 * Larger reads are worth more than the order of work: they are taken in place. So is what follows a head: hot: an event of a
 * stream waited in a copy for the end of the turn; without it CPU per event went from 1.59 to 1.47 of nginx's (bench/macro/sse.ts).
 */
const MAX_DEFERRED_BYTES = 8 * 1024;

type Phase = 'connecting' | 'idle' | 'head' | 'body' | 'closed';

export class UpstreamConnection implements Deadline, CallHolder, TurnReader, TurnWriter {
  deadlineMs = 0;
  wheelTick = -1;
  /** When it became idle, monotonic. */
  idleSinceMs = 0;
  /** The origin closes idle connections after this; ours must be shorter. */
  originIdleMs = -1;
  private readonly pool: ConnectionPool<UpstreamConnection>;
  private readonly socket: Socket;
  private readonly head = new ResponseHead();
  private decoder: ChunkedDecoder | undefined;
  private phase: Phase = 'connecting';
  private call: UpstreamCall | undefined;
  private upload: BodyUpload | undefined;
  private partialHead: Buffer | undefined;
  private bodyLeft = 0;
  private served = 0;
  private hasAnswerBegun = false;
  private isPaused = false;
  /** A small read that waits for the end of the turn: its place in `turnBytes`, -1 = none. */
  private arrivedStart = -1;
  private arrivedEnd = -1;

  constructor(pool: ConnectionPool<UpstreamConnection>, call: UpstreamCall) {
    this.pool = pool;
    this.call = call;
    call.holder = this;
    this.socket = openSocket(pool.address, this, call.isUpgrade ? 'own' : 'shared');
    this.pool.wheel.set(this, pool.nowMs() + call.timeouts.connectMs);
    this.socket.once(pool.address.isTls ? 'secureConnect' : 'connect', () => this.onConnected());
    this.socket.on('drain', () => this.upload?.resume());
    this.socket.on('end', () => this.onEnd());
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.onLost(error));
    this.socket.on('close', () => this.onLost(undefined));
  }

  private onConnected(): void {
    if (this.phase !== 'connecting') return;
    this.pool.connected();
    const call = this.call;
    if (call === undefined) {
      this.phase = 'idle';
      this.pool.release(this);
    } else this.send(call);
  }

  /** False once the connection must not be used again: closed, half-closed by the origin, or past its idle time. */
  isReusable(nowMs: number, idleTimeoutMs: number): boolean {
    // Its own close, end and error events have taken it out of `idle` before anybody could ask.
    // Bytes nobody asked for that still wait to be looked at would be taken for the next answer.
    if (this.phase !== 'idle' || this.arrivedStart !== -1) return false;
    // A second below what the origin announces: both ends closing at the same moment is the classic phantom 502.
    const idleMs =
      this.originIdleMs < 0 ? idleTimeoutMs : Math.min(idleTimeoutMs, Math.max(this.originIdleMs - 1000, 0));
    return nowMs - this.idleSinceMs < idleMs;
  }

  send(call: UpstreamCall): void {
    this.call = call;
    call.holder = this;
    this.phase = 'head';
    this.hasAnswerBegun = false;
    const nowMs = this.pool.nowMs();
    call.sentAtMs = nowMs;
    this.pool.wheel.set(this, nowMs + call.timeouts.firstByteMs);
    const socket = this.socket;
    if (call.bytes !== undefined) {
      socket.cork();
      socket.write(call.text, 'latin1');
      socket.write(call.bytes);
      socket.uncork();
      return;
    }
    if (call.stream === undefined) {
      writeAtTurnEnd(this);
      return;
    }
    socket.write(call.text, 'latin1');
    this.startUpload(call);
  }

  writeNow(): void {
    // Cancelled or replayed elsewhere before the turn was over: then this connection is closed.
    if (this.call !== undefined && this.phase === 'head') this.socket.write(this.call.text, 'latin1');
  }

  private startUpload(call: UpstreamCall): void {
    if (call.stream === undefined) return;
    const request = { body: call.stream, isChunked: call.isChunked };
    this.upload = new BodyUpload(this.socket, request, {
      uploadMoved: () => {
        if (this.call === call && !this.hasAnswerBegun)
          this.pool.wheel.set(this, this.pool.nowMs() + call.timeouts.firstByteMs);
      },
      uploadFailed: (code) => {
        if (this.call === call) this.failCall(code, 'the request body failed');
      },
    });
    call.stream.stream(this.upload);
  }

  /** Called by the socket for each read; `bytes` may be the buffer shared by the whole thread. */
  onRead(bytes: Buffer, length: number): void {
    this.pool.tick();
    if (this.arrivedStart !== -1) {
      // As one piece: taking up the first could switch protocols, and the second would be nobody's.
      const joined = Buffer.concat([turnBytes.subarray(this.arrivedStart, this.arrivedEnd), bytes.subarray(0, length)]);
      this.arrivedStart = -1;
      this.take(joined, 0, joined.length);
      return;
    }
    const start = length <= MAX_DEFERRED_BYTES && this.phase !== 'body' ? keepForTurn(bytes, length) : -1;
    if (start === -1) this.take(bytes, 0, length);
    else {
      this.arrivedStart = start;
      this.arrivedEnd = start + length;
      readAnswerAtTurnEnd(this);
    }
  }

  readNow(): void {
    const start = this.arrivedStart;
    this.arrivedStart = -1;
    if (start !== -1) this.take(turnBytes, start, this.arrivedEnd);
  }

  private take(bytes: Buffer, start: number, end: number): void {
    const call = this.call;
    if (call === undefined || this.phase === 'idle' || this.phase === 'closed') {
      // Bytes nobody asked for: the next answer would be mistaken for them (response queue poisoning).
      this.destroy();
      return;
    }
    let position = start;
    if (this.phase === 'head') {
      position = this.readHead(bytes, start, end, call);
      if (position < 0) return;
    }
    if (this.phase === 'body') this.readBody(bytes, position, end);
    if (this.call === call && !call.isCancelled) {
      this.pool.wheel.set(this, this.pool.nowMs() + call.timeouts.idleMs);
      call.receiver.onReadEnd();
    }
  }

  /** Parses heads from the start of the read, 1xx included. Returns where the body begins, or -1 when nothing is left to do. */
  private readHead(read: Buffer, start: number, end: number, call: UpstreamCall): number {
    let bytes = read;
    let position = start;
    let length = end;
    if (this.partialHead !== undefined) {
      bytes = Buffer.concat([this.partialHead, read.subarray(start, end)]);
      position = 0;
      length = bytes.length;
      this.partialHead = undefined;
    }
    for (;;) {
      const headEnd = parseResponseHead(bytes, position, length, call.method, this.head);
      if (headEnd === NEED_MORE) return this.keepPartial(bytes, position, length);
      if (headEnd === BAD_RESPONSE) return this.refuseAnswer('the head is not valid HTTP/1.1');
      position = headEnd;
      if (this.head.status === 101) return this.switchProtocols(bytes, position, length, call);
      if (this.head.status >= 200) break;
      call.receiver.onInformational(this.head);
      if (call.isCancelled) return -1;
      if (position === length) return -1;
    }
    this.beginBody(call);
    if (bytes === read) return position;
    // The head began in an earlier read: the rest of this one lies in the joined copy.
    if (this.phase === 'body') this.readBody(bytes, position, length);
    if (this.call === call && !call.isCancelled) call.receiver.onReadEnd();
    return -1;
  }

  private keepPartial(bytes: Buffer, position: number, length: number): number {
    if (length - position > MAX_HEAD_BYTES) return this.refuseAnswer('the head is too large');
    if (length > position) this.partialHead = Buffer.from(bytes.subarray(position, length));
    return -1;
  }

  private refuseAnswer(detail: string): number {
    this.failCall('upstream.bad-response', detail);
    return -1;
  }

  private beginBody(call: UpstreamCall): void {
    const head = this.head;
    this.hasAnswerBegun = true;
    this.phase = 'body';
    if (head.keepAliveSeconds >= 0) this.originIdleMs = head.keepAliveSeconds * 1000;
    this.bodyLeft = head.framing === 'length' ? head.contentLength : 0;
    if (head.framing === 'chunked') {
      this.decoder ??= new ChunkedDecoder();
      this.decoder.reset();
    }
    call.receiver.onHead(head);
  }

  private readBody(bytes: Buffer, position: number, end: number): void {
    const call = this.call;
    if (call === undefined || call.isCancelled) return;
    switch (this.head.framing) {
      case 'none':
        this.finish(bytes, position, end, undefined);
        return;
      case 'length': {
        const upTo = Math.min(end, position + this.bodyLeft);
        if (upTo > position) call.receiver.write(bytes, position, upTo);
        this.bodyLeft -= upTo - position;
        if (this.bodyLeft === 0 && this.call === call) this.finish(bytes, upTo, end, undefined);
        return;
      }
      case 'chunked':
        this.readChunked(bytes, position, end, call);
        return;
      default:
        if (end > position) call.receiver.write(bytes, position, end);
    }
  }

  private readChunked(bytes: Buffer, position: number, end: number, call: UpstreamCall): void {
    const decoder = this.decoder;
    if (decoder === undefined) return;
    const bodyEnd = decoder.decode(bytes, position, end, call.receiver);
    if (this.call !== call || bodyEnd === CHUNKED_MORE) return;
    if (bodyEnd === CHUNKED_BAD) this.failCall('upstream.cut', 'the chunked coding is not valid');
    else this.finish(bytes, bodyEnd, end, decoder.trailers);
  }

  /** The answer is complete. The connection goes back first, so that what the receiver starts next can use it. */
  private finish(_bytes: Buffer, position: number, end: number, trailers: HeaderList | undefined): void {
    const call = this.call;
    if (call === undefined) return;
    this.call = undefined;
    call.holder = undefined;
    this.deadlineMs = 0;
    this.served++;
    const isUploadOpen = this.upload !== undefined && !this.upload.isDone;
    this.upload?.stop();
    this.upload = undefined;
    // RFC 9112 §9.5: an early answer leaves the request unfinished, extra bytes leave the next answer unknown.
    if (this.head.closes || isUploadOpen || position !== end) this.destroy();
    else this.makeIdle();
    call.receiver.onAnswerEnd(trailers);
  }

  private makeIdle(): void {
    this.phase = 'idle';
    this.idleSinceMs = this.pool.nowMs();
    if (this.isPaused) this.resumeCall();
    this.pool.release(this);
  }

  private switchProtocols(bytes: Buffer, position: number, length: number, call: UpstreamCall): number {
    this.phase = 'closed';
    this.call = undefined;
    call.holder = undefined;
    this.pool.wheel.disarm(this);
    const early = Buffer.from(bytes.subarray(position, length));
    call.receiver.onUpgraded(this.head, this.pool.detach(this, this.socket), early);
    return -1;
  }

  /** The origin closed its side. */
  private onEnd(): void {
    this.readNow();
    const call = this.call;
    if (call !== undefined && this.phase === 'body' && this.head.framing === 'until-close') {
      this.finish(Buffer.alloc(0), 0, 0, undefined);
      return;
    }
    this.onLost(undefined);
  }

  private onLost(error: NodeJS.ErrnoException | undefined): void {
    this.readNow();
    const before = this.phase;
    if (before === 'closed') return;
    const call = this.call;
    if (call === undefined) {
      this.destroy();
      return;
    }
    if (before === 'connecting') {
      this.failConnect(
        error === undefined ? 'upstream.connect-failed' : connectErrorCode(error),
        error?.message ?? 'closed',
      );
    } else if (this.hasAnswerBegun)
      this.failCall('upstream.cut', error?.message ?? 'closed in the middle of the answer');
    else if (this.isStale(call)) this.replay(call);
    else this.failCall('upstream.reset', error?.message ?? 'closed before answering');
  }

  /** The connection had been idle and died under the request: the origin closed it before it read anything. */
  private isStale(call: UpstreamCall): boolean {
    return this.served > 0 && this.partialHead === undefined && call.mayReplay(this.pool.nowMs());
  }

  private replay(call: UpstreamCall): void {
    this.call = undefined;
    call.isReplayed = true;
    this.destroy();
    this.pool.replay(call);
  }

  private failConnect(code: ErrorCode, detail: string): void {
    const call = this.call;
    this.call = undefined;
    this.destroy();
    this.pool.connectFailed();
    if (call === undefined || call.isCancelled) return;
    call.holder = undefined;
    call.receiver.onFailure({ code, detail, neverSent: true });
  }

  private failCall(code: ErrorCode, detail: string): void {
    const call = this.call;
    this.call = undefined;
    this.destroy();
    if (call === undefined || call.isCancelled) return;
    call.holder = undefined;
    call.receiver.onFailure({ code, detail, neverSent: false });
  }

  onDeadline(): void {
    if (this.call === undefined) return;
    if (this.phase === 'connecting') this.failConnect('upstream.connect-timeout', 'no connection in time');
    else if (this.isPaused) this.pool.wheel.set(this, this.pool.nowMs() + this.call.timeouts.idleMs);
    else if (this.hasAnswerBegun) this.failCall('upstream.idle-timeout', 'silent in the middle of the answer');
    else this.failCall('upstream.first-byte-timeout', 'no answer in time');
  }

  dropCall(): void {
    this.call = undefined;
    this.destroy();
  }

  pauseCall(): void {
    if (this.isPaused || this.phase === 'closed') return;
    this.isPaused = true;
    this.socket.pause();
  }

  resumeCall(): void {
    if (!this.isPaused || this.phase === 'closed') return;
    this.isPaused = false;
    if (this.call !== undefined) this.pool.wheel.set(this, this.pool.nowMs() + this.call.timeouts.idleMs);
    this.socket.resume();
  }

  destroy(): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.upload?.stop();
    this.upload = undefined;
    this.pool.wheel.disarm(this);
    this.socket.destroy();
    this.pool.lost(this);
  }
}
