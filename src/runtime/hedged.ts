// Hedging of a forwarded exchange: when its first try has brought nothing of use for a while, another endpoint is asked beside it,
// and the first useful answer is the client's. Between admission.ts and first-try.ts, one object with both.
import type { Duplex } from 'node:stream';
import type { Failure } from '../errors/failure.ts';
import { NO_RESULT } from '../upstream/attempt-result.ts';
import { UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { HeaderList } from '../wire/header-list.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { Admission } from './admission.ts';
import type { AnswerTap } from './answer-tap.ts';
import { buildCall } from './build-call.ts';
import { HedgeRace } from './hedge-race.ts';
import { type HedgeOwner, HedgeTry, OVERTAKEN } from './hedge-try.ts';
import { mayRunTwice, type RetryRun } from './retry-run.ts';

export abstract class Hedged extends Admission implements HedgeOwner {
  protected ownLines = '';
  /** The connection's own: valid until the call ends. */
  protected head: ResponseHead | undefined;
  /** Made where the route hedges and the request may be sent twice. */
  protected race: HedgeRace | undefined;

  protected abstract retries(): RetryRun;
  abstract onHead(head: ResponseHead): void;
  abstract onReadEnd(): void;
  abstract onAnswerEnd(trailers: HeaderList | undefined): void;
  abstract onFailure(failure: Failure): void;
  abstract onUpgraded(head: ResponseHead, socket: Duplex, early: Buffer): void;

  /** The first try goes out. */
  protected armHedge(): void {
    const { route, ai } = this.parts;
    const { exchange, resources, target } = this;
    if (this.race !== undefined || route.hedge === undefined || target === undefined) return;
    const delayMs = mayRunTwice({ exchange, ai }, target.retry) ? route.hedge.delayMs(resources.nowMs()) : -1;
    if (delayMs < 0) return;
    this.race = new HedgeRace(resources, delayMs, this);
    this.race.arm();
  }

  onHedgeTime(): void {
    const { race, target, set, endpointIndex } = this;
    const { hedge: policy } = this.parts.route;
    if (this.isDone || this.isCommitted || race === undefined || policy === undefined) return;
    if (target === undefined || set === undefined) return;
    // Between two tries another one is about to go out anyway.
    const isUnderWay = this.call !== undefined && (this.hold === undefined || this.holdsFor === 'useful');
    if (isUnderWay && this.retries().chooseHedge({ target, set, endpointIndex }, policy.budget)) this.launch(race);
    if (race.launched < policy.max) race.arm();
  }

  private launch(race: HedgeRace): void {
    const run = this.retries();
    const { ai } = this.parts;
    const { target, set, endpointIndex } = run;
    if (target === undefined || set === undefined) return;
    run.markTried(set, endpointIndex);
    const [admission, place, session] = [run.takeAdmission(), this.takeReserved(), this.nextSession];
    const hedge = new HedgeTry(this, this.resources, { target, set, endpointIndex, admission, place, session });
    const candidate = ai?.candidate;
    const source = { exchange: this.exchange, ai, ownLines: this.ownLines, receiver: hedge };
    const call = buildCall(source, target, hedge.endpoint);
    hedge.candidate = ai?.candidate;
    if (candidate !== undefined) ai?.returnTo(candidate);
    race.add(hedge);
    if (call instanceof UpstreamCall) this.startHedge(hedge, call);
    else if (call instanceof Promise)
      call.then(
        (made) => this.startHedge(hedge, made),
        () => this.dropUnsent(hedge),
      );
    else this.dropUnsent(hedge);
  }

  private startHedge(hedge: HedgeTry, call: UpstreamCall): void {
    // Its credential took longer than the answer of another try.
    if (this.isDone || this.isCommitted) this.dropUnsent(hedge);
    else {
      this.attempts.push(hedge.record);
      hedge.start(call);
    }
  }

  /** It never went out. */
  private dropUnsent(hedge: HedgeTry): void {
    const { admission, parts } = hedge;
    if (!hedge.forget()) return;
    this.race?.remove(hedge);
    parts.set.settle(admission, NO_RESULT, this.resources.wallMs());
    parts.place?.leave();
  }

  tapForHedge(hedge: HedgeTry, head: ResponseHead): AnswerTap | undefined {
    const { ai } = this.parts;
    if (ai === undefined) return undefined;
    const candidate = ai.candidate;
    if (hedge.candidate !== undefined) ai.returnTo(hedge.candidate);
    const tap = this.idTap(ai.tapFor(head, this.resources), head, hedge.parts);
    ai.returnTo(candidate);
    const { keeper } = hedge.parts.target.backend;
    return tap === undefined || keeper === undefined ? tap : keeper(this.exchange, head, tap);
  }

  /** `hedge` undefined: the answer is that of the exchange's own try. */
  discard(tap: AnswerTap, hedge?: HedgeTry): void {
    const { ai } = this.parts;
    if (ai === undefined) {
      tap.abandon();
      return;
    }
    const { provider, sentModel } = hedge?.candidate ?? ai.candidate;
    const backend = hedge?.record.backend ?? this.exchange.upstream ?? '';
    ai.discard(tap, { backend, provider, sentModel });
  }

  dropHedge(hedge: HedgeTry): void {
    this.race?.remove(hedge);
    hedge.parts.target.backend.retries.metrics.hedged('failed');
  }

  takeOver(hedge: HedgeTry): void {
    this.loseTry();
    hedge.parts.target.backend.retries.metrics.hedged('won');
    this.adopt(hedge);
  }

  /** The try under way has brought nothing of use until another one did. */
  private loseTry(): void {
    const { attempt, call, endpoint, resources, hold, holdsFor } = this;
    const elapsedMs = resources.nowMs() - this.attemptStartedMs;
    if (attempt !== undefined && endpoint !== undefined) {
      if (attempt.status < 400) attempt.error = OVERTAKEN;
      // Else an endpoint that is always overtaken would never look slow.
      resources.table.recordWait(endpoint.row, elapsedMs, resources.wallMs());
      this.sampleWait();
      if (attempt === this.attempts[0]) this.parts.route.hedge?.record(elapsedMs, resources.nowMs());
    }
    if (hold !== undefined && holdsFor === 'useful' && this.tap !== undefined) this.discard(this.tap);
    this.abandonAttempt();
    call?.cancel();
    this.clearAnswer();
  }

  protected clearAnswer(): void {
    this.hold = undefined;
    this.tap = undefined;
    this.tapEnd = undefined;
    this.head = undefined;
    this.out = this.exchange.writer;
    this.exchange.responseBytes = 0;
  }

  /** The further try is the exchange's own from now on. */
  protected adopt(hedge: HedgeTry): void {
    const { parts, call, head, candidate } = hedge;
    if (call === undefined) return;
    this.race?.remove(hedge);
    hedge.release();
    if (candidate !== undefined) this.parts.ai?.returnTo(candidate);
    this.adoptAttempt(hedge, call);
    this.adoptPlace(parts.place);
    this.exchange.responseBytes = hedge.receivedBytes;
    const run = this.retries();
    run.clearTimer();
    if (parts.target.retry.perTryMs > 0) run.setTimer('try', parts.target.retry.perTryMs);
    this.tap = hedge.tap;
    if (head === undefined || hedge.hold === undefined) return;
    this.head = head;
    this.hold = hedge.hold;
    this.holdsFor = 'useful';
    this.out = hedge.hold;
    this.exchange.firstByteMs = hedge.headAtMs - this.exchange.startedAtMs;
    this.sampleHead(head);
  }

  /** One answer is the client's: the others are not wanted any more. */
  protected endHedges(): void {
    for (const hedge of this.race?.end() ?? []) hedge.parts.target.backend.retries.metrics.hedged('lost');
  }

  /** A first try was of use after this time. */
  protected recordFirstTry(): void {
    const { attempt, resources } = this;
    if (attempt === undefined || attempt !== this.attempts[0]) return;
    this.parts.route.hedge?.record(resources.nowMs() - this.attemptStartedMs, resources.nowMs());
  }
}
