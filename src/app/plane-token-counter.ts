// A data-plane thread's way to the tokenizer: it asks the main thread, which has the one of the process.
import type { TokenCounter } from '../llm/token-counter.ts';
import type { PlaneEvent } from './messages.ts';

type Done = (counts: readonly number[] | undefined) => void;

export class PlaneTokenCounter implements TokenCounter {
  private readonly post: (event: PlaneEvent) => void;
  private readonly waiting = new Map<number, Done>();
  private nextTicket = 1;

  constructor(post: (event: PlaneEvent) => void) {
    this.post = post;
  }

  count(texts: readonly string[], model: string, done: Done): void {
    const ticket = this.nextTicket++;
    this.waiting.set(ticket, done);
    this.post({ type: 'count', ticket, texts, model });
  }

  /** The answer came. */
  settle(ticket: number, counts: readonly number[] | undefined): void {
    const done = this.waiting.get(ticket);
    this.waiting.delete(ticket);
    done?.(counts);
  }
}
