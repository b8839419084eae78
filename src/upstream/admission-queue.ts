// Requests of one thread that wait for a place at a backend with a concurrency limit: by class, each class first come first served
// until somebody's time passes, then newest first, because the oldest ones are lost already (Facebook's adaptive LIFO).
import type { Deadline, DeadlineWheel } from '../base/deadline-wheel.ts';
import { CLASSES, type ConcurrencyTable } from '../state/concurrency-table.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';

/** Why a request was not admitted. `displaced`: one of a higher class took its place in the queue. */
export type ShedReason = 'queue-full' | 'queue-timeout' | 'displaced';

/** Hears exactly one of the two, unless it forgets its place. */
export interface AdmissionOwner {
  onAdmitted(): void;
  onShed(reason: ShedReason): void;
}

export interface QueueRules {
  /** Requests that may wait in one thread. */
  readonly size: number;
  readonly timeoutMs: number;
}

export interface QueueDeps {
  readonly table: ConcurrencyTable;
  readonly wheel: DeadlineWheel;
  /** Monotonic. */
  nowMs(): number;
  random(): number;
  /** A turn begins: the clock moves (base/turn-clock.ts). */
  tick(): void;
}

/** Threads wake each other; this is for places that appear without anybody leaving, because the limit grew or a thread died. */
const LOOK_MS = 50;

/** A request in the queue. */
export class Waiter implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  readonly owner: AdmissionOwner;
  readonly classIndex: number;
  readonly limit: ConcurrencyLimit;
  readonly sinceMs: number;
  readonly timeoutMs: number;
  private readonly queue: AdmissionQueue;

  constructor(queue: AdmissionQueue, parts: WaiterParts, sinceMs: number) {
    this.queue = queue;
    this.owner = parts.owner;
    this.classIndex = parts.classIndex;
    this.limit = parts.limit;
    this.timeoutMs = parts.timeoutMs;
    this.sinceMs = sinceMs;
  }

  onDeadline(): void {
    this.queue.expire(this);
  }

  /** The request is gone, or answered otherwise. */
  forget(): void {
    this.queue.forget(this);
  }
}

export interface WaiterParts {
  readonly owner: AdmissionOwner;
  readonly classIndex: number;
  readonly limit: ConcurrencyLimit;
  readonly timeoutMs: number;
}

/** One for each row and thread: it outlives configurations, so that those who wait keep their turn over a reload. */
export class AdmissionQueue implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  private readonly row: number;
  private readonly deps: QueueDeps;
  private readonly classes: readonly Waiter[][] = Array.from({ length: CLASSES }, () => []);
  private length = 0;
  /** Somebody's time passed since the queue was last in good order. */
  private isOverloaded = false;
  private isServing = false;
  private isListening = false;

  constructor(row: number, deps: QueueDeps) {
    this.row = row;
    this.deps = deps;
  }

  /** A place in the queue, or undefined where it is full of those who go first. */
  enqueue(parts: WaiterParts, size: number): Waiter | undefined {
    if (this.length >= size && !this.displaceFor(parts.classIndex)) return undefined;
    const nowMs = this.deps.nowMs();
    const waiter = new Waiter(this, parts, nowMs);
    this.classes[parts.classIndex].push(waiter);
    this.length++;
    this.deps.table.addWaiting(this.row, parts.classIndex, 1);
    this.deps.wheel.set(waiter, nowMs + parts.timeoutMs);
    if (this.deadlineMs === 0) this.deps.wheel.set(this, nowMs + LOOK_MS);
    // A place may have been given back between the refusal and now, by a thread that saw nobody wait.
    this.listen();
    return waiter;
  }

  /** Sheds the one who would be served last, if that is not the newcomer. */
  private displaceFor(classIndex: number): boolean {
    for (let lowest = CLASSES - 1; lowest >= classIndex; lowest--) {
      const waiters = this.classes[lowest];
      if (waiters.length === 0) continue;
      if (lowest === classIndex && !this.isOverloaded) return false;
      const last = this.isOverloaded ? waiters[0] : waiters[waiters.length - 1];
      this.forget(last);
      last.owner.onShed('displaced');
      return true;
    }
    return false;
  }

  forget(waiter: Waiter): void {
    const waiters = this.classes[waiter.classIndex];
    const index = waiters.indexOf(waiter);
    if (index === -1) return;
    waiters.splice(index, 1);
    this.length--;
    this.deps.wheel.disarm(waiter);
    this.deps.table.addWaiting(this.row, waiter.classIndex, -1);
    if (this.length > 0) return;
    this.isOverloaded = false;
    this.deps.wheel.disarm(this);
  }

  expire(waiter: Waiter): void {
    this.forget(waiter);
    this.isOverloaded = this.length > 0;
    waiter.owner.onShed('queue-timeout');
  }

  /** A place was given back in this thread: to one who waits here or in another, whoever is in the higher class. */
  onPlaceFree(): void {
    const { table } = this.deps;
    for (let classIndex = 0; classIndex < CLASSES; classIndex++) {
      const waiting = table.waiting(this.row, classIndex);
      if (waiting <= 0) continue;
      const own = table.ownWaiting(this.row, classIndex);
      // Each thread gets its share: all of them go on, and nobody waits behind those of one thread.
      if (own > 0 && this.deps.random() * waiting < own) this.serve();
      else table.wakeOne(this.row);
      return;
    }
  }

  /** Admits those whose turn it is while there are places. */
  private serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    try {
      for (let waiter = this.next(); waiter !== undefined; waiter = this.next()) {
        if (!waiter.limit.takeInTurn(waiter.classIndex)) break;
        this.forget(waiter);
        waiter.owner.onAdmitted();
      }
    } finally {
      this.isServing = false;
    }
  }

  private next(): Waiter | undefined {
    for (const waiters of this.classes) {
      if (waiters.length === 0) continue;
      const oldest = waiters[0];
      if (this.isOverloaded && this.deps.nowMs() - oldest.sinceMs <= oldest.timeoutMs / 2) this.isOverloaded = false;
      return this.isOverloaded ? waiters[waiters.length - 1] : oldest;
    }
    return undefined;
  }

  /** Waits for the wakening of this thread; looks at once where it was woken meanwhile. */
  private listen(): void {
    const { table } = this.deps;
    while (!this.isListening && this.length > 0) {
      const mark = table.wakeMark(this.row);
      this.serve();
      if (this.length === 0) return;
      const woken = table.whenWoken(this.row, mark);
      if (woken === undefined) continue;
      this.isListening = true;
      woken.then(() => this.onWoken());
    }
  }

  private onWoken(): void {
    this.deps.tick();
    this.isListening = false;
    this.serve();
    this.passOn();
    this.listen();
  }

  /** The place that this thread was woken for is somebody else's: who waits in another thread must hear of it. */
  private passOn(): void {
    const { table } = this.deps;
    const limit = this.next()?.limit;
    const all = table.waitingUpTo(this.row, CLASSES - 1);
    const isOthers = all > this.length && (limit === undefined || limit.hasRoom);
    if (isOthers) table.wakeOne(this.row);
  }

  onDeadline(nowMs: number): void {
    this.serve();
    if (this.length > 0) this.deps.wheel.set(this, nowMs + LOOK_MS);
  }
}
