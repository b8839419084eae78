// One client connection on the fast path: strict common HTTP/1.1 requests, answered in order. Anything legal but unusual hands
// the whole connection, bytes and all, to node:http (node-adapter.ts).
import type { Socket } from 'node:net';
import type { Deadline } from '../base/deadline-wheel.ts';
import { keepForTurn, readRequestAtTurnEnd, type TurnReader, turnBytes } from '../base/turn-end.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { ClientFacts, Exchange } from '../pipeline/exchange.ts';
import type { UpgradedConnection } from '../pipeline/reply-writer.ts';
import type { BodyFlow } from '../pipeline/request-body.ts';
import { NEED_MORE } from '../wire/field-parser.ts';
import { BAD_HEAD, parseRequestHead, RequestHead } from '../wire/http1-request-parser.ts';
import { admit, admitRefused } from './admit.ts';
import type { ClientSocket, ReadTarget, SharedReads } from './client-socket.ts';
import { Http1ReplyWriter, type ReplyHost } from './http1-reply-writer.ts';
import type { ListenerSettings, ServerDeps } from './server-deps.ts';

/** Pipelined bytes kept while a reply is under way; more pauses the socket. */
const MAX_AHEAD_BYTES = 64 * 1024;
/** After a refused or unfinished request the client gets this long to read the answer before the reset. */
const LINGER_MS = 1000;

/** Takes a connection over; `bytes` were read already, `served` requests answered. */
export type HandOff = (socket: Socket, bytes: Buffer, served: number) => void;

type Phase = 'idle' | 'head' | 'exchange' | 'closing' | 'closed';

/** Bytes that may be kept: a copy of what lies in the arena of the turn, anything else as it is. */
function ownBytes(bytes: Buffer, start: number, end: number): Buffer {
  const part = bytes.subarray(start, end);
  return bytes === turnBytes ? Buffer.from(part) : part;
}

export class Http1Connection implements Deadline, BodyFlow, ReplyHost, TurnReader, ReadTarget {
  deadlineMs = 0;
  wheelTick = -1;
  private readonly socket: Socket;
  private readonly reads: SharedReads | undefined;
  private readonly deps: ServerDeps;
  private readonly client: ClientFacts;
  private readonly settings: ListenerSettings;
  private readonly handOff: HandOff;
  private readonly head = new RequestHead();
  private readonly writer: Http1ReplyWriter;
  private phase: Phase = 'idle';
  private exchange: Exchange | undefined;
  private bodyLeft = 0;
  private isBodyPaused = false;
  /** The beginning of a request that came in this turn: `arrived[arrivedStart, arrivedEnd)`. */
  private arrived: Buffer | undefined;
  private arrivedStart = 0;
  private arrivedEnd = 0;
  /** End of the bytes being parsed. */
  private readEnd = 0;
  /** Bytes read but not parsed: a partial head, or requests ahead of their turn. */
  private ahead: Buffer | undefined;
  /** A partial head is parsed again only when it has doubled: one byte per packet must not cost a parse each. */
  private nextParseBytes = 0;
  private served = 0;
  private closesAfter = false;
  /** The listener is gone: whatever reply comes next is the last. */
  private isLeaving = false;
  private isParsing = false;
  private isFull = false;
  private readonly onData = (chunk: Buffer): void => this.receive(chunk);
  private readonly onGone = (): void => this.gone();
  private readonly ignoreError = (): void => {};

  constructor(opened: ClientSocket, deps: ServerDeps, client: ClientFacts, handOff: HandOff) {
    const { socket, reads } = opened;
    this.socket = socket;
    this.reads = reads;
    this.deps = deps;
    this.client = client;
    this.settings = deps.settings();
    this.handOff = handOff;
    this.writer = new Http1ReplyWriter(socket, this);
    if (reads === undefined) socket.on('data', this.onData);
    else reads.target = this;
    socket.on('end', this.onGone);
    socket.on('close', this.onGone);
    // The close event that follows tells all there is to tell.
    socket.on('error', this.ignoreError);
    deps.wheel.set(this, deps.nowMs() + this.settings.headTimeoutMs);
  }

