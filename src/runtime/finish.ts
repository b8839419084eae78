// The end of an exchange, exactly once: outcome sealed, hooks told, metrics counted, log line written, generation left.
import { type TurnWriter, writeAtTurnEnd } from '../base/turn-end.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { ClientFormat } from '../llm/format.ts';
import { openai } from '../llm/formats/openai.ts';
import type { Chain } from '../pipeline/chain.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { problem, type Reply } from '../pipeline/reply.ts';
import { detectFormat } from './client-format.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { sendReply } from './send-reply.ts';
import type { ThreadResources } from './thread-resources.ts';

/** What forward.ts needs of the end. */
export interface ExchangeEnd {
  /** Some filter of the exchange looks at replies. */
  hasReplyHooks(route: CompiledRoute): boolean;
  /** Runs the reply hooks, route's before listener's. */
  runReplyHooks(exchange: Exchange, route: CompiledRoute, reply: Reply): Reply | Promise<Reply>;
  /** The reply is out, whole or cut. */
  finish(exchange: Exchange, route: CompiledRoute | undefined): void;
  /** Answers with a reply of the gateway and finishes. */
  answer(exchange: Exchange, route: CompiledRoute | undefined, reply: Reply): void;
}

/** `later`: at the end of the turn, where the log shows none of the request's own fields, which the next request overwrites. */
export type Logging = 'off' | 'later' | 'at-once';

export class ExchangeFinisher implements ExchangeEnd, TurnWriter {
  private readonly resources: ThreadResources;
  private readonly listenerChain: Chain;
  private readonly logging: Logging;
  /** Finished in this turn, still to be logged. */
  private ended: Exchange[] = [];
  private readonly left: () => void;

  constructor(resources: ThreadResources, listenerChain: Chain, logging: Logging, left: () => void) {
    this.resources = resources;
    this.listenerChain = listenerChain;
    this.logging = logging;
    this.left = left;
  }

  hasReplyHooks(route: CompiledRoute): boolean {
    return route.chain.hasReplyHooks || this.listenerChain.hasReplyHooks;
  }

  runReplyHooks(exchange: Exchange, route: CompiledRoute | undefined, reply: Reply): Reply | Promise<Reply> {
    // A filter that answered hides the request from those behind it, so their reply hooks do not run either.
    const last = exchange.answeredAt === -1 ? undefined : exchange.answeredAt;
    if (route === undefined) return this.listenerChain.reply(exchange, reply, last);
    const changed = route.chain.reply(exchange, reply, last);
    if (changed instanceof Promise) return changed.then((settled) => this.listenerChain.reply(exchange, settled));
    return this.listenerChain.reply(exchange, changed);
  }

  answerError(exchange: Exchange, route: CompiledRoute | undefined, code: ErrorCode, detail: string): void {
    this.answer(exchange, route, problem(code, detail));
  }

  /** Sends a reply of our own and finishes. */
  answer(exchange: Exchange, route: CompiledRoute | undefined, reply: Reply): void {
    const changed = this.runReplyHooks(exchange, route, reply);
    if (!(changed instanceof Promise)) {
      this.send(exchange, route, changed);
      return;
    }
    changed.then(
      (settled) => this.send(exchange, route, settled),
      (error: unknown) => {
        this.resources.reportBug(String(error), exchange.requestId);
        this.send(exchange, route, problem('internal.bug'));
      },
    );
  }

  private send(exchange: Exchange, route: CompiledRoute | undefined, reply: Reply): void {
    if (exchange.isFinished) return;
    if (exchange.isClientGone) {
      exchange.status = 499;
      exchange.errorCode = 'request.aborted';
    } else sendReply(exchange, reply, formatFor(exchange, route), this.resources.via);
    this.finish(exchange, route);
  }

  /** After a bug: whatever was begun is broken off, and the client told where that is still possible. */
  bug(exchange: Exchange): void {
    if (exchange.isFinished) return;
    exchange.errorCode = 'internal.bug';
    if (exchange.writer.isBegun) exchange.writer.abort();
    else sendReply(exchange, problem('internal.bug'), undefined, this.resources.via);
    this.finish(exchange, undefined);
  }

  finish(exchange: Exchange, route: CompiledRoute | undefined): void {
    if (exchange.isFinished) return;
    exchange.isFinished = true;
    exchange.owner = undefined;
    const { resources } = this;
    exchange.durationMs = resources.nowMs() - exchange.startedAtMs;
    const { genAi } = exchange;
    if (genAi === undefined || !resources.costs.settles(exchange, genAi, () => this.seal(exchange, route)))
      this.seal(exchange, route);
  }

  /** All is known of the exchange. */
  private seal(exchange: Exchange, route: CompiledRoute | undefined): void {
    const { resources } = this;
    if (route?.chain.hasEndHooks) route.chain.end(exchange);
    if (this.listenerChain.hasEndHooks) this.listenerChain.end(exchange);
    (route?.metrics ?? resources.metrics.unrouted).record(exchange);
    resources.metrics.activeRequests.add(-1);
    if (this.logging === 'later') this.logLater(exchange);
    else if (this.logging === 'at-once') resources.accessLog.write(exchange);
    this.left();
  }

  private logLater(exchange: Exchange): void {
    if (this.ended.length === 0) writeAtTurnEnd(this);
    this.ended.push(exchange);
  }

  /** hot: the lines of a turn are formatted together, as its requests were (docs/decisions/0008). */
  writeNow(): void {
    const { ended } = this;
    this.ended = [];
    for (let index = 0; index < ended.length; index++) this.resources.accessLog.write(ended[index]);
  }
}

/** AI clients get their own format's errors, on AI routes always, else where the path is that of an AI operation and no route took it. */
function formatFor(exchange: Exchange, route: CompiledRoute | undefined): ClientFormat | undefined {
  if (exchange.clientFormat !== undefined) return exchange.clientFormat;
  if (route !== undefined && !route.isAi) return undefined;
  return detectFormat(exchange)?.format ?? (route === undefined ? undefined : openai);
}
