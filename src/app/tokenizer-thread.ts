// The process's counter of tokens: a thread of its own, started when first asked. A text that it cannot count is answered all the same.
import { Worker } from 'node:worker_threads';
import type { TokenCounter } from '../llm/token-counter.ts';

export interface CountQuestion {
  readonly ticket: number;
  readonly texts: readonly string[];
  readonly model: string;
}

export interface CountAnswer {
  readonly ticket: number;
  readonly counts: readonly number[];
}

type Done = (counts: readonly number[] | undefined) => void;

/** Questions under way, over all threads; one more is not counted. */
const MAX_WAITING = 1024;
/** A thread that died so often will not be better the next time. */
const MAX_DEATHS = 3;

export class TokenizerThread implements TokenCounter {
  private readonly waiting = new Map<number, Done>();
  private worker: Worker | undefined;
  private nextTicket = 1;
  private deaths = 0;
  private isClosed = false;

  count(texts: readonly string[], model: string, done: Done): void {
    if (this.isClosed || this.waiting.size >= MAX_WAITING || this.deaths >= MAX_DEATHS) {
      queueMicrotask(() => done(undefined));
      return;
    }
    this.worker ??= this.start();
    const ticket = this.nextTicket++;
    this.waiting.set(ticket, done);
    this.worker.postMessage({ ticket, texts, model } satisfies CountQuestion);
  }

  private start(): Worker {
    const entry = import.meta.url.endsWith('.ts') ? './tokenizer-entry.ts' : './tokenizer-entry.js';
    const worker = new Worker(new URL(entry, import.meta.url), { name: 'switchyard-tokenizer' });
    worker.unref();
    worker.on('message', ({ ticket, counts }: CountAnswer) => this.settle(ticket, counts));
    // `exit` follows.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.worker = undefined;
      this.deaths++;
      for (const ticket of [...this.waiting.keys()]) this.settle(ticket, undefined);
    });
    return worker;
  }

  private settle(ticket: number, counts: readonly number[] | undefined): void {
    const done = this.waiting.get(ticket);
    this.waiting.delete(ticket);
    done?.(counts);
  }

  /** For good: a thread that is loading when the process ends would keep it from ending. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.worker?.terminate();
  }
}