  private receive(chunk: Buffer): void {
    this.deps.tick();
    if (this.arrived !== undefined) this.takeJoined(this.arrived, chunk);
    else if (this.phase === 'idle') this.defer(chunk, 0, chunk.length);
    else this.take(chunk, 0, chunk.length);
  }

  receiveShared(bytes: Buffer, length: number): void {
    this.deps.tick();
    if (this.arrived !== undefined) this.takeJoined(this.arrived, bytes.subarray(0, length));
    else {
      const start = this.phase === 'idle' ? keepForTurn(bytes, length) : -1;
      if (start !== -1) this.defer(turnBytes, start, start + length);
      else this.take(Buffer.from(bytes.subarray(0, length)), 0, length);
    }
  }

  /** The first bytes of a request wait until all that is ready was read. */
  private defer(bytes: Buffer, start: number, end: number): void {
    this.arrived = bytes;
    this.arrivedStart = start;
    this.arrivedEnd = end;
    readRequestAtTurnEnd(this);
  }

  /** As one piece: taking up the first could hand the connection over, and the second would be nobody's. */
  private takeJoined(arrived: Buffer, chunk: Buffer): void {
    const joined = Buffer.concat([arrived.subarray(this.arrivedStart, this.arrivedEnd), chunk]);
    this.arrived = undefined;
    this.take(joined, 0, joined.length);
  }

  readNow(): void {
    const { arrived } = this;
    this.arrived = undefined;
    if (arrived !== undefined) this.take(arrived, this.arrivedStart, this.arrivedEnd);
  }

  private take(bytes: Buffer, start: number, end: number): void {
    if (this.phase === 'exchange') this.receiveDuringExchange(ownBytes(bytes, start, end));
    else if (this.phase === 'closing' || this.phase === 'closed') return;
    else if (this.ahead === undefined) this.parse(bytes, start, end);
    else {
      const joined = Buffer.concat([this.ahead, bytes.subarray(start, end)]);
      const hasLineEnd = joined.includes(10, this.ahead.length);
      this.ahead = joined;
      if (joined.length >= this.nextParseBytes || hasLineEnd) this.parse(joined, 0, joined.length);
    }
  }

  private receiveDuringExchange(chunk: Buffer): void {
    const exchange = this.exchange;
    if (exchange === undefined) return;
    const rest = this.bodyLeft > 0 ? this.receiveBody(exchange, chunk) : chunk;
    if (rest.length === 0) return;
    if (this.phase === 'idle') {
      // The last piece of the body let the reply end at once.
      this.parse(rest, 0, rest.length);
      return;
    }
    if (this.phase !== 'exchange') return;
    this.ahead = this.ahead === undefined ? rest : Buffer.concat([this.ahead, rest]);
    if (this.ahead.length > MAX_AHEAD_BYTES) this.socket.pause();
  }

  /** Returns what lies behind the body. */
  private receiveBody(exchange: Exchange, chunk: Buffer): Buffer {
    const piece = chunk.length <= this.bodyLeft ? chunk : chunk.subarray(0, this.bodyLeft);
    this.bodyLeft -= piece.length;
    this.deps.wheel.set(this, this.deps.nowMs() + this.settings.bodyTimeoutMs);
    exchange.body.push(piece);
    if (this.exchange === exchange && this.bodyLeft === 0) {
      this.deadlineMs = 0;
      exchange.body.finish();
    }
    return chunk.subarray(piece.length);
  }

  /** Serves requests from `bytes[start, end)` until one has to wait. */
  private parse(bytes: Buffer, start: number, end: number): void {
    this.isParsing = true;
    this.readEnd = end;
    let position = start;
    this.ahead = undefined;
    while (position < end && (this.phase === 'idle' || this.phase === 'head')) {
      if (this.socket.writableNeedDrain) {
        this.waitForRoom();
        break;
      }
      position = this.parseOne(bytes, position);
    }
    this.isParsing = false;
    if ((this.phase === 'exchange' || this.isFull) && position < end) this.ahead = ownBytes(bytes, position, end);
  }

