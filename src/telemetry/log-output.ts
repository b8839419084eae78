// Where the log lines of all threads end: one file or stdout, written in order without blocking. Runs in the main thread; the
// chunks lie in memory of the threads that made the lines, which get it back when a chunk is written or lost.
import { close, openSync, write } from 'node:fs';

/** The file system and the clock as this file uses them; replaced in tests. */
export interface LogOutputDeps {
  write(fd: number, chunk: Uint8Array, done: (error: NodeJS.ErrnoException | null, written: number) => void): void;
  later(callback: () => void, delayMs: number): void;
  readonly maxQueuedBytes: number;
}

/** Whole lines; `release` is called once, when `bytes` may be written over. */
export interface LogChunk {
  readonly bytes: Uint8Array;
  readonly lines: number;
  release(): void;
}

const STDOUT = 1;
/** Each thread has bounded memory of its own; this bounds what many of them hold, and threads that died since. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;
/** A pipe that its reader left full answers EAGAIN when something made it non-blocking. */
const RETRY_DELAY_MS = 10;

const DEFAULT_DEPS: LogOutputDeps = {
  write: (fd, chunk, done) => write(fd, chunk, 0, chunk.length, null, done),
  later: setTimeout,
  maxQueuedBytes: MAX_QUEUED_BYTES,
};

/**
 * Never blocks and never throws once it is open: past the limit whole chunks are dropped and their lines counted, and so is
 * everything after the output is gone (EPIPE, disk full), because a log must not end the program it describes.
 */
export class LogOutput {
  private readonly fd: number;
  private readonly onDropped: (lines: number) => void;
  private readonly deps: LogOutputDeps;
  private readonly queue: LogChunk[] = [];
  private queuedBytes = 0;
  /** Bytes of the first chunk that are written. */
  private written = 0;
  private isWriting = false;
  private isBroken = false;
  private waiting: (() => void)[] = [];

  /** `target`: `stdout` or a file to append to; throws the system's error when it cannot be opened. */
  constructor(target: string, onDropped: (lines: number) => void, deps: LogOutputDeps = DEFAULT_DEPS) {
    this.fd = target === 'stdout' ? STDOUT : openSync(target, 'a', 0o640);
    this.onDropped = onDropped;
    this.deps = deps;
  }

  write(chunk: LogChunk): void {
    const { length } = chunk.bytes;
    if (this.isBroken || this.queuedBytes + length > this.deps.maxQueuedBytes) {
      this.onDropped(chunk.lines);
      chunk.release();
      return;
    }
    this.queue.push(chunk);
    this.queuedBytes += length;
    if (!this.isWriting) this.writeNext();
  }

  /** Done when everything taken so far is written or lost. With a stuck reader that may be never: give it a time limit. */
  flush(): Promise<void> {
    if (this.queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  /** After `flush`: gives a file back. Stdout stays open. */
  close(): void {
    this.breakOff();
    if (this.fd !== STDOUT) close(this.fd, () => {});
  }

  private writeNext(): void {
    const { bytes } = this.queue[0];
    this.isWriting = true;
    const rest = this.written === 0 ? bytes : bytes.subarray(this.written);
    this.deps.write(this.fd, rest, (error, written) => this.afterWrite(error, written));
  }

  private afterWrite(error: NodeJS.ErrnoException | null, written: number): void {
    if (this.isBroken) return;
    if (error?.code === 'EAGAIN' || error?.code === 'EINTR') {
      this.deps.later(() => {
        if (!this.isBroken) this.writeNext();
      }, RETRY_DELAY_MS);
      return;
    }
    this.isWriting = false;
    if (error !== null) {
      this.breakOff();
      return;
    }
    this.written += written;
    if (this.written >= this.queue[0].bytes.length) this.dropFirst();
    if (this.queue.length > 0) this.writeNext();
    else this.settle();
  }

  private dropFirst(): void {
    const chunk = this.queue.shift();
    this.written = 0;
    if (chunk === undefined) return;
    this.queuedBytes -= chunk.bytes.length;
    chunk.release();
  }

  private breakOff(): void {
    this.isBroken = true;
    for (const [index, chunk] of this.queue.entries()) {
      this.onDropped(chunk.lines);
      // The system may still read what it is writing.
      if (index > 0 || !this.isWriting) chunk.release();
    }
    this.queue.length = 0;
    this.queuedBytes = 0;
    this.settle();
  }

  private settle(): void {
    this.isWriting = false;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
