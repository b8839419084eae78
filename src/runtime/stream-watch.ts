// Watches a streamed answer while it comes: the client is kept awake where the provider is silent, and a provider that hardly says
// anything is given up. One entry of the thread's wheel per stream; nothing is done per event.
import type { Deadline, DeadlineWheel } from '../base/deadline-wheel.ts';

/** Ready for traffic; 0 = none of it. */
export interface StreamLimits {
  readonly firstTokenMs: number;
  readonly heartbeatMs: number;
  readonly windowMs: number;
  /** Least bytes of a window. */
  readonly windowBytes: number;
}

export interface WatchedStream {
  /** Bytes that came of it so far. */
  receivedBytes(): number;
  /** Nothing came for the time of a heartbeat. */
  onSilence(): void;
  onTooSlow(): void;
}

export class StreamWatch implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  private readonly wheel: DeadlineWheel;
  private readonly limits: StreamLimits;
  private readonly stream: WatchedStream;
  private beatAtMs: number;
  private bytesAtBeat: number;
  private windowEndMs: number;
  private bytesAtWindow: number;

  constructor(wheel: DeadlineWheel, limits: StreamLimits, stream: WatchedStream, nowMs: number) {
    this.wheel = wheel;
    this.limits = limits;
    this.stream = stream;
    this.beatAtMs = limits.heartbeatMs > 0 ? nowMs + limits.heartbeatMs : Number.POSITIVE_INFINITY;
    this.windowEndMs = limits.windowMs > 0 ? nowMs + limits.windowMs : Number.POSITIVE_INFINITY;
    this.bytesAtBeat = stream.receivedBytes();
    this.bytesAtWindow = this.bytesAtBeat;
    this.arm();
  }

  private arm(): void {
    this.wheel.set(this, Math.min(this.beatAtMs, this.windowEndMs));
  }

  onDeadline(nowMs: number): void {
    const bytes = this.stream.receivedBytes();
    if (nowMs >= this.windowEndMs) {
      if (bytes - this.bytesAtWindow < this.limits.windowBytes) {
        this.stream.onTooSlow();
        return;
      }
      this.bytesAtWindow = bytes;
      this.windowEndMs = nowMs + this.limits.windowMs;
    }
    if (nowMs >= this.beatAtMs) {
      if (bytes === this.bytesAtBeat) this.stream.onSilence();
      this.bytesAtBeat = bytes;
      this.beatAtMs = nowMs + this.limits.heartbeatMs;
    }
    this.arm();
  }

  stop(): void {
    this.wheel.disarm(this);
  }
}
