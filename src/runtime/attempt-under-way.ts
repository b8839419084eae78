// The try of an exchange that is under way: its endpoint, its record, and what the shared tables and breakers hear of it.
// Between answer-relay.ts and forward.ts, one object with both, because a request makes as few as it can.
import type { AttemptRecord } from '../pipeline/outcome.ts';
import type { ProviderWindow } from '../state/provider-table.ts';
import { NO_RESULT } from '../upstream/attempt-result.ts';
import type { Choice } from '../upstream/balancer.ts';
import { isProbing } from '../upstream/breaker.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { StickySession } from '../upstream/sticky-sessions.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AiExchange } from './ai-exchange.ts';
import { AnswerRelay } from './answer-relay.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { CompiledEndpoint, EndpointSet } from './endpoint-set.ts';
import { ExchangeAffinity } from './exchange-affinity.ts';
import type { HedgeTry } from './hedge-try.ts';
import type { PlanTarget, TargetPlan } from './plan.ts';
import { recordEnd, recordHead } from './routing/provider-outcome.ts';

export abstract class AttemptUnderWay extends AnswerRelay implements Choice {
  /** For balancers, at the target of the last pick. */
  key = -1;
  /** The client's, where the target goes by it. */
  region: string | undefined = undefined;
  protected target: PlanTarget | undefined;
  /** What the endpoint of the try was chosen from: `endpointIndex` and `admission` are of it. */
  protected set: EndpointSet | undefined;
  protected endpoint: CompiledEndpoint | undefined;
  protected endpointIndex = -1;
  /** What breakers gave for the try and hear of its outcome; 0 = nothing is owed to them (upstream/breaker.ts). */
  protected admission = 0;
  protected attemptStartedMs = 0;
  protected attempts: AttemptRecord[] = [];
  private isInFlight = false;
  /** The client's session at the target of the try, where that keeps sessions. */
  private session: StickySession | undefined;
  private pickedAt: PlanTarget | undefined;
  /** What the last `pickAt` chose from. */
  private pickedFrom: EndpointSet | undefined;
  /** The session there: that of the next try. */
  protected nextSession: StickySession | undefined;
  /** Undefined where nothing is served before. */
  protected affinity: ExchangeAffinity | undefined;

  abstract tried(index: number): boolean;

  /** The endpoint that the balancer of the target, or the client's session there, takes; -1 = none is left. */
  pickAt(target: PlanTarget): number {
    const { set } = target.backend;
    if (target !== this.pickedAt || set !== this.pickedFrom) {
      this.pickedAt = target;
      this.pickedFrom = set;
      this.key = set.keyOf(this.exchange);
      if (set.places !== undefined) this.region = set.places.regionOf?.(this.exchange);
      this.nextSession = set.openSession?.(this.exchange);
    }
    const { affinity, nextSession } = this;
    const kept = affinity === undefined ? -1 : affinity.pick(set, this, nextSession !== undefined);
    return kept === -1 ? (nextSession ?? set.balancer).pick(this) : kept;
  }

  /** Where an AI request was served before. Answers are noted without a choice too: one may be asked for by another route. */
  protected affineTarget(plan: TargetPlan, { operation }: AiExchange): PlanTarget | undefined {
    if (!plan.isAffine && operation !== 'responses') return undefined;
    this.affinity = new ExchangeAffinity(this.resources, this.exchange, { operation, plan });
    return this.affinity.target();
  }

  /** The call goes out, to the endpoint at `index` of `set`. */
  protected beginAttempt(call: UpstreamCall, index: number, { backend }: PlanTarget): void {
    const endpoint = this.endpoint as CompiledEndpoint;
    this.set?.places?.count(index);
    this.call = call;
    this.session = this.nextSession;
    this.attemptStartedMs = this.resources.nowMs();
    this.attempt = { backend: backend.name, endpoint: endpoint.url, status: 0, ms: 0, error: undefined };
    this.addAttempt(this.attempt);
    this.exchange.upstream = backend.name;
    this.resources.table.addInFlight(endpoint.row, 1);
    this.isInFlight = true;
    this.endpointIndex = index;
  }

  /** hot: a list of one; pushed onto an empty one it made room for 17. */
  private addAttempt(attempt: AttemptRecord): void {
    if (this.attempts.length > 0) this.attempts.push(attempt);
    else {
      this.attempts = [attempt];
      this.exchange.attempts = this.attempts;
    }
  }