  /** Replies are not read as fast as they are asked for: the next request waits, or a client could fill our memory with answers. */
  private waitForRoom(): void {
    if (this.isFull) return;
    this.isFull = true;
    this.socket.pause();
    this.socket.once('drain', () => {
      this.isFull = false;
      if (this.phase !== 'idle' && this.phase !== 'head') return;
      this.socket.resume();
      if (this.ahead !== undefined) this.parse(this.ahead, 0, this.ahead.length);
    });
  }

  /** Starts the request at `position`; returns where the next one begins (`readEnd` when everything is used or kept). */
  private parseOne(bytes: Buffer, position: number): number {
    const end = this.readEnd;
    let start = position;
    // RFC 9112 §2.2: empty lines before a request line are ignored. Line ends in any form, as node:http ignores them.
    while (bytes[start] === 13 || bytes[start] === 10) start++;
    const headEnd = start < end ? parseRequestHead(bytes, start, end, this.settings, this.head) : NEED_MORE;
    if (headEnd === NEED_MORE) return this.waitForHead(bytes, start);
    if (headEnd === BAD_HEAD) {
      this.refuseHead(this.head.error);
      return end;
    }
    if (this.head.handOff !== undefined) {
      this.leave(ownBytes(bytes, start, end));
      return end;
    }
    return this.startExchange(bytes, headEnd);
  }

  private waitForHead(bytes: Buffer, position: number): number {
    this.ahead = ownBytes(bytes, position, this.readEnd);
    this.nextParseBytes = this.ahead.length * 2;
    if (this.phase === 'idle') {
      this.phase = 'head';
      this.deps.wheel.set(this, this.deps.nowMs() + this.settings.headTimeoutMs);
    }
    return this.readEnd;
  }

  private startExchange(bytes: Buffer, headEnd: number): number {
    const head = this.head;
    this.phase = 'exchange';
    this.deadlineMs = 0;
    this.served++;
    this.writer.reset(head.method);
    const limit = this.settings.maxRequestsPerConnection;
    this.closesAfter = head.wantsClose || (limit > 0 && this.served >= limit);
    const handler = this.deps.handler();
    const admitted = admit(head, this.client, this.settings.path, this.writer, this.deps.nowMs());
    if (typeof admitted === 'string') return this.refuseExchange(admitted, bytes, headEnd);
    this.exchange = admitted;
    const next = this.attachBody(admitted, bytes, headEnd);
    handler.handle(admitted);
    return next;
  }

  /** The head is fine, what it asks for is not: an error reply like any other, and the connection lives on. */
  private refuseExchange(code: ErrorCode, bytes: Buffer, headEnd: number): number {
    this.deps.observer.parseError(code);
    const exchange = admitRefused(this.head, this.client, this.writer, this.deps.nowMs());
    this.exchange = exchange;
    const next = this.attachBody(exchange, bytes, headEnd);
    this.deps.handler().refuse(exchange, code);
    return next;
  }

  /** Gives the exchange what is here of its body; returns where the next request begins. */
  private attachBody(exchange: Exchange, bytes: Buffer, headEnd: number): number {
    const declared = this.head.contentLength;
    if (declared <= 0) return headEnd;
    const available = this.readEnd - headEnd;
    if (available >= declared) {
      const bodyEnd = headEnd + declared;
      // The body outlives the turn: another candidate may need it.
      if (bytes === turnBytes) exchange.body.setWhole(ownBytes(bytes, headEnd, bodyEnd), 0, declared);
      else exchange.body.setWhole(bytes, headEnd, bodyEnd);
      return bodyEnd;
    }
    exchange.body.setIncoming(declared, this);
    this.bodyLeft = declared - available;
    this.deps.wheel.set(this, this.deps.nowMs() + this.settings.bodyTimeoutMs);
    if (available > 0) exchange.body.push(ownBytes(bytes, headEnd, this.readEnd));
    return this.readEnd;
  }

