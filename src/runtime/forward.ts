// Walks the plan of one exchange: target, endpoint, attempt, answer – or the next candidate while nothing reached the client.
// Listeners, route filters and configuration are out of sight.

import type { Duplex } from 'node:stream';
import type { Deadline } from '../base/deadline-wheel.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Failure } from '../errors/failure.ts';
import { refusalOf } from '../llm/refusal.ts';
import type { ExchangeOwner } from '../pipeline/exchange.ts';
import type { StreamEnd } from '../pipeline/outcome.ts';
import { problem, type Reply } from '../pipeline/reply.ts';
import type { AttemptOutcome } from '../upstream/attempt.ts';
import type { CallReceiver } from '../upstream/client/upstream-call.ts';
import type { HeaderList } from '../wire/header-list.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { outcomeOfAnswer, outcomeOfFailure } from './attempt-outcome.ts';
import { AttemptUnderWay } from './attempt-under-way.ts';
import { buildCall } from './build-call.ts';
import type { EndpointSet } from './endpoint-set.ts';
import type { HeldBytes } from './held-bytes.ts';
import type { PlanTarget } from './plan.ts';
import { prepareAnswer } from './response-head.ts';
import { RetryRun, type RetryTimer } from './retry-run.ts';
import { codeOfEnd, endOfFailure } from './stream-end.ts';
import { tunnel } from './tunnel.ts';
import { dropOwnFields, forwardingLines } from './upstream-head.ts';

/** A request body up to this is kept for retries where the author asked for them; a larger one can be sent only once. */
const MAX_KEPT_BODY_BYTES = 64 * 1024;
/** A refusal up to this can be relayed after later tries. */
const MAX_REFUSAL_BYTES = 64 * 1024;
/** For the rest of a refusal, which only saves its connection and its text. */
const REFUSAL_TIMEOUT_MS = 1000;
/** A good answer is held back no further than this while it has no useful part. */
const MAX_WAITED_BYTES = 256 * 1024;

export class Forwarding extends AttemptUnderWay implements CallReceiver, Deadline, ExchangeOwner {
  deadlineMs = 0;
  wheelTick = -1;
  private ownLines = '';
  /** Made when something goes wrong. */
  private run: RetryRun | undefined;
  /** The connection's own: valid until the call ends. */
  private head: ResponseHead | undefined;

  start(): void {
    const exchange = this.exchange;
    exchange.owner = this;
    exchange.attempts = this.attempts;
    this.ownLines = forwardingLines(exchange, this.resources.via);
    dropOwnFields(exchange);
    const totalMs = this.parts.route.totalMs;
    if (totalMs > 0) this.resources.wheel.set(this, exchange.startedAtMs + totalMs);
    const { plan, route } = this.parts;
    if ((plan.keepsBodies || route.bufferBytes !== undefined) && this.keepsBody(route.bufferBytes)) return;
    this.first();
  }

  /** Waits for a body that is still arriving, a small one or as large as the route says; then the first try follows. */
  private keepsBody(bufferBytes: number | undefined): boolean {
    const { body, isUpgrade } = this.exchange;
    if (body.whole !== undefined || isUpgrade) return false;
    if (bufferBytes === undefined && (body.declaredBytes < 0 || body.declaredBytes > MAX_KEPT_BODY_BYTES)) return false;
    body.holdUpTo(bufferBytes ?? MAX_KEPT_BODY_BYTES, (outcome) => {
      if (this.isDone) return;
      if (outcome === 'complete' || outcome === 'longer') this.first();
      else this.refuse(outcome, '');
    });
    return true;
  }

  private first(): void {
    const wallMs = this.resources.wallMs();
    const target = this.parts.plan.next(undefined, wallMs);
    if (target === undefined) {
      this.refuse('route.no-target', 'no target has a positive weight');
      return;
    }
    const index = this.pickAt(target);
    const { set } = target.backend;
    const admission = index === -1 ? 0 : set.admit(index, wallMs);
    if (admission > 0) {
      target.backend.retries.recordRequest(wallMs);
      this.admission = admission;
      this.attemptAt(target, index, set);
      return;
    }
    const run = this.retries();
    if (run.chooseFirst(target, index, admission)) {
      run.target?.backend.retries.recordRequest(wallMs);
      this.tryNext();
    } else this.answer(run.insteadOfAll());
  }

  /** Choice: asked by balancers. */
  tried(index: number): boolean {
    return this.run?.hasTried(index) ?? false;
  }

  private retries(): RetryRun {
    if (this.run === undefined) {
      const { plan, ai, route } = this.parts;
      const parts = { exchange: this.exchange, plan, replicas: route.replicas, ai, totalMs: route.totalMs };
      this.run = new RetryRun(this.resources, parts, this);
    }
    return this.run;
  }

