// The time of a thread, read once per turn: every event from a socket or the timer sets it, and all that happens in that turn
// takes the same moment. hot: an exchange asks a dozen times, and each reading of the system's clock is some 40 ns.

export class TurnClock {
  private monotonicMs: number;
  private wallOffsetMs: number;
  private readonly readMonotonic: () => number;
  private readonly readWall: () => number;

  constructor(readMonotonic: () => number = () => performance.now(), readWall: () => number = Date.now) {
    this.readMonotonic = readMonotonic;
    this.readWall = readWall;
    this.monotonicMs = readMonotonic();
    this.wallOffsetMs = readWall() - this.monotonicMs;
  }

  /** Called where an event enters the thread. */
  tick(): void {
    this.monotonicMs = this.readMonotonic();
  }

  /** As `tick`, and follows changes of the wall clock; the timer of the thread calls it. */
  synchronise(): void {
    this.monotonicMs = this.readMonotonic();
    this.wallOffsetMs = this.readWall() - this.monotonicMs;
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.monotonicMs;
  }

  /** Milliseconds since 1970. */
  wall(): number {
    return this.monotonicMs + this.wallOffsetMs;
  }
}
