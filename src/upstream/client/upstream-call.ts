// One request on its way to one endpoint, and who hears of the answer. Made by runtime/forward.ts, carried by a pooled connection.
import type { Duplex } from 'node:stream';
import type { Failure } from '../../errors/failure.ts';
import type { RequestBody } from '../../pipeline/request-body.ts';
import type { ByteSink } from '../../wire/byte-sink.ts';
import type { HeaderList } from '../../wire/header-list.ts';
import type { ResponseHead } from '../../wire/http1-response-parser.ts';
import { isIdempotent } from '../../wire/method.ts';

/**
 * Hears of the answer, in this order: any number of 1xx, the head, body pieces (`write`, valid only during the call), `onReadEnd`
 * after each read from the socket, then `onAnswerEnd` or `onFailure`, exactly one of them and nothing after it.
 */
export interface CallReceiver extends ByteSink {
  onInformational(head: ResponseHead): void;
  /** `isWhole`: the rest of the answer is in the same read, so head and body can leave in one write. */
  onHead(head: ResponseHead): void;
  onReadEnd(): void;
  onAnswerEnd(trailers: HeaderList | undefined): void;
  onFailure(failure: Failure): void;
  /** The endpoint switched protocols: the connection is the receiver's now. `early` is what came behind the head. */
  onUpgraded(head: ResponseHead, socket: Duplex, early: Buffer): void;
}

/** A lost reused connection counts as stale, and the request as never read, when it was lost this soon after it was written. */
const STALE_WITHIN_MS = 250;

export interface CallTimeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

export class UpstreamCall {
  readonly receiver: CallReceiver;
  readonly method: string;
  /** Request line and fields with the blank line; for a small body the body too, so that one write carries all. */
  readonly text: string;
  /** A larger body held in memory. */
  readonly bytes: Buffer | undefined;
  /** A body passed on as it arrives; `isChunked` when its length is unknown. */
  readonly stream: RequestBody | undefined;
  readonly isChunked: boolean;
  /** Asks for another protocol: needs a connection of its own. */
  readonly isUpgrade: boolean;
  readonly timeouts: CallTimeouts;
  /** Sent once already on a stale connection; the next loss is final. */
  isReplayed = false;
  /** Set by `cancel`: nothing is to be heard any more. */
  isCancelled = false;
  /** When the request was written, monotonic; 0 = not yet. */
  sentAtMs = 0;
  /** The connection or queue that holds the call now. */
  holder: CallHolder | undefined = undefined;

  constructor(receiver: CallReceiver, parts: CallParts) {
    this.receiver = receiver;
    this.method = parts.method;
    this.text = parts.text;
    this.bytes = parts.bytes;
    this.stream = parts.stream;
    this.isChunked = parts.isChunked;
    this.isUpgrade = parts.isUpgrade;
    this.timeouts = parts.timeouts;
  }

  /** The client is gone or another answer won: gives the connection up at once, so that the endpoint sees it. */
  cancel(): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.holder?.dropCall(this);
  }

  /** Whether the request may go out once more after a kept connection died under it without a word of an answer. */
  mayReplay(nowMs: number): boolean {
    if (this.isReplayed || this.stream !== undefined) return false;
    return isIdempotent(this.method) || nowMs - this.sentAtMs < STALE_WITHIN_MS;
  }

  /** Holds the answer back while the client is slow. */
  pause(): void {
    this.holder?.pauseCall();
  }

  resume(): void {
    this.holder?.resumeCall();
  }
}

export interface CallParts {
  readonly method: string;
  readonly text: string;
  readonly bytes: Buffer | undefined;
  readonly stream: RequestBody | undefined;
  readonly isChunked: boolean;
  readonly isUpgrade: boolean;
  readonly timeouts: CallTimeouts;
}

export interface CallHolder {
  dropCall(call: UpstreamCall): void;
  pauseCall(): void;
  resumeCall(): void;
}