  /** Whether another try follows this one, which came to `outcome`. */
  private findNext(outcome: AttemptOutcome): boolean {
    const { target, set, endpointIndex } = this;
    if (target === undefined || set === undefined) return false;
    // What can only be a failure is told before the next candidate is asked for: the breaker may open by it.
    if (outcome.code !== undefined || outcome.status >= 500 || outcome.status === 429) this.settle();
    return this.retries().findNext({ target, set, endpointIndex, attempts: this.attempts.length }, outcome);
  }

  /** Goes to the candidate found, after its pause. */
  private move(): void {
    this.endAttempt();
    this.hold = undefined;
    this.tap = undefined;
    this.tapEnd = undefined;
    this.head = undefined;
    this.out = this.exchange.writer;
    this.exchange.responseBytes = 0;
    const run = this.retries();
    run.clearTimer();
    if (run.pauseMs > 0) run.setTimer('pause', run.pauseMs);
    else this.tryNext();
  }

  private tryNext(): void {
    const run = this.retries();
    if (run.target === undefined || run.set === undefined) return;
    this.admission = run.takeAdmission();
    this.attemptAt(run.target, run.endpointIndex, run.set);
  }

  private attemptAt(target: PlanTarget, index: number, set: EndpointSet): void {
    const endpoint = set.endpoints[index];
    this.target = target;
    this.set = set;
    this.endpoint = endpoint;
    const source = { exchange: this.exchange, ai: this.parts.ai, ownLines: this.ownLines, receiver: this };
    const call = buildCall(source, target, endpoint);
    if (typeof call === 'string') {
      // The refusal of a target that could be asked says more than that this one cannot.
      if (this.run?.saved !== undefined) this.relay(this.run.saved);
      else this.refuse(call, '');
      return;
    }
    this.beginAttempt(call, index, target);
    if (target.retry.perTryMs > 0) this.retries().setTimer('try', target.retry.perTryMs);
    endpoint.pool.dispatch(call);
  }

  protected onCommit(): void {
    this.run?.clearTimer();
  }

  onRetryTimer(timer: RetryTimer): void {
    if (this.isDone || this.isCommitted) return;
    if (timer === 'pause') {
      this.tryNext();
      return;
    }
    const call = this.call;
    if (call === undefined) return;
    const neverSent = call.sentAtMs === 0;
    call.cancel();
    // Of a refusal only the rest of its text was awaited.
    if (timer === 'refusal') this.move();
    else this.fail({ code: 'upstream.first-byte-timeout', detail: 'the time for one try passed', neverSent });
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
    this.settleHead(head.status);
    this.recordAnswer(endpoint.row, head.status, nowMs - this.attemptStartedMs);
    this.head = head;
    if (this.parts.plan.hasChoice && this.mayMove() && this.holdsAnswer(head)) return;
    this.tap ??= this.tapFor(head);
    this.commit(head);
  }

  private mayMove(): boolean {
    const retry = this.target?.retry;
    return retry !== undefined && this.attempts.length < retry.attempts && this.exchange.body.whole !== undefined;
  }

  /** Whether the answer stays here for now: a refusal that another try follows, or a good one that is of no use yet. */
  private holdsAnswer(head: ResponseHead): boolean {
    const { ai } = this.parts;
    if (head.status < 400) {
      this.tap = this.tapFor(head);
      if (ai === undefined || this.tap === undefined) return false;
      this.holdFor('useful', MAX_WAITED_BYTES);
      return true;
    }
    if (ai !== undefined && this.target?.retry.asksBody(head.status) === true) {
      this.holdFor('question', MAX_REFUSAL_BYTES);
      return true;
    }
    if (!this.findNext(outcomeOfAnswer(head, this.resources.wallMs(), undefined))) return false;
    this.holdFor('refusal', MAX_REFUSAL_BYTES);
    this.retries().setTimer('refusal', REFUSAL_TIMEOUT_MS);
    return true;
  }

  onReadEnd(): void {
    const { hold, holdsFor, call, head } = this;
    if (hold === undefined) this.exchange.writer.flush();
    else if (holdsFor === 'hooks') call?.pause();
    else if (holdsFor === 'refusal') {
      if (!hold.isFull) return;
      call?.cancel();
      this.move();
    } else if (this.tap?.verdict === 'failed') {
      call?.cancel();
      const detail = 'the stream began with a failure';
      this.fail({ code: 'upstream.in-band-error', detail, neverSent: false });
    } else if (head !== undefined && (hold.isFull || this.tap?.verdict === 'useful')) {
      this.commit(head);
      if (this.hold === undefined) this.exchange.writer.flush();
    }
  }

  onAnswerEnd(trailers: HeaderList | undefined): void {
    if (this.isDone) return;
    if (this.hold !== undefined && this.holdsFor !== 'hooks') this.endHeld(this.hold);
    if (!this.isCommitted || this.isDone) return;
    if (this.hold !== undefined) this.heldEnd = { trailers };
    else this.endAnswer(trailers);
  }

