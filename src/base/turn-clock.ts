// The time of a thread, read once per turn: the first event from a socket sets it, or the timer, and all that happens in that
// turn takes the same moment. hot: an exchange asks a dozen times, and each reading of the system's clock is some 40 ns.
import { turnUnderWay } from './turn-end.ts';

export class TurnClock {
  private monotonicMs: number;
  private wallOffsetMs: number;
  /** The turn whose time it is; -1 = of none that still lasts. */
  private turn = -1;
  private readonly readMonotonic: () => number;
  private readonly readWall: () => number;

  private readonly turnNow: () => number;

  /** `turnNow`: a number that changes from turn to turn; -1 = every event has a moment of its own, as in simulated time. */
  constructor(
    readMonotonic: () => number = () => performance.now(),
    readWall: () => number = Date.now,
    turnNow: () => number = turnUnderWay,
  ) {
    this.turnNow = turnNow;
    this.readMonotonic = readMonotonic;
    this.readWall = readWall;
    this.monotonicMs = readMonotonic();
    this.wallOffsetMs = readWall() - this.monotonicMs;
  }

  /** Called where an event enters the thread. hot: reads the clock for the first of those whose work waits for the end of the turn. */
  tick(): void {
    const turn = this.turnNow();
    if (turn !== -1 && turn === this.turn) return;
    this.turn = turn;
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
