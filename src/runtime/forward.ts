// Walks the plan of one exchange: target, endpoint, attempt, answer – or the next candidate while nothing was sent. The answer
// streams through here to the client; listeners, route filters and configuration are out of sight.

import type { Duplex } from 'node:stream';
import type { Deadline } from '../base/deadline-wheel.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import type { Failure } from '../errors/failure.ts';
import type { Exchange, ExchangeOwner } from '../pipeline/exchange.ts';
import type { AttemptRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { Reply } from '../pipeline/reply.ts';
import type { ReplySource } from '../pipeline/reply-writer.ts';
import { type CallReceiver, type CallTimeouts, UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { HeaderList } from '../wire/header-list.ts';
import { dropForbiddenTrailers } from '../wire/hop-by-hop.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AiExchange } from './ai-exchange.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { AttemptMetrics } from './attempt-metrics.ts';
import type { CompiledEndpoint } from './compiled-backend.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { ExchangeEnd } from './finish.ts';
import type { PlanTarget, TargetPlan } from './plan.ts';
import { framingOf, prepareAnswer } from './response-head.ts';
import { codeOfEnd, endOfFailure } from './stream-end.ts';
import type { ThreadResources } from './thread-resources.ts';
import { tunnel } from './tunnel.ts';
import { dropOwnFields, forwardingLines, plainRequestHead, providerRequestHead } from './upstream-head.ts';

/** Attempts of one exchange, the first included. */
const MAX_ATTEMPTS = 5;
/** Bodies up to this leave in one write together with their head. */
const MAX_TEXT_BODY_BYTES = 16 * 1024;

export interface ForwardParts {
  readonly route: CompiledRoute;
  readonly plan: TargetPlan;
  /** AI facts of the request; undefined on plain routes. */
  readonly ai: AiExchange | undefined;
}

export class Forwarding implements CallReceiver, ReplySource, Deadline, ExchangeOwner {
  deadlineMs = 0;
  wheelTick = -1;
  private readonly resources: ThreadResources;
  private readonly exchange: Exchange;
  private readonly parts: ForwardParts;
  private readonly done: ExchangeEnd;
  private ownLines = '';
  private call: UpstreamCall | undefined;
  private target: PlanTarget | undefined;
  private endpoint: CompiledEndpoint | undefined;
  private endpointIndex = -1;
  private attemptMetrics: AttemptMetrics | undefined;
  private attempt: AttemptRecord | undefined;
  private attemptStartedMs = 0;
  private attempts: AttemptRecord[] = [];
  private triedTargets: Set<PlanTarget> | undefined;
  private triedEndpoints: Set<number> | undefined;
  private tap: AnswerTap | undefined;
  private isCommitted = false;
  private isDone = false;
  private isInFlight = false;
  /** Pieces that came while a reply filter was still working on the head. */
  private held: Buffer[] | undefined;
  private heldEnd: { readonly trailers: HeaderList | undefined } | undefined;

  constructor(resources: ThreadResources, exchange: Exchange, parts: ForwardParts, done: ExchangeEnd) {
    this.resources = resources;
    this.exchange = exchange;
    this.parts = parts;
    this.done = done;
  }

  start(): void {
    const exchange = this.exchange;
    exchange.owner = this;
    exchange.attempts = this.attempts;
    this.ownLines = forwardingLines(exchange, this.resources.via);
    dropOwnFields(exchange);
    const totalMs = this.parts.route.totalMs;
    if (totalMs > 0) this.resources.wheel.set(this, exchange.startedAtMs + totalMs);
    this.next(undefined);
  }

  /** The next candidate; `last` is why the one before failed. */
  private next(last: Failure | undefined): void {
    const wallMs = this.resources.wallMs();
    while (this.attempts.length < MAX_ATTEMPTS) {
      if (this.target === undefined) {
        this.target = this.parts.plan.next(this.triedTargets, wallMs);
        if (this.target === undefined) break;
        this.triedEndpoints = undefined;
      }
      const index = this.target.backend.balancer.pick(this.triedEndpoints);
      if (index !== -1 && (this.triedEndpoints === undefined || this.target.backend.isUsable(wallMs))) {
        this.attemptAt(this.target, index);
        return;
      }
      this.triedTargets ??= new Set();
      this.triedTargets.add(this.target);
      this.target = undefined;
    }
    if (last === undefined) this.refuse('route.no-target', 'no target has a positive weight');
    else this.refuse(last.code, last.detail);
  }

  private attemptAt(target: PlanTarget, index: number): void {
    const backend = target.backend;
    const endpoint = backend.endpoints[index];
    this.endpoint = endpoint;
    this.attemptMetrics = backend.attempts;
    const call = this.buildCall(target, endpoint);
    if (typeof call === 'string') {
      this.refuse(call, '');
      return;
    }
    this.call = call;
    this.attemptStartedMs = this.resources.nowMs();
    this.attempt = { backend: backend.name, endpoint: endpoint.url, status: 0, ms: 0, error: undefined };
    this.attempts.push(this.attempt);
    this.exchange.upstream = backend.name;
    this.resources.table.addInFlight(endpoint.row, 1);
    this.isInFlight = true;
    this.endpointIndex = index;
    endpoint.pool.dispatch(call);
  }

  private buildCall(target: PlanTarget, endpoint: CompiledEndpoint): UpstreamCall | ErrorCode {
    const backend = target.backend;
    const ai = this.parts.ai;
    if (backend.provider === undefined || ai === undefined) return this.plainCall(endpoint, target.timeouts);
    const request = ai.requestFor(target, backend.provider);
    if (typeof request === 'string') return request;
    const isChunked = request.isStreamed && request.bodyBytes < 0;
    let text = providerRequestHead(this.exchange, endpoint, backend.provider, request.path);
    if (isChunked) text += 'transfer-encoding: chunked\r\n\r\n';
    else text += request.hasBody ? `content-length: ${request.bodyBytes}\r\n\r\n${request.text}` : '\r\n';
    const stream = request.isStreamed ? this.exchange.body : undefined;
    const timeouts = target.timeouts;
    return new UpstreamCall(this, {
      method: this.exchange.method,
      text,
      bytes: request.bytes,
      stream,
      isChunked,
      isUpgrade: false,
      timeouts,
    });
  }

  private plainCall(endpoint: CompiledEndpoint, timeouts: CallTimeouts): UpstreamCall {
    const exchange = this.exchange;
    const body = exchange.body;
    let text = plainRequestHead(exchange, endpoint, this.ownLines);
    if (exchange.isUpgrade) text += `connection: Upgrade\r\nupgrade: ${exchange.upgradeToken}\r\n`;
    let bytes: Buffer | undefined;
    const isStreamed = body.whole === undefined;
    const isChunked = isStreamed && body.declaredBytes < 0;
    if (isStreamed)
      text += isChunked ? 'transfer-encoding: chunked\r\n\r\n' : `content-length: ${body.declaredBytes}\r\n\r\n`;
    else {
      const length = body.wholeEnd - body.wholeStart;
      text += length > 0 || hasBodyByMeaning(exchange.method) ? `content-length: ${length}\r\n\r\n` : '\r\n';
      if (length > MAX_TEXT_BODY_BYTES) bytes = body.wholeBytes();
      else if (length > 0) text += body.wholeText();
    }
    const stream = isStreamed ? body : undefined;
    return new UpstreamCall(this, {
      method: exchange.method,
      text,
      bytes,
      stream,
      isChunked,
      isUpgrade: exchange.isUpgrade,
      timeouts,
    });
  }

  onInformational(head: ResponseHead): void {
    // 100 belongs to our own exchange with the endpoint; HTTP/1.0 clients know no interim answers (RFC 9110 §15.2).
    if (head.status === 100 || this.exchange.minorVersion === 0 || this.isCommitted) return;
    this.exchange.writer.informational({ status: head.status, reason: head.reason, lines: head.headers.lines() });
  }

  onHead(head: ResponseHead): void {
    const exchange = this.exchange;
    const nowMs = this.resources.nowMs();
    exchange.firstByteMs = nowMs - exchange.startedAtMs;
    const attempt = this.attempt;
    const endpoint = this.endpoint;
    if (attempt === undefined || endpoint === undefined) return;
    attempt.status = head.status;
    this.resources.table.recordAnswer(endpoint.row, nowMs - this.attemptStartedMs);
    this.tap = this.parts.ai?.tapFor(head, this.resources);
    this.isCommitted = true;
    const changesLength = this.tap?.changesLength ?? false;
    const isAi = this.parts.ai !== undefined;
    const ownLines = prepareAnswer(head, exchange, this.resources.via, { dropsCredentials: isAi, changesLength });
    const framing = framingOf(head, exchange.method, changesLength);
    exchange.status = head.status;
    if (!this.done.hasReplyHooks(this.parts.route)) {
      exchange.writer.begin(
        { status: head.status, reason: head.reason, lines: head.headers.lines() + ownLines },
        framing,
        this,
      );
      return;
    }
    this.runReplyHooks(
      { status: head.status, reason: head.reason, headers: head.headers, body: 'streamed' },
      ownLines,
      framing,
    );
  }

  private runReplyHooks(reply: Reply, ownLines: string, framing: ReturnType<typeof framingOf>): void {
    const begin = (changed: Reply): void => {
      this.exchange.status = changed.status;
      this.exchange.writer.begin(
        { status: changed.status, reason: changed.reason, lines: changed.headers.lines() + ownLines },
        framing,
        this,
      );
    };
    const changed = this.done.runReplyHooks(this.exchange, this.parts.route, reply);
    if (!(changed instanceof Promise)) {
      begin(changed);
      return;
    }
    this.held = [];
    changed.then(
      (settled) => this.release(() => begin(settled)),
      (error: unknown) => this.fail({ code: 'internal.bug', detail: String(error), neverSent: false }),
    );
  }

  /** A reply filter has finished: what came meanwhile goes out behind the head. */
  private release(begin: () => void): void {
    const held = this.held ?? [];
    this.held = undefined;
    if (this.isDone) return;
    begin();
    for (const piece of held) this.write(piece, 0, piece.length);
    this.exchange.writer.flush();
    if (this.heldEnd !== undefined) this.onAnswerEnd(this.heldEnd.trailers);
    else this.call?.resume();
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (this.held !== undefined) {
      this.held.push(Buffer.from(bytes.subarray(start, end)));
      return;
    }
    this.exchange.responseBytes += end - start;
    if (this.tap === undefined) this.exchange.writer.write(bytes, start, end);
    else this.tap.push(bytes as Buffer, start, end, this.exchange.writer);
  }

  writeLatin1(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.write(bytes, 0, bytes.length);
  }

  onReadEnd(): void {
    if (this.held !== undefined) this.call?.pause();
    else this.exchange.writer.flush();
  }

  onAnswerEnd(trailers: HeaderList | undefined): void {
    if (this.isDone) return;
    if (this.held !== undefined) {
      this.heldEnd = { trailers };
      return;
    }
    const writer = this.exchange.writer;
    const end: StreamEnd = this.tap?.end(writer) ?? 'complete';
    if (trailers !== undefined) dropForbiddenTrailers(trailers);
    writer.end(this.exchange.acceptsTrailers ? trailers : undefined);
    const code = codeOfEnd(end);
    if (code !== undefined && this.attempt !== undefined) this.attempt.error = code;
    this.finish(end, code);
  }

  onFailure(failure: Failure): void {
    if (!this.isDone) this.fail(failure);
  }

  private fail(failure: Failure): void {
    const attempt = this.attempt;
    if (attempt !== undefined) attempt.error = failure.code;
    if (this.endpoint !== undefined) this.resources.table.recordFailure(this.endpoint.row);
    this.endAttempt();
    if (this.isCommitted) this.cut(failure);
    else if (failure.neverSent && ERROR_CODES[failure.code].retry === 'other-endpoint') {
      this.triedEndpoints ??= new Set();
      this.triedEndpoints.add(this.endpointIndex);
      this.next(failure);
    } else this.refuse(failure.code, failure.detail);
  }

  /** The answer broke after it began: the client must be able to tell. */
  private cut(failure: Failure): void {
    const cause = endOfFailure(failure.code);
    const writer = this.exchange.writer;
    if (this.tap?.cut(writer, cause) === true) writer.end(undefined);
    else writer.abort();
    this.exchange.errorDetail = failure.detail;
    this.finish(cause, failure.code);
  }

  /** No answer came: the gateway answers. */
  private refuse(code: ErrorCode, detail: string): void {
    this.endAttempt();
    if (this.isDone) return;
    this.isDone = true;
    this.resources.wheel.disarm(this);
    this.done.answerError(this.exchange, this.parts.route, code, detail);
  }

  private finish(end: StreamEnd, code: ErrorCode | undefined): void {
    if (this.isDone) return;
    this.isDone = true;
    if (this.deadlineMs !== 0) this.resources.wheel.disarm(this);
    this.endAttempt();
    this.exchange.streamEnd = end;
    this.exchange.errorCode = code;
    this.done.finish(this.exchange, this.parts.route);
  }

  private endAttempt(): void {
    const attempt = this.attempt;
    if (attempt !== undefined) {
      attempt.ms = this.resources.nowMs() - this.attemptStartedMs;
      this.attemptMetrics?.count(attempt.status, attempt.error);
    }
    if (this.isInFlight && this.endpoint !== undefined) this.resources.table.addInFlight(this.endpoint.row, -1);
    this.isInFlight = false;
    this.attempt = undefined;
    this.call = undefined;
  }

  onClientGone(): void {
    if (this.isDone) return;
    const call = this.call;
    if (!this.isCommitted) this.exchange.status = 499;
    this.tap?.abandon();
    this.finish('client-gone', 'request.aborted');
    call?.cancel();
  }

  /** The whole exchange has taken too long. */
  onDeadline(): void {
    if (this.isDone) return;
    const call = this.call;
    this.fail({ code: 'upstream.total-timeout', detail: 'the total time limit passed', neverSent: false });
    call?.cancel();
  }

  pauseReply(): void {
    this.call?.pause();
  }

  resumeReply(): void {
    this.call?.resume();
  }

  onUpgraded(head: ResponseHead, socket: Duplex, early: Buffer): void {
    const exchange = this.exchange;
    const token = head.headers.get('upgrade') ?? exchange.upgradeToken;
    const lines = prepareAnswer(head, exchange, this.resources.via, { dropsCredentials: false, changesLength: false });
    const connection = exchange.writer.upgrade({
      status: 101,
      reason: head.reason,
      lines: `${head.headers.lines()}${lines}connection: Upgrade\r\nupgrade: ${token}\r\n`,
    });
    if (connection === undefined) {
      socket.destroy();
      this.fail({ code: 'upstream.bad-response', detail: 'switched protocols without being asked', neverSent: false });
      return;
    }
    exchange.status = 101;
    if (this.attempt !== undefined) this.attempt.status = 101;
    this.isCommitted = true;
    tunnel(connection, { socket, early }, (sentBytes) => {
      exchange.responseBytes = sentBytes;
      this.finish('complete', undefined);
    });
  }
}

/** A request with one of these methods announces an empty body (RFC 9110 §8.6). */
function hasBodyByMeaning(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}
