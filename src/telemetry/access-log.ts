// The access log of one thread: lines gather in a batch that is given away when it is large or old. Last step of a request;
// it never waits, and what cannot be given away is dropped and counted.
import { AccessLine } from './access-line.ts';
import type { AccessRecord } from './access-record.ts';

export interface AccessLogOptions {
  /**
   * Takes a batch of whole lines. False = not now: the batch is kept and offered again. The chunk owns its memory and may be
   * transferred to another thread.
   */
  sink(chunk: Uint8Array<ArrayBuffer>, lines: number): boolean;
  /** Lines that were lost because the sink stayed behind. */
  onDropped?(lines: number): void;
  /** One-shot timer; that of the runtime unless told. */
  later?(callback: () => void, delayMs: number): void;
  readonly maxPendingBytes?: number;
}

export interface AccessLogSettings {
  readonly enabled: boolean;
  /** Names in lower case; those of credentials are never shown. */
  readonly requestHeaders: readonly string[];
}

/** hot: at 64 KiB handing batches to the main thread cost 1.4 us a request on one core. */
const FLUSH_BYTES = 262_144;
const FLUSH_DELAY_MS = 50;
const MAX_PENDING_BYTES = 1_048_576;

function laterByTimer(callback: () => void, delayMs: number): void {
  setTimeout(callback, delayMs).unref();
}

/** Formats on the caller's thread, since only there the request is still in memory. */
export class AccessLogWriter {
  private readonly options: AccessLogOptions;
  private readonly later: (callback: () => void, delayMs: number) => void;
  private readonly maxPendingBytes: number;
  private readonly line = new AccessLine();
  private readonly onTimer = (): void => this.flushLater();
  /** Lines are pure ASCII: their length is their bytes. */
  private pending = '';
  private pendingLines = 0;
  private isTimerSet = false;
  private isSinkBehind = false;
  private isEnabled = true;

  constructor(options: AccessLogOptions) {
    this.options = options;
    this.later = options.later ?? laterByTimer;
    this.maxPendingBytes = options.maxPendingBytes ?? MAX_PENDING_BYTES;
  }

  /** Takes effect with the next line. */
  configure(settings: AccessLogSettings): void {
    this.isEnabled = settings.enabled;
    this.line.showHeaders(settings.requestHeaders);
  }

  write(record: AccessRecord): void {
    if (!this.isEnabled) return;
    if (this.pending.length >= this.maxPendingBytes) {
      this.options.onDropped?.(1);
      return;
    }
    this.pending += this.line.format(record);
    this.pendingLines++;
    if (this.pending.length >= FLUSH_BYTES && !this.isSinkBehind) this.flush();
    else if (!this.isTimerSet) this.setTimer();
  }

  /** Offers the batch now. */
  flush(): void {
    if (this.pendingLines === 0) return;
    const chunk = Buffer.from(new ArrayBuffer(this.pending.length));
    chunk.write(this.pending, 'latin1');
    this.isSinkBehind = !this.options.sink(chunk, this.pendingLines);
    if (this.isSinkBehind) {
      if (!this.isTimerSet) this.setTimer();
      return;
    }
    this.pending = '';
    this.pendingLines = 0;
  }

  /** Gives the last batch away; what the sink refuses even now is counted as lost. */
  close(): void {
    this.flush();
    if (this.pendingLines > 0) this.options.onDropped?.(this.pendingLines);
    this.pending = '';
    this.pendingLines = 0;
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
