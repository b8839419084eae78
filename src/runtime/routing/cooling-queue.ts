// Where requests wait while every candidate is at its limit, in the order they came; bounded in number and time. Between the plan and
// the first try, one for each route and thread.
import type { Deadline, DeadlineWheel } from '../../base/deadline-wheel.ts';
import type { RouterQueue } from '../../model/router.ts';
import type { Exchange, ExchangeOwner } from '../../pipeline/exchange.ts';
import { problem, problemUntil, type Reply } from '../../pipeline/reply.ts';
import type { TargetPlan } from '../plan.ts';

export interface CoolingQueueDeps {
  readonly wheel: DeadlineWheel;
  nowMs(): number;
  wallMs(): number;
}

/** `refusal`: undefined = it may go on. */
export type AfterWait = (refusal: Reply | undefined) => void;

class Waiting implements Deadline, ExchangeOwner {
  deadlineMs = 0;
  wheelTick = -1;
  readonly plan: TargetPlan;
  /** Monotonic. */
  readonly lastMs: number;
  private readonly queue: CoolingQueue;
  private readonly done: AfterWait;

  constructor(queue: CoolingQueue, plan: TargetPlan, lastMs: number, done: AfterWait) {
    this.queue = queue;
    this.plan = plan;
    this.lastMs = lastMs;
    this.done = done;
  }

  end(refusal: Reply | undefined): void {
    this.queue.forget(this);
    this.done(refusal);
  }

  onDeadline(): void {
    this.queue.look(this);
  }

  onClientGone(): void {
    this.end(problem('request.aborted'));
  }

  onShutdown(): void {
    this.end(problem('gateway.draining', 'the time to finish was over'));
  }

  onBug(): void {
    this.queue.forget(this);
  }
}

export class CoolingQueue {
  private readonly settings: RouterQueue | undefined;
  private readonly deps: CoolingQueueDeps;
  private readonly waiting = new Set<Waiting>();

  constructor(settings: RouterQueue | undefined, deps: CoolingQueueDeps) {
    this.settings = settings;
    this.deps = deps;
  }

  get length(): number {
    return this.waiting.size;
  }

  /** False: somebody may be asked now. Else `done` is called once, maybe before this returns. */
  holds(exchange: Exchange, plan: TargetPlan, done: AfterWait): boolean {
    const untilMs = plan.limitedUntilMs(this.deps.wallMs());
    if (untilMs === 0) return false;
    const { max, timeoutMs } = this.settings ?? { max: 0, timeoutMs: 0 };
    const waitMs = untilMs - this.deps.wallMs();
    if (this.waiting.size >= max || waitMs > timeoutMs) {
      done(atLimit(waitMs));
      return true;
    }
    const waiting = new Waiting(this, plan, this.deps.nowMs() + timeoutMs, done);
    this.waiting.add(waiting);
    exchange.owner = waiting;
    this.deps.wheel.set(waiting, this.deps.nowMs() + waitMs);
    return true;
  }

  /** The time of the one who waits has come: it goes on, waits for the next, or has waited long enough. */
  look(waiting: Waiting): void {
    const wallMs = this.deps.wallMs();
    const untilMs = waiting.plan.limitedUntilMs(wallMs);
    if (untilMs === 0) {
      waiting.end(undefined);
      return;
    }
    const nextMs = this.deps.nowMs() + untilMs - wallMs;
    if (nextMs > waiting.lastMs) waiting.end(atLimit(untilMs - wallMs));
    else this.deps.wheel.set(waiting, nextMs);
  }

  forget(waiting: Waiting): void {
    this.waiting.delete(waiting);
    this.deps.wheel.disarm(waiting);
  }
}

function atLimit(afterMs: number): Reply {
  return problemUntil(
    'upstream.rate-limited',
    'every candidate cools down after answers that it is at its limit',
    afterMs,
  );
}
