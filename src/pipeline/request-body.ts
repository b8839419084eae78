// The body of one request on its way in: pushed by the server as it arrives, kept in part until somebody wants it, then collected
// whole or streamed on with back-pressure. Bodies nobody inspects are never copied.
import { latin1 } from '../base/latin1.ts';
import type { ErrorCode } from '../errors/codes.ts';

/** Who takes the body piece by piece. Chunks are private memory: they may be kept. */
export interface BodyConsumer {
  onBodyChunk(chunk: Buffer): void;
  onBodyEnd(): void;
  onBodyFailure(code: ErrorCode): void;
}

/** What the server offers: `demand` is called when the first byte is wanted (the moment for `100 Continue`), then pause and resume. */
export interface BodyFlow {
  demandBody(): void;
  pauseBody(): void;
  resumeBody(): void;
}

export type CollectOutcome = 'complete' | ErrorCode;

/** `longer`: the body has more bytes than may be held. */
export type HoldOutcome = 'complete' | 'longer' | ErrorCode;

interface Hold {
  readonly maxBytes: number;
  readonly done: (outcome: HoldOutcome) => void;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Read and kept while nobody takes more, before the client is held back. TCP tells that a client has left only behind the bytes
 * it sent: a connection that is not read at all would keep an abandoned request waiting for its endpoint.
 */
export const LOOK_AHEAD_BYTES = 256 * 1024;

export class RequestBody {
  /** Content-Length; 0 when there is no body, -1 when its length is unknown (chunked). */
  declaredBytes = 0;
  receivedBytes = 0;
  isComplete = true;
  /** Trailer fields that may travel on, complete lines; known when the body is complete. */
  trailerLines = '';
  /** The whole body, once it is here: `bytes[start, end)`. */
  whole: Buffer | undefined = NO_BYTES;
  wholeStart = 0;
  wholeEnd = 0;
  private capBytes = Number.POSITIVE_INFINITY;
  private failure: ErrorCode | undefined;
  /** Came while nobody took it. */
  private pieces: Buffer[] | undefined = undefined;
  private keptBytes = 0;
  /** Nobody takes pieces now: there is no consumer yet, or it has enough. */
  private isHeld = true;
  private consumer: BodyConsumer | undefined;
  private flow: BodyFlow | undefined;
  private isDemanded = false;
  /** Somebody waits until the body is here, or too long to wait for. */
  private hold: Hold | undefined;

  /** Server side: the body is complete in the bytes already read (none at all included). */
  setWhole(bytes: Buffer, start: number, end: number): void {
    this.whole = bytes;
    this.wholeStart = start;
    this.wholeEnd = end;
    this.declaredBytes = end - start;
    this.receivedBytes = end - start;
  }

  /** Server side: the body will be pushed. */
  setIncoming(declaredBytes: number, flow: BodyFlow): void {
    this.declaredBytes = declaredBytes;
    this.isComplete = false;
    this.whole = undefined;
    this.flow = flow;
  }

  /** Whether anything was ever asked of the body; an unread one means the connection must close after the reply. */
  get isUnread(): boolean {
    return !this.isComplete;
  }

  /** The smallest limit it was given. */
  get limitBytes(): number {
    return this.capBytes;
  }

  /** Refuses a body larger than this, now where the length is declared, else as soon as it is passed. */
  cap(maxBytes: number): void {
    if (maxBytes < this.capBytes) this.capBytes = maxBytes;
  }

  get isOverCap(): boolean {
    return this.declaredBytes > this.capBytes || this.receivedBytes > this.capBytes;
  }

  /** Server side. */
  push(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    if (this.receivedBytes > this.capBytes) this.fail('request.too-large');
    else if (this.isHeld) this.keep(chunk);
    else this.consumer?.onBodyChunk(chunk);
  }

  private keep(chunk: Buffer): void {
    this.pieces ??= [];
    this.pieces.push(chunk);
    this.keptBytes += chunk.length;
    if (this.hold === undefined) {
      if (this.keptBytes >= LOOK_AHEAD_BYTES) this.flow?.pauseBody();
    } else if (this.keptBytes > this.hold.maxBytes) this.endHold('longer');
  }

