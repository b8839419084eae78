// The client's side of a forwarded answer: head through the reply filters, bytes through the tap, held back while they must not
// be seen yet. Under forward.ts, which decides whose answer it is; one object with it, because a request makes as few as it can.
import type { Failure } from '../errors/failure.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { AttemptRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { Reply } from '../pipeline/reply.ts';
import type { ReplySource } from '../pipeline/reply-writer.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { HeaderList } from '../wire/header-list.ts';
import { dropForbiddenTrailers } from '../wire/hop-by-hop.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AiExchange } from './ai-exchange.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { AnswerHead, SavedAnswer } from './attempt-outcome.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { costLines, endingFields } from './cost-fields.ts';
import type { ExchangeEnd } from './finish.ts';
import { HeldBytes } from './held-bytes.ts';
import type { TargetPlan } from './plan.ts';
import { framingOf, prepareAnswer } from './response-head.ts';
import { codeOfEnd } from './stream-end.ts';
import { type StreamLimits, StreamWatch, type WatchedStream } from './stream-watch.ts';
import type { ThreadResources } from './thread-resources.ts';

export interface ForwardParts {
  readonly route: CompiledRoute;
  readonly plan: TargetPlan;
  /** AI facts of the request; undefined on plain routes. */
  readonly ai: AiExchange | undefined;
}

/**
 * Why bytes of the answer are held. `hooks`: a reply filter works on the head. `useful`: the first useful part has not come.
 * `refusal`: another candidate is chosen already. `question`: the body says whether another target may do better.
 */
export type HoldReason = 'hooks' | 'useful' | 'refusal' | 'question';

export abstract class AnswerRelay implements ByteSink, ReplySource, WatchedStream {
  protected readonly resources: ThreadResources;
  protected readonly exchange: Exchange;
  protected readonly parts: ForwardParts;
  protected readonly done: ExchangeEnd;
  protected call: UpstreamCall | undefined;
  protected attempt: AttemptRecord | undefined;
  protected tap: AnswerTap | undefined;
  /** The reply writer, or what holds bytes back. */
  protected out: ByteSink;
  /** The client sees this answer: nothing else can follow. */
  protected isCommitted = false;
  protected isDone = false;
  protected hold: HeldBytes | undefined;
  protected holdsFor: HoldReason = 'hooks';
  /** The answer ended while a reply filter worked on its head. */
  protected heldEnd: { readonly trailers: HeaderList | undefined } | undefined;
  /** Of a streamed answer, where it is watched. */
  protected watch: StreamWatch | undefined;
  /** How the answer ended for its own protocol, once the tap was asked. */
  protected tapEnd: StreamEnd | undefined;

  constructor(resources: ThreadResources, exchange: Exchange, parts: ForwardParts, done: ExchangeEnd) {
    this.resources = resources;
    this.exchange = exchange;
    this.parts = parts;
    this.done = done;
    this.out = exchange.writer;
  }

  /** For the client's sticky session; empty where there is none. */
  protected abstract sessionLine(): string;
  protected abstract onCommit(): void;
  protected abstract endAttempt(): void;
  /** The backend may have another request instead of this one. */
  protected abstract leavePlaces(): void;
  protected abstract fail(failure: Failure): void;
  protected abstract finish(end: StreamEnd, code: ReturnType<typeof codeOfEnd>): void;

  protected holdFor(reason: HoldReason, maxBytes: number): void {
    this.holdIn(new HeldBytes(maxBytes), reason);
  }

  protected holdIn(hold: HeldBytes, reason: HoldReason): void {
    this.hold = hold;
    this.holdsFor = reason;
    this.out = hold;
  }

  protected answerHead(head: ResponseHead): AnswerHead {
    const changesLength = this.tap?.changesLength ?? false;
    const options = { dropsCredentials: this.parts.ai !== undefined, changesLength };
    const told = this.tap?.headLines?.(head, this.resources.wallMs()) ?? '';
    const ownLines = told + prepareAnswer(head, this.exchange, this.resources.via, options) + this.sessionLine();
    const cost = costLines(this.resources.costs, this.exchange, head);
    const framing = framingOf(head, this.exchange.method, changesLength);
    return { status: head.status, reason: head.reason, headers: head.headers, ownLines: ownLines + cost, framing };
  }

