// One request being served: its timers, how it may end early, and the moment the client goes away.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import type { ReceivedEntry } from './received-log.ts';
import type { SimulatorClock, SimulatorTimers } from './timers.ts';

export interface CallParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: ReceivedEntry;
  readonly clock: SimulatorClock;
  readonly timers: SimulatorTimers;
}

/** Long enough for the peer to read what came before: on some systems a RST discards what lies unread. */
const BEFORE_RESET_MS = 10;

export class Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: ReceivedEntry;
  faults: Faults = {};
  closed = false;
  private readonly clock: SimulatorClock;
  private readonly timers: SimulatorTimers;
  private readonly pending = new Set<() => void>();
  private interrupted = false;

  constructor(parts: CallParts) {
    this.request = parts.request;
    this.response = parts.response;
    this.entry = parts.entry;
    this.clock = parts.clock;
    this.timers = parts.timers;
    this.response.once('close', () => this.onClose());
  }

  /** Runs later unless the call is over by then; without a delay it runs now. */
  after(delayMs: number, run: () => void): void {
    if (delayMs <= 0) {
      run();
      return;
    }
    const cancel = this.timers.schedule(delayMs, () => {
      this.pending.delete(cancel);
      if (!this.closed) run();
    });
    this.pending.add(cancel);
  }

  writeHead(status: number, headers: Readonly<Record<string, string | number>>): void {
    this.entry.status = status;
    if (this.faults.close !== undefined) this.response.shouldKeepAlive = false;
    this.response.writeHead(status, headers);
  }

  /** Runs once everything written so far is with the operating system: node:http holds chunks back until the tick ends. */
  flushed(run: () => void): void {
    setImmediate(() => {
      this.response.socket?.write('', () => {
        if (!this.closed) run();
      });
    });
  }

  /** Ends the connection in the middle: a FIN where more was promised. */
  cut(): void {
    this.interrupted = true;
    this.flushed(() => this.response.socket?.destroy());
  }

  resetNow(): void {
    this.interrupted = true;
    this.response.socket?.resetAndDestroy();
  }

  resetSoon(): void {
    this.flushed(() => this.after(BEFORE_RESET_MS, () => this.resetNow()));
  }

  /** Sends what no HTTP server would, past node's framing, and closes. */
  breakChunk(): void {
    this.interrupted = true;
    this.flushed(() => {
      this.response.socket?.write('XYZ\r\nnot a chunk\r\n', 'latin1');
      this.cut();
    });
  }

  private onClose(): void {
    this.closed = true;
    for (const cancel of this.pending) cancel();
    this.pending.clear();
    const { entry } = this;
    entry.endedAfterMs = this.clock.now() - entry.receivedAtMs;
    if (this.response.writableFinished) entry.outcome = 'answered';
    else if (this.interrupted) entry.outcome = 'interrupted';
    else {
      entry.outcome = 'client-aborted';
      entry.clientAbortedAfterMs = entry.endedAfterMs;
    }
  }
}
