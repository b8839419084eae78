// All deadlines of a thread on one coarse timer wheel: arming one is a number written, so a request may move its deadline at
// every byte without touching the runtime's timers (design §7: no setTimeout per request).

/** Something with a deadline. Owners set it through the wheel; clearing it is a plain assignment of 0. */
export interface Deadline {
  /** Monotonic milliseconds; 0 = no deadline. */
  deadlineMs: number;
  /** Tick it is filed under, -1 when under none. Kept by the wheel. */
  wheelTick: number;
  /** Called at most once per arming, at or up to two ticks after `deadlineMs`. */
  onDeadline(nowMs: number): void;
}

export interface WheelClock {
  now(): number;
}

const TICK_MS = 10;
const SLOTS = 1024;

/**
 * A deadline moved later stays in its old slot and is re-filed when that slot comes up. Deadlines beyond one turn (10.24 s) are re-filed each turn. The owner drives `advance` from one repeating timer.
 */
export class DeadlineWheel {
  static readonly tickMs: number = TICK_MS;
  private readonly slots: Set<Deadline>[] = Array.from({ length: SLOTS }, () => new Set());
  private readonly clock: WheelClock;
  private lastTick: number;
  /** Deadlines waiting; the driver may sleep while it is 0. */
  size = 0;

  constructor(clock: WheelClock) {
    this.clock = clock;
    this.lastTick = Math.floor(clock.now() / TICK_MS);
  }

  private file(deadline: Deadline): void {
    const tick = Math.max(
      this.lastTick + 1,
      Math.min(Math.ceil(deadline.deadlineMs / TICK_MS), this.lastTick + SLOTS - 1),
    );
    if (deadline.wheelTick !== -1) this.slots[deadline.wheelTick & (SLOTS - 1)].delete(deadline);
    else this.size++;
    deadline.wheelTick = tick;
    this.slots[tick & (SLOTS - 1)].add(deadline);
  }

  /** Sets a deadline. It is filed anew only when it is due before the tick it waits under: moving it later costs one comparison. */
  set(deadline: Deadline, deadlineMs: number): void {
    deadline.deadlineMs = deadlineMs;
    if (deadlineMs !== 0 && (deadline.wheelTick === -1 || deadlineMs < (deadline.wheelTick - 1) * TICK_MS))
      this.file(deadline);
  }

  /** Takes the deadline out for good; merely clearing one that will be set again is `deadlineMs = 0`. */
  disarm(deadline: Deadline): void {
    deadline.deadlineMs = 0;
    if (deadline.wheelTick === -1) return;
    this.slots[deadline.wheelTick & (SLOTS - 1)].delete(deadline);
    deadline.wheelTick = -1;
    this.size--;
  }

  /** Calls what is due. */
  advance(): void {
    const nowMs = this.clock.now();
    const target = Math.floor(nowMs / TICK_MS);
    const from = Math.max(this.lastTick + 1, target - SLOTS + 1);
    for (let tick = from; tick <= target; tick++) {
      this.lastTick = tick;
      const slot = this.slots[tick & (SLOTS - 1)];
      if (slot.size > 0) this.turn(slot, nowMs);
    }
  }

  private turn(slot: Set<Deadline>, nowMs: number): void {
    const waiting = [...slot];
    slot.clear();
    for (const deadline of waiting) {
      deadline.wheelTick = -1;
      this.size--;
    }
    for (const deadline of waiting) {
      if (deadline.deadlineMs === 0 || deadline.wheelTick !== -1) continue;
      if (deadline.deadlineMs > nowMs) this.file(deadline);
      else {
        deadline.deadlineMs = 0;
        deadline.onDeadline(nowMs);
      }
    }
  }
}
