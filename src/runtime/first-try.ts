// The beginning of a forwarded exchange: what is sent for the gateway itself, the body held where it may be needed again, and the
// first try, or the one that stands in for it. Between hedged.ts and forward.ts, one object with both.
import type { Deadline } from '../base/deadline-wheel.ts';
import type { ExchangeOwner } from '../pipeline/exchange.ts';
import type { Reply } from '../pipeline/reply.ts';
import type { HoldOutcome } from '../pipeline/request-body.ts';
import { limitDetail } from './body-limit.ts';
import type { EndpointSet } from './endpoint-set.ts';
import { Hedged } from './hedged.ts';
import { keepBody } from './keep-body.ts';
import type { PlanTarget } from './plan.ts';
import { RetryRun, type RetryTimer } from './retry-run.ts';
import { dropOwnFields, forwardingLines } from './upstream-head.ts';

export abstract class FirstTry extends Hedged implements Deadline, ExchangeOwner {
  deadlineMs = 0;
  wheelTick = -1;
  /** Made when something goes wrong. */
  protected run: RetryRun | undefined;

  protected abstract attemptAt(target: PlanTarget, index: number, set: EndpointSet): void;
  /** Goes to the candidate of `run`. */
  protected abstract tryNext(): void;
  protected abstract answer(reply: Reply): void;
  abstract onRetryTimer(timer: RetryTimer): void;
  abstract onDeadline(): void;
  abstract onClientGone(): void;
  abstract onShutdown(): void;
  abstract onBug(): void;

  start(): void {
    const exchange = this.exchange;
    exchange.owner = this;
    exchange.attempts = this.attempts;
    this.ownLines = forwardingLines(exchange, this.resources.via);
    dropOwnFields(exchange);
    const totalMs = this.parts.route.totalMs;
    if (totalMs > 0) this.resources.wheel.set(this, exchange.startedAtMs + totalMs);
    const { plan, route } = this.parts;
    const isKept = plan.keepsBodies || route.bufferBytes !== undefined || route.hedge !== undefined;
    if (!isKept || !keepBody(exchange, route.bufferBytes, (outcome) => this.onBodyKept(outcome))) this.first();
  }

  private onBodyKept(outcome: HoldOutcome): void {
    if (this.isDone) return;
    if (outcome === 'complete' || outcome === 'longer') this.first();
    else this.refuse(outcome, limitDetail(this.exchange, outcome));
  }

  protected firstAt(target: PlanTarget): void {
    const wallMs = this.resources.wallMs();
    const index = this.pickAt(target);
    const { set } = target.backend;
    const admission = index === -1 ? 0 : set.admit(index, wallMs);
    if (admission > 0) {
      target.backend.retries.recordRequest(wallMs);
      this.admission = admission;
      this.attemptAt(target, index, set);
      return;
    }
    this.instead(this.retries().chooseFirst(target, index, admission), wallMs);
  }

  protected shedAt(target: PlanTarget): void {
    const wallMs = this.resources.wallMs();
    this.instead(this.retries().chooseAfterShed(target, wallMs), wallMs);
  }

  /** The first target did not let the request in. */
  private instead(isFound: boolean, wallMs: number): void {
    const run = this.retries();
    if (isFound) {
      run.target?.backend.retries.recordRequest(wallMs);
      this.tryNext();
    } else this.answer(run.insteadOfAll());
  }

  /** Choice: asked by balancers. */
  tried(index: number): boolean {
    return this.run?.hasTried(index) ?? false;
  }

  protected retries(): RetryRun {
    if (this.run === undefined) {
      const { plan, ai, route } = this.parts;
      const parts = { exchange: this.exchange, plan, replicas: route.replicas, ai, totalMs: route.totalMs };
      this.run = new RetryRun(this.resources, parts, this);
    }
    return this.run;
  }
}