  /** Another try may follow this one. */
  protected mayMove(): boolean {
    const retry = this.target?.retry;
    return retry !== undefined && this.attempts.length < retry.attempts && this.exchange.body.whole !== undefined;
  }

  protected endAttempt(): void {
    const attempt = this.attempt;
    if (this.watch !== undefined) this.endWatch();
    this.settle();
    if (attempt !== undefined) {
      attempt.ms = this.resources.nowMs() - this.attemptStartedMs;
      this.target?.backend.attempts.count(attempt.status, attempt.error);
      const window = this.target?.backend.window;
      if (window !== undefined) this.recordProvider(window, attempt);
    }
    if (this.isInFlight && this.endpoint !== undefined) this.resources.table.addInFlight(this.endpoint.row, -1);
    this.isInFlight = false;
    this.attempt = undefined;
    this.call = undefined;
  }

  private endWatch(): void {
    this.watch?.stop();
    this.watch = undefined;
  }

  /** Another try is the one of this exchange now: what is owed for it is owed here. */
  protected adoptAttempt(hedge: HedgeTry, call: UpstreamCall): void {
    const { parts, record } = hedge;
    this.target = parts.target;
    this.set = parts.set;
    this.endpoint = hedge.endpoint;
    this.endpointIndex = parts.endpointIndex;
    this.admission = hedge.admission;
    this.session = parts.session;
    this.attemptStartedMs = hedge.startedMs;
    this.attempt = record;
    this.call = call;
    this.exchange.upstream = record.backend;
    this.isInFlight = true;
    if (record.status > 0 && record.status < 400) this.affinity?.served(parts.set, parts.endpointIndex);
  }

  /** Ends a try of which breakers hear nothing: another one was quicker. */
  protected abandonAttempt(): void {
    const { admission, set } = this;
    this.admission = 0;
    if (admission > 0) set?.settle(admission, NO_RESULT, this.resources.wallMs());
    this.endAttempt();
  }

  /** Tells breakers and outlier detection what the try came to so far; without a try, that it never began. */
  protected settle(): void {
    const { admission, set } = this;
    this.admission = 0;
    if (admission === 0 || set === undefined || set.guard === undefined) return;
    set.settle(admission, this.attempt ?? NO_RESULT, this.resources.wallMs());
  }

  /**
   * What the head of an answer decides alone is told before the client sees any of it: a probe's outcome, and a failure, because
   * another worker may admit the client's next request while this one still writes.
   */
  protected settleHead(status: number): void {
    if (this.set?.guard === undefined) return;
    if (status >= 500 || status === 429 || isProbing(this.admission)) this.settle();
  }

  private recordProvider(window: ProviderWindow, { status, error, ms }: AttemptRecord): void {
    const wallMs = this.resources.wallMs();
    if (error !== undefined) recordEnd(window, status, error, wallMs);
    const tokens = this.exchange.genAi?.outputTokens ?? -1;
    if (error === undefined && status > 0 && status < 400 && tokens > 0) window.recordTokens(tokens, ms, wallMs);
  }

  protected recordAnswer(row: number, status: number, firstByteMs: number): void {
    const window = this.target?.backend.window;
    if (window !== undefined) recordHead(window, status, firstByteMs, this.resources.wallMs());
    this.resources.table.recordStatus(row, { status, firstByteMs }, this.resources.wallMs());
    if (status < 400 && this.set !== undefined) this.affinity?.served(this.set, this.endpointIndex);
  }

  protected sessionLine(): string {
    return this.session === undefined ? '' : this.session.line(this.endpointIndex, this.exchange.client.isTls);
  }

  /** Who reads along: for usage on AI routes, and to keep a copy where the breaker falls back on one. */
  protected tapFor(head: ResponseHead): AnswerTap | undefined {
    const { affinity, set, endpointIndex } = this;
    const own = this.parts.ai?.tapFor(head, this.resources);
    const inner = affinity === undefined || set === undefined ? own : this.idTap(own, head, { set, endpointIndex });
    const keeper = this.target?.backend.keeper;
    return keeper === undefined ? inner : keeper(this.exchange, head, inner);
  }

  /** Remembers who makes a stored answer. */
  protected idTap(inner: AnswerTap | undefined, head: ResponseHead, at: TryPlace): AnswerTap | undefined {
    const { affinity } = this;
    if (affinity === undefined) return inner;
    const isStream = this.parts.ai?.isStream(head) === true;
    return affinity.tapFor(inner, at.set, { status: head.status, index: at.endpointIndex, isStream });
  }
}

interface TryPlace {
  readonly set: EndpointSet;
  readonly endpointIndex: number;
}