  /** A held answer is complete: it is the client's now, or kept, or forgotten. */
  private endHeld(hold: HeldBytes): void {
    const { head, holdsFor, tap } = this;
    if (head === undefined) return;
    if (holdsFor === 'useful' && tap !== undefined) {
      this.tapEnd = tap.end(hold);
      const code = codeOfEnd(this.tapEnd);
      const failure = code === undefined ? undefined : { code, detail: '', neverSent: false };
      if (this.attempt !== undefined) this.attempt.error = code;
      if (failure !== undefined && this.findNext(outcomeOfFailure(failure))) {
        this.move();
      } else {
        this.commit(head);
        this.tap = undefined;
      }
      return;
    }
    const refusal = holdsFor === 'question' ? refusalOf(hold.whole().toString()) : undefined;
    const isLeft =
      holdsFor === 'refusal' ||
      (refusal !== undefined && this.findNext(outcomeOfAnswer(head, this.resources.wallMs(), refusal)));
    if (!isLeft) this.commit(head);
    else {
      this.save(head, hold);
      this.move();
    }
  }

  private save(head: ResponseHead, hold: HeldBytes): void {
    const answer = this.answerHead(head);
    const saved = { ...answer, headers: answer.headers.copy() };
    this.retries().saved = { backend: this.exchange.upstream ?? '', head: saved, body: hold.whole() };
  }

  onFailure(failure: Failure): void {
    if (!this.isDone) this.fail(failure);
  }

  protected fail(failure: Failure): void {
    if (this.attempt !== undefined) {
      this.attempt.error = failure.code;
      if (this.endpoint !== undefined) this.resources.table.recordFailure(this.endpoint.row, this.resources.wallMs());
    }
    if (this.isCommitted) {
      this.endAttempt();
      this.cut(failure);
      return;
    }
    const isOver = failure.code === 'upstream.total-timeout' || failure.code === 'gateway.draining';
    if (this.hold !== undefined && this.holdsFor === 'refusal' && !isOver) {
      this.move();
      return;
    }
    if (this.hold !== undefined) this.tap?.abandon();
    if (!isOver && this.findNext(outcomeOfFailure(failure))) this.move();
    else if (this.run?.saved !== undefined && !isOver) this.relay(this.run.saved);
    else this.answer((isOver ? undefined : this.run?.fallback()) ?? problem(failure.code, failure.detail));
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
    this.answer(problem(code, detail));
  }

  private answer(reply: Reply): void {
    this.endAttempt();
    if (this.isDone) return;
    this.isDone = true;
    this.run?.end();
    this.resources.wheel.disarm(this);
    this.exchange.responseBytes = 0;
    this.done.answer(this.exchange, this.parts.route, reply);
  }

  protected finish(end: StreamEnd, code: ErrorCode | undefined): void {
    if (this.isDone) return;
    this.isDone = true;
    this.run?.end();
    if (this.deadlineMs !== 0) this.resources.wheel.disarm(this);
    this.endAttempt();
    this.exchange.streamEnd = end;
    this.exchange.errorCode = code;
    this.done.finish(this.exchange, this.parts.route);
  }

  onClientGone(): void {
    if (this.isDone) return;
    const call = this.call;
    if (!this.isCommitted) this.exchange.status = 499;
    this.tap?.abandon();
    this.finish('client-gone', 'request.aborted');
    call?.cancel();
  }

  onDeadline(): void {
    this.giveUp('upstream.total-timeout', 'the total time limit passed');
  }

  onShutdown(): void {
    this.giveUp('gateway.draining', 'the time to finish was over');
  }

  private giveUp(code: ErrorCode, detail: string): void {
    const call = this.call;
    this.onFailure({ code, detail, neverSent: false });
    call?.cancel();
  }

  onUpgraded(head: ResponseHead, socket: Duplex, early: Buffer): void {
    const exchange = this.exchange;
    const token = head.headers.get('upgrade') ?? exchange.upgradeToken;
    const lines = prepareAnswer(head, exchange, this.resources.via, { dropsCredentials: false, changesLength: false });
    const connection = exchange.writer.upgrade({
      status: 101,
      reason: head.reason,
      lines: `${head.headers.lines()}${lines}${this.sessionLine()}connection: Upgrade\r\nupgrade: ${token}\r\n`,
    });
    if (connection === undefined) {
      socket.destroy();
      if (this.attempt !== undefined) this.attempt.error = 'upstream.bad-response';
      this.refuse('upstream.bad-response', 'switched protocols without being asked');
      return;
    }
    exchange.status = 101;
    if (this.attempt !== undefined) this.attempt.status = 101;
    this.settleHead(101);
    this.isCommitted = true;
    this.run?.clearTimer();
    tunnel(connection, { socket, early }, (sentBytes) => {
      exchange.responseBytes = sentBytes;
      this.finish('complete', undefined);
    });
  }
}