  onInformational(head: ResponseHead): void {
    // 100 belongs to our own exchange with the endpoint; HTTP/1.0 clients know no interim answers (RFC 9110 §15.2).
    if (head.status === 100 || this.exchange.minorVersion === 0 || this.isCommitted) return;
    this.exchange.writer.informational({ status: head.status, reason: head.reason, lines: head.headers.lines() });
  }

  /** From here on the client sees this answer. */
  protected commit(head: ResponseHead): void {
    this.begin(this.answerHead(head));
  }

  private begin(head: AnswerHead): void {
    this.isCommitted = true;
    this.onCommit();
    this.exchange.status = head.status;
    if (!this.done.hasReplyHooks(this.parts.route)) {
      this.beginReply(head, head);
      return;
    }
    const reply: Reply = { status: head.status, reason: head.reason, headers: head.headers, body: 'streamed' };
    const changed = this.done.runReplyHooks(this.exchange, this.parts.route, reply);
    if (!(changed instanceof Promise)) {
      this.beginReply(head, changed);
      return;
    }
    this.hold ??= new HeldBytes(Number.POSITIVE_INFINITY);
    this.hold.keep();
    this.holdsFor = 'hooks';
    this.out = this.hold;
    changed.then(
      (settled) => this.release(head, settled),
      (error: unknown) => this.fail({ code: 'internal.bug', detail: String(error), neverSent: false }),
    );
  }

  private beginReply({ ownLines, framing }: AnswerHead, { status, reason, headers }: Omit<Reply, 'body'>): void {
    const { writer } = this.exchange;
    this.exchange.status = status;
    writer.begin({ status, reason, lines: headers.lines() + ownLines }, framing, this);
    this.hold?.releaseTo(writer);
    this.hold = undefined;
    this.out = writer;
  }

  /** A reply filter has finished: what came meanwhile goes out behind the head. */
  private release(head: AnswerHead, changed: Reply): void {
    if (this.isDone) return;
    this.beginReply(head, changed);
    this.exchange.writer.flush();
    if (this.heldEnd !== undefined) this.endAnswer(this.heldEnd.trailers);
    else this.call?.resume();
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.exchange.responseBytes += end - start;
    if (this.tap === undefined) this.out.write(bytes, start, end);
    else this.tap.push(bytes as Buffer, start, end, this.out);
  }

  writeLatin1(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.write(bytes, 0, bytes.length);
  }

  /** From the first byte on where a rate is asked for, else from when the client sees it. */
  protected watchStream(limits: StreamLimits): void {
    const isWanted = limits.windowMs > 0 || (limits.heartbeatMs > 0 && this.isCommitted);
    if (isWanted) this.watch ??= new StreamWatch(this.resources.wheel, limits, this, this.resources.nowMs());
  }

  receivedBytes(): number {
    return this.exchange.responseBytes;
  }

  onSilence(): void {
    if (!this.isCommitted || this.hold !== undefined || this.isDone) return;
    const text = this.tap?.heartbeat?.() ?? '';
    if (text === '') return;
    this.exchange.writer.writeLatin1(text);
    this.exchange.writer.flush();
  }

  onTooSlow(): void {
    const { call } = this;
    if (this.isDone) return;
    this.fail({ code: 'upstream.too-slow', detail: 'less came than the minimum rate', neverSent: false });
    call?.cancel();
  }

  protected endAnswer(trailers: HeaderList | undefined): void {
    const writer = this.exchange.writer;
    const end: StreamEnd = this.tapEnd ?? this.tap?.end(writer) ?? 'complete';
    if (trailers !== undefined) dropForbiddenTrailers(trailers);
    const code = codeOfEnd(end);
    if (code !== undefined && this.attempt !== undefined) this.attempt.error = code;
    this.endAttempt();
    this.leavePlaces();
    writer.end(endingFields(this.resources.costs, this.exchange, trailers));
    this.finish(end, code);
  }

  /** Every try failed, and one of them had an answer: better its own than ours. */
  protected relay({ backend, head, body }: SavedAnswer): void {
    this.endAttempt();
    this.tap = undefined;
    this.holdFor('hooks', Number.POSITIVE_INFINITY);
    this.exchange.upstream = backend;
    this.exchange.responseBytes = body.length;
    if (head.framing !== 'none') this.out.write(body, 0, body.length);
    this.begin(head);
    if (this.hold !== undefined) this.heldEnd = { trailers: undefined };
    else this.endAnswer(undefined);
  }

  pauseReply(): void {
    this.call?.pause();
  }

  resumeReply(): void {
    this.call?.resume();
  }
}
