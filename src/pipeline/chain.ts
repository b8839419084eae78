// Walks the filters of one attachment point. Flat arrays prepared at compile time; an absent hook is not called, and a chain
// without promises never leaves the current turn.
import type { MaybePromise } from '../base/types.ts';
import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import type { Reply } from './reply.ts';

export class Chain {
  readonly filters: readonly Filter[];
  /** Some filter looks at replies, so a forwarded head must become a Reply. */
  readonly hasReplyHooks: boolean;
  readonly hasEndHooks: boolean;

  constructor(filters: readonly Filter[]) {
    this.filters = filters;
    this.hasReplyHooks = filters.some((filter) => filter.onReply !== undefined);
    this.hasEndHooks = filters.some((filter) => filter.onEnd !== undefined);
  }

  /** Runs `onRequest` in order until one answers. */
  request(exchange: Exchange): MaybePromise<Reply | undefined> {
    const filters = this.filters;
    for (let index = 0; index < filters.length; index++) {
      const answer = filters[index].onRequest?.(exchange);
      if (answer instanceof Promise) return this.requestFrom(exchange, index + 1, answer);
      if (answer !== undefined) return answered(exchange, index, answer);
    }
    return undefined;
  }

  private async requestFrom(
    exchange: Exchange,
    next: number,
    pending: Promise<Reply | undefined>,
  ): Promise<Reply | undefined> {
    let answer = await pending;
    let index = next - 1;
    while (answer === undefined && ++index < this.filters.length)
      answer = await this.filters[index].onRequest?.(exchange);
    return answer === undefined ? undefined : answered(exchange, index, answer);
  }

  /** Runs `onReply` in reverse order, from the last filter that saw the request. */
  reply(exchange: Exchange, reply: Reply, last: number = this.filters.length - 1): MaybePromise<Reply> {
    let current = reply;
    for (let index = last; index >= 0; index--) {
      const changed = this.filters[index].onReply?.(exchange, current);
      if (changed instanceof Promise) return this.replyFrom(exchange, index - 1, changed);
      if (changed !== undefined) current = changed;
    }
    return current;
  }

  private async replyFrom(exchange: Exchange, next: number, pending: Promise<Reply>): Promise<Reply> {
    let current = await pending;
    for (let index = next; index >= 0; index--)
      current = (await this.filters[index].onReply?.(exchange, current)) ?? current;
    return current;
  }

  end(exchange: Exchange): void {
    for (const filter of this.filters) filter.onEnd?.(exchange);
  }
}

function answered(exchange: Exchange, index: number, answer: Reply): Reply {
  exchange.answeredAt = index;
  return answer;
}

export const EMPTY_CHAIN: Chain = new Chain([]);
