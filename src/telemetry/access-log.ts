// The access log of one thread: lines gather in a slot of memory that is lent to the writer of the file when it is full or old.
// Last step of a request; it never waits, and what finds no room is dropped and counted.
import { LineBytes } from './access-bytes.ts';
import { AccessLine } from './access-line.ts';
import { createLogMemory, type LogBatch, LogMemory } from './access-memory.ts';
import type { AccessRecord } from './access-record.ts';
import { shortened } from './access-shortened.ts';

export interface AccessLogOptions {
  /** Takes a batch of whole lines. */
  sink(batch: LogBatch): void;
  /** Where lines are written. With it a slot is lent until `sink`'s side releases it, without it only while `sink` runs. */
  readonly memory?: LogMemory | undefined;
  /** Lines that were lost because every slot is lent. */
  onDropped?(lines: number): void;
  /** One-shot timer; that of the runtime unless told. */
  later?(callback: () => void, delayMs: number): void;
}

export interface AccessLogSettings {
  readonly enabled: boolean;
  /** Names in lower case; those of credentials are never shown. */
  readonly requestHeaders: readonly string[];
}

const FLUSH_DELAY_MS = 50;
/** Enough for no line. */
const NO_ROOM = new LineBytes(new Uint8Array(0));

function laterByTimer(callback: () => void, delayMs: number): void {
  setTimeout(callback, delayMs).unref();
}

/** Formats on the caller's thread, since only there the request is still in memory. */
export class AccessLogWriter {
  private readonly options: AccessLogOptions;
  private readonly memory: LogMemory;
  private readonly later: (callback: () => void, delayMs: number) => void;
  private readonly line = new AccessLine();
  private readonly onTimer = (): void => this.flushLater();
  /** By slot, made when the slot is used first. */
  private readonly slots: LineBytes[] = [];
  private slot = -1;
  private out = NO_ROOM;
  private pendingLines = 0;
  private isTimerSet = false;
  private isEnabled = true;

  constructor(options: AccessLogOptions) {
    this.options = options;
    this.memory = options.memory ?? new LogMemory(createLogMemory());
    this.later = options.later ?? laterByTimer;
  }

  /** Takes effect with the next line. */
  configure(settings: AccessLogSettings): void {
    this.isEnabled = settings.enabled;
    this.line.showHeaders(settings.requestHeaders);
  }

  write(record: AccessRecord): void {
    if (!this.isEnabled) return;
    if (!this.line.write(record, this.out) && !this.writeElsewhere(record)) {
      this.options.onDropped?.(1);
      return;
    }
    this.pendingLines++;
    if (!this.isTimerSet) this.setTimer();
  }

  /** In the next slot; what is too long for a whole slot is written with its texts cut, so that nobody keeps a line out of the log. */
  private writeElsewhere(record: AccessRecord): boolean {
    if (!this.turnOver()) return false;
    return this.line.write(record, this.out) || this.line.write(shortened(record), this.out);
  }

  /** Lends the lines so far, when there is another slot to go on with. Else they stay, more can follow them, and they are offered again. */
  private turnOver(): boolean {
    const next = this.memory.take();
    if (next === -1) return false;
    this.lend();
    this.slot = next;
    this.slots[next] ??= new LineBytes(this.memory.bytes(next));
    this.out = this.slots[next];
    this.out.at = 0;
    return true;
  }

  private lend(): void {
    const { slot, options } = this;
    if (this.pendingLines > 0) options.sink({ slot, length: this.out.at, lines: this.pendingLines });
    if (slot !== -1 && (this.pendingLines === 0 || options.memory === undefined)) this.memory.release(slot);
    this.pendingLines = 0;
    this.slot = -1;
    this.out = NO_ROOM;
  }

  /** Offers the batch now. */
  flush(): void {
    if (this.pendingLines > 0 && !this.turnOver() && !this.isTimerSet) this.setTimer();
  }

  /** Gives the last batch away. */
  close(): void {
    this.lend();
    this.isEnabled = false;
  }

  private setTimer(): void {
    this.isTimerSet = true;
    this.later(this.onTimer, FLUSH_DELAY_MS);
  }

  private flushLater(): void {
    this.isTimerSet = false;
    this.flush();
  }
}