  // The fast path never sees Expect: the client sends without being asked.
  demandBody(): void {}

  pauseBody(): void {
    if (this.isBodyPaused || this.bodyLeft === 0) return;
    this.isBodyPaused = true;
    this.socket.pause();
    this.deadlineMs = 0;
  }

  resumeBody(): void {
    if (!this.isBodyPaused) return;
    this.isBodyPaused = false;
    if (this.bodyLeft > 0) this.deps.wheel.set(this, this.deps.nowMs() + this.settings.bodyTimeoutMs);
    this.socket.resume();
  }

  closesAfterReply(): boolean {
    if (this.bodyLeft > 0 || this.isLeaving || this.deps.isDraining()) this.closesAfter = true;
    return this.closesAfter;
  }

  replyEnded(): void {
    if (this.phase !== 'exchange') return;
    this.exchange = undefined;
    if (this.closesAfter) {
      this.closeGently();
      return;
    }
    this.phase = 'idle';
    if (!this.isFull && this.socket.isPaused()) this.socket.resume();
    this.deps.wheel.set(this, this.deps.nowMs() + this.settings.idleTimeoutMs);
    const ahead = this.ahead;
    if (ahead === undefined || this.isParsing) return;
    // Not from within the previous request's call stack: a thousand pipelined requests must not nest a thousand deep.
    setImmediate(() => {
      if (this.phase === 'idle' && this.ahead !== undefined) this.parse(this.ahead, 0, this.ahead.length);
    });
  }

  replyAborted(): void {
    this.exchange = undefined;
    this.destroy();
  }

  upgraded(): UpgradedConnection | undefined {
    return undefined;
  }

  private refuseHead(code: ErrorCode): void {
    this.deps.observer.parseError(code);
    this.phase = 'exchange';
    this.writer.writeNow();
    this.socket.write(this.deps.handler().rawError(code), 'latin1');
    this.closeGently();
  }

  /** Ends our side and reads on for a moment: closing with unread bytes would reset the connection and destroy the answer. */
  private closeGently(): void {
    this.phase = 'closing';
    this.writer.writeNow();
    this.exchange = undefined;
    this.ahead = undefined;
    this.socket.end();
    this.socket.resume();
    this.deps.wheel.set(this, this.deps.nowMs() + LINGER_MS);
  }

  private leave(bytes: Buffer): void {
    const reason = this.head.handOff;
    if (reason !== undefined) this.deps.observer.handedOff(reason);
    this.phase = 'closed';
    this.writer.writeNow();
    this.deps.wheel.disarm(this);
    if (this.reads === undefined) this.socket.off('data', this.onData);
    else this.reads.target = undefined;
    this.socket.off('end', this.onGone);
    this.socket.off('close', this.onGone);
    this.socket.off('error', this.ignoreError);
    this.handOff(this.socket, bytes, this.served);
  }

  private gone(): void {
    if (this.phase === 'closed') return;
    const exchange = this.exchange;
    this.destroy();
    if (exchange !== undefined) {
      exchange.body.fail('request.aborted');
      exchange.clientGone();
    }
  }

  onDeadline(): void {
    if (this.phase === 'exchange') this.exchange?.body.fail('request.body-timeout');
    else if (this.phase === 'head') {
      this.refuseHead('request.head-timeout');
    } else this.destroy();
  }

  /** Idle connections close at once when draining; busy ones after their reply. */
  drain(): void {
    if (this.phase === 'idle') this.destroy();
    else this.isLeaving = true;
  }

  /** The process ends: an open exchange is told, and what it still says leaves. */
  cut(): void {
    this.exchange?.cutShort();
    if (this.phase !== 'closed') this.closeGently();
  }

  destroy(): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.exchange = undefined;
    this.deps.wheel.disarm(this);
    this.socket.destroy();
  }
}
