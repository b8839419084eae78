// The further tries of one exchange that run beside its first, and the time of the next one; on the thread's wheel.
import type { Deadline } from '../base/deadline-wheel.ts';
import type { AttemptOutcome } from '../upstream/attempt.ts';
import type { HedgeTry } from './hedge-try.ts';
import type { ThreadResources } from './thread-resources.ts';

export class HedgeRace implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  launched = 0;
  /** What the try of the exchange came to, after which one that runs here was counted on. */
  countedOn: AttemptOutcome | undefined;
  private readonly delayMs: number;
  private readonly onTime: { onHedgeTime(): void };
  private readonly resources: ThreadResources;
  private running: readonly HedgeTry[] = [];

  constructor(resources: ThreadResources, delayMs: number, onTime: { onHedgeTime(): void }) {
    this.resources = resources;
    this.delayMs = delayMs;
    this.onTime = onTime;
  }

  arm(): void {
    this.resources.wheel.set(this, this.resources.nowMs() + this.delayMs);
  }

  onDeadline(): void {
    this.onTime.onHedgeTime();
  }

  add(hedge: HedgeTry): void {
    this.launched++;
    this.running = [...this.running, hedge];
  }

  remove(hedge: HedgeTry): void {
    this.running = this.running.filter((each) => each !== hedge);
  }

  takeCountedOn(): AttemptOutcome | undefined {
    const { countedOn } = this;
    this.countedOn = undefined;
    return countedOn;
  }

  /** The one that runs longest; undefined = none runs. */
  get first(): HedgeTry | undefined {
    return this.running[0];
  }

  /** No other is started, and those that run have lost. */
  end(): readonly HedgeTry[] {
    const { running } = this;
    this.running = [];
    this.resources.wheel.disarm(this);
    for (const hedge of running) hedge.lose();
    return running;
  }
}
