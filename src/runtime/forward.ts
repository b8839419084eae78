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
import { MAX_COST_WAIT_MS } from './cost-fields.ts';
import { HeldAnswer } from './held-answer.ts';
import { HeldBytes } from './held-bytes.ts';
import { LentBytes } from './lent-bytes.ts';
import type { RetryTimer } from './retry-run.ts';
import { codeOfEnd, endOfFailure } from './stream-end.ts';
import { tunnel, upgradeClient } from './tunnel.ts';

/** A refusal up to this can be relayed after later tries. */
const MAX_REFUSAL_BYTES = 64 * 1024;
/** For the rest of a refusal, which only saves its connection and its text. */
const REFUSAL_TIMEOUT_MS = 1000;
/** A good answer is held back no further than this while it has no useful part. */
const MAX_WAITED_BYTES = 256 * 1024;

export class Forwarding extends HeldAnswer implements CallReceiver, Deadline, ExchangeOwner {
  /** Whether another try follows this one, which came to `outcome`. */
  private findNext(outcome: AttemptOutcome): boolean {
    const { target, set, endpointIndex } = this;
    if (target === undefined || set === undefined) return false;
    // What can only be a failure is told before the next candidate is asked for: the breaker may open by it.
    if (outcome.code !== undefined || outcome.status >= 500 || outcome.status === 429) this.settle();
    if (this.race?.first !== undefined) {
      const isLeft = outcome.code !== undefined || this.retries().wouldMove(target, outcome);
      if (isLeft) this.race.countedOn = outcome;
      return isLeft;
    }
    return this.retries().findNext({ target, set, endpointIndex, attempts: this.attempts.length }, outcome);
  }

  /** Goes to the candidate found, after its pause. */
  private move(): void {
    this.endAttempt();
    this.clearAnswer();
    const hedge = this.race?.first;
    const counted = this.race?.takeCountedOn();
    if (hedge !== undefined) this.adopt(hedge);
    else if (counted === undefined || this.findNext(counted)) this.pauseAndTry();
    else if (this.run?.saved !== undefined) this.relay(this.run.saved);
    else this.answer(this.run?.fallback() ?? problem(counted.code ?? 'upstream.bad-response'));
  }

  private pauseAndTry(): void {
    const run = this.retries();
    run.clearTimer();
    if (run.pauseMs > 0) run.setTimer('pause', run.pauseMs);
    else this.tryNext();
  }

  protected tryNext(): void {
    const run = this.retries();
    if (run.target === undefined || run.set === undefined) return;
    this.admission = run.takeAdmission();
    this.moveTo(run.target);
    this.attemptAt(run.target, run.endpointIndex, run.set);
  }

  protected onCommit(): void {
    this.run?.clearTimer();
    this.watchNow();
    if (this.parts.route.hedge !== undefined) this.recordFirstTry();
    if (this.race !== undefined) this.endHedges();
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
    else if (timer === 'try')
      this.fail({ code: 'upstream.first-byte-timeout', detail: 'the time for one try passed', neverSent });
    else this.fail({ code: 'upstream.first-token-timeout', detail: 'the time to the first token passed', neverSent });
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
    this.sampleHead(head);
    this.head = head;
    if (head.status >= 400) this.target?.cooling?.onAnswer(head.status, head.headers, this.resources.wallMs());
    if (this.mayCountInstead(head.status)) {
      this.holdFor('question', MAX_REFUSAL_BYTES);
      return;
    }
    if (this.parts.plan.hasChoice && (this.race !== undefined || this.mayMove()) && this.holdsAnswer(head)) return;
    if (head.status >= 400 && this.exhaustsKeys(head.status)) return;
    this.tap ??= this.tapFor(head);
    // What is told in other words is told when all of it is here: until then the answer may still be an error.
    const isHeld = this.tap?.isWhole === true || this.awaitsStream();
    this.costDueMs = !isHeld && this.awaitsCost(head) ? nowMs + MAX_COST_WAIT_MS : 0;
    if (isHeld || this.costDueMs > 0) {
      this.holdIn(isHeld ? new HeldBytes(MAX_WAITED_BYTES) : new LentBytes(MAX_WAITED_BYTES), 'useful');
      this.watchNow();
    } else this.commit(head);
  }