  /** Server side: the last byte was pushed. */
  finish(): void {
    this.isComplete = true;
    if (this.hold !== undefined) this.endHold('complete');
    else if (!this.isHeld) this.consumer?.onBodyEnd();
  }

  /** Server side: the body will never be complete. */
  fail(code: ErrorCode): void {
    if (this.failure !== undefined || this.isComplete) return;
    this.failure = code;
    if (this.hold !== undefined) this.endHold(code);
    else this.consumer?.onBodyFailure(code);
  }

  /** Streams the body on; what came before is delivered at once. May be called once, and not after `collect`. */
  stream(consumer: BodyConsumer): void {
    this.consumer = consumer;
    this.demand();
    this.isHeld = false;
    this.deliverKept(consumer);
    if (this.failure !== undefined) consumer.onBodyFailure(this.failure);
    else this.goOn(consumer);
  }

  /** Consumer side: no more pieces until `resume`. Some are still read ahead, so the end may be known before it is told. */
  pause(): void {
    this.isHeld = true;
  }

  resume(): void {
    const { consumer } = this;
    if (!this.isHeld || consumer === undefined || this.failure !== undefined) return;
    this.isHeld = false;
    this.deliverKept(consumer);
    this.goOn(consumer);
  }

  private deliverKept(consumer: BodyConsumer): void {
    for (;;) {
      const piece = this.isHeld ? undefined : this.pieces?.shift();
      if (piece === undefined) return;
      this.keptBytes -= piece.length;
      consumer.onBodyChunk(piece);
    }
  }

  private goOn(consumer: BodyConsumer): void {
    if (this.isHeld) return;
    if (this.isComplete) consumer.onBodyEnd();
    else this.flow?.resumeBody();
  }

  private demand(): void {
    if (this.isDemanded) return;
    this.isDemanded = true;
    if (!this.isComplete) this.flow?.demandBody();
  }

  /**
   * Waits for the body to be here, as long as it has at most `maxBytes`; `done` may be called before this returns. A complete one
   * is `whole` then; a longer one is to be streamed, and what came of it waits for that: it fails nobody. Before `stream` only.
   */
  holdUpTo(maxBytes: number, done: (outcome: HoldOutcome) => void): void {
    if (this.whole !== undefined || this.failure !== undefined) done(this.failure ?? 'complete');
    else if (this.declaredBytes > maxBytes || this.keptBytes > maxBytes) done('longer');
    else {
      this.hold = { maxBytes, done };
      this.demand();
      if (this.isComplete) this.endHold('complete');
      else this.flow?.resumeBody();
    }
  }

  private endHold(outcome: HoldOutcome): void {
    const { hold, pieces = [] } = this;
    this.hold = undefined;
    if (outcome === 'complete') {
      this.setKept(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
      this.pieces = undefined;
      this.keptBytes = 0;
    }
    hold?.done(outcome);
  }

  private setKept(whole: Buffer): void {
    this.whole = whole;
    this.wholeStart = 0;
    this.wholeEnd = whole.length;
  }

  /** Holds the body in memory, at most `maxBytes` of it; `done` may be called before this returns. Afterwards `whole` is set. */
  collect(maxBytes: number, done: (outcome: CollectOutcome) => void): void {
    this.cap(maxBytes);
    if (this.isOverCap || this.whole !== undefined) {
      done(this.isOverCap ? 'request.too-large' : 'complete');
      return;
    }
    const pieces: Buffer[] = [];
    this.stream({
      onBodyChunk: (chunk) => {
        pieces.push(chunk);
      },
      onBodyEnd: () => {
        this.setKept(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
        this.consumer = undefined;
        done('complete');
      },
      onBodyFailure: done,
    });
  }

  /** The whole body as bytes, for filters; waits for it when it is still arriving. */
  bytes(maxBytes: number): Promise<Buffer | ErrorCode> {
    return new Promise((resolve) => {
      this.collect(maxBytes, (outcome) => {
        resolve(outcome === 'complete' ? this.wholeBytes() : outcome);
      });
    });
  }

  /** The whole body as latin1 text, to be written together with a head. */
  wholeText(): string {
    return this.whole === undefined ? '' : latin1(this.whole, this.wholeStart, this.wholeEnd);
  }

  wholeBytes(): Buffer {
    return (this.whole ?? NO_BYTES).subarray(this.wholeStart, this.wholeEnd);
  }
}