  /** Whether the answer stays here for now: a refusal that another try follows, or a good one that is of no use yet. */
  private holdsAnswer(head: ResponseHead): boolean {
    const { ai } = this.parts;
    if (head.status < 400) {
      this.tap = this.tapFor(head);
      if (ai === undefined || this.tap === undefined) return false;
      this.holdFor('useful', MAX_WAITED_BYTES);
      this.watchNow();
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

  /** The last of several keys was refused: the client, whose own is good, must not be told that it is not. */
  private exhaustsKeys(status: number): boolean {
    const { target, call } = this;
    if (target?.cooling?.blamesKey(status) !== true) return false;
    this.answer(
      problem('upstream.credentials-exhausted', `${target.backend.name} refused every key, the last with ${status}`),
    );
    call?.cancel();
    return true;
  }

  onReadEnd(): void {
    const { hold, holdsFor, call, head } = this;
    if (this.awaitsUse) this.sampleUse();
    hold?.keep();
    if (hold === undefined) this.exchange.writer.flush();
    else if (holdsFor === 'hooks') call?.pause();
    else if (holdsFor === 'refusal') {
      if (!hold.isFull) return;
      call?.cancel();
      this.move();
    } else if (this.tap?.verdict === 'failed') {
      call?.cancel();
      const detail = 'the stream began with a failure';
      this.fail(this.tap.failure ?? { code: 'upstream.in-band-error', detail, neverSent: false });
    } else if (head !== undefined && this.isDue(hold)) {
      if (holdsFor === 'question') this.tellLongRefusal(head, hold);
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
      if (failure !== undefined && this.findNext(outcomeOfFailure(failure))) this.move();
      else if (failure !== undefined && tap.isWhole) this.answer(this.run?.fallback() ?? problem(failure.code));
      else {
        this.commit(head);
        this.tap = undefined;
      }
      return;
    }
    const text = holdsFor === 'question' ? hold.whole().toString() : '';
    const mayCount = holdsFor === 'question' && this.mayCountInstead(head.status);
    if (mayCount && this.countsAfter(head.status, text)) return;
    const refusal = text === '' ? undefined : refusalOf(text);
    const isLeft =
      holdsFor === 'refusal' ||
      ((refusal !== undefined || mayCount) && this.findNext(outcomeOfAnswer(head, this.resources.wallMs(), refusal)));
    const told = this.tellRefusal(head, hold);
    if (!isLeft) this.commit(head);
    else {
      this.save(head, told);
      this.move();
    }
  }

  onFailure(failure: Failure): void {
    if (!this.isDone) this.fail(failure);
  }

  protected fail(failure: Failure): void {
    this.sampleFailure(failure);
    if (this.attempt !== undefined) {
      this.attempt.error = failure.code;
      if (this.endpoint !== undefined) this.resources.table.recordFailure(this.endpoint.row, this.resources.wallMs());
    }
    if (this.isCommitted) {
      this.endAttempt();
      this.leavePlaces();
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
    const end = this.tap?.cut(writer, cause);
    if (end === undefined) writer.abort();
    else writer.end(undefined);
    if (end !== undefined && end !== cause) {
      // Its own end had come before: the client got all of it.
      this.finish(end, codeOfEnd(end));
      return;
    }
    this.exchange.errorDetail = failure.detail;
    this.finish(cause, failure.code);
  }

  /** No answer came: the gateway answers. */
  protected refuse(code: ErrorCode, detail: string): void {
    this.answer(problem(code, detail));
  }

  protected answer(reply: Reply): void {
    if (this.isDone) return;
    this.end();
    this.exchange.responseBytes = 0;
    this.done.answer(this.exchange, this.parts.route, reply);
  }

  /** Gives back all that was taken for the exchange. */
  private end(): void {
    this.isDone = true;
    this.run?.end();
    if (this.race !== undefined) this.endHedges();
    if (this.deadlineMs !== 0) this.resources.wheel.disarm(this);
    this.endAttempt();
    this.leavePlaces();
  }

  protected finish(end: StreamEnd, code: ErrorCode | undefined): void {
    if (this.isDone) return;
    this.end();
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

  /** A bug of ours ended the exchange: nothing may stay counted for it. */
  onBug(): void {
    const { call } = this;
    if (this.isDone) return;
    this.end();
    call?.cancel();
  }

  onUpgraded(head: ResponseHead, socket: Duplex, early: Buffer): void {
    const exchange = this.exchange;
    const connection = upgradeClient(exchange, head, { via: this.resources.via, lines: this.sessionLine() });
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
    this.leavePlaces();
    tunnel(connection, { socket, early }, (sentBytes) => {
      exchange.responseBytes = sentBytes;
      this.finish('complete', undefined);
    });
  }
}
