// The table of contents of the product: identify, listener chain, match, route chain, act. The only place where a bug met by an
// exchange is caught.
import { BugError } from '../errors/bug.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.ts';
import { problemDocument } from '../errors/problem.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { Reply } from '../pipeline/reply.ts';
import { statusLine } from '../wire/status-line.ts';
import { type AiStart, answerModels, startAi } from './ai-start.ts';
import { limitDetail } from './body-limit.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { dateLine } from './date-line.ts';
import { type ExplainRequest, type Explanation, explainRequest } from './explain.ts';
import { ExchangeFinisher } from './finish.ts';
import { Forwarding } from './forward.ts';
import { answerHealth } from './gateway-health.ts';
import { identify } from './identify.ts';
import type { Generation, ListenerParts } from './listener-parts.ts';
import { takeForward } from './max-forwards.ts';
import { readModel } from './read-model.ts';
import { NEEDS_MODEL, NO_ROUTE } from './router/router.ts';
import { errorLines } from './send-reply.ts';
import type { ThreadResources } from './thread-resources.ts';

type ForwardStart = Extract<AiStart, { ai: unknown }>;

/** Answers the exchanges of one listener in one generation. */
export class ExchangeHandlerOf {
  private readonly resources: ThreadResources;
  private readonly parts: ListenerParts;
  private readonly finisher: ExchangeFinisher;
  private generation: Generation | undefined;

  constructor(resources: ThreadResources, parts: ListenerParts) {
    this.resources = resources;
    this.parts = parts;
    this.finisher = new ExchangeFinisher(resources, parts.chain, parts.logging, () => this.generation?.leave());
  }

  /** The decision for a request nobody sent. */
  explain(request: ExplainRequest): Promise<Explanation> {
    return explainRequest(request, this.parts, this.resources);
  }

  bind(generation: Generation): void {
    this.generation = generation;
  }

  /** Never throws: a bug answers 500 and is logged. */
  handle(exchange: Exchange): void {
    this.generation?.enter();
    this.resources.metrics.activeRequests.add(1);
    try {
      if (!identify(exchange, this.resources)) this.answerError(exchange, undefined, 'request.loop', '');
      else if (exchange.path === this.parts.health.path) this.answerHealth(exchange);
      else if (exchange.method === 'OPTIONS') this.limitForwards(exchange);
      else this.runListenerChain(exchange);
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  private answerHealth(exchange: Exchange): void {
    this.finisher.answer(exchange, undefined, answerHealth(this.parts.health, this.resources));
  }

  /** RFC 9110 §7.6.2. */
  private limitForwards(exchange: Exchange): void {
    const answer = takeForward(exchange);
    if (answer !== undefined) this.finisher.answer(exchange, undefined, answer);
    else this.runListenerChain(exchange);
  }

  private runListenerChain(exchange: Exchange): void {
    const answer = this.parts.chain.request(exchange);
    if (answer instanceof Promise) this.settle(exchange, answer, (reply) => this.afterListenerChain(exchange, reply));
    else this.afterListenerChain(exchange, answer);
  }

  private afterListenerChain(exchange: Exchange, answer: Reply | undefined): void {
    if (answer !== undefined) this.finisher.answer(exchange, undefined, answer);
    else this.match(exchange);
  }

  private match(exchange: Exchange): void {
    const index = this.parts.router.match(exchange);
    if (index === NEEDS_MODEL) {
      readModel(exchange, (code) => {
        if (code === undefined) this.guarded(exchange, () => this.match(exchange));
        else this.answerError(exchange, undefined, code, limitDetail(exchange, code));
      });
      return;
    }
    if (index === NO_ROUTE)
      this.answerError(exchange, undefined, 'route.not-found', `no route matches ${exchange.method} ${exchange.path}`);
    else this.runRouteChain(exchange, this.parts.routes[index]);
  }

  private runRouteChain(exchange: Exchange, route: CompiledRoute): void {
    exchange.routeName = route.name;
    exchange.routeWhy = route.why;
    const answer = route.chain.request(exchange);
    if (answer instanceof Promise) this.settle(exchange, answer, (reply) => this.act(exchange, route, reply));
    else this.act(exchange, route, answer);
  }

  private act(exchange: Exchange, route: CompiledRoute, answer: Reply | undefined): void {
    if (answer !== undefined) this.finisher.answer(exchange, route, answer);
    else if (route.plan === undefined) this.answerError(exchange, route, 'route.no-answer', '');
    else if (route.isAi) this.actAi(exchange, route);
    else new Forwarding(this.resources, exchange, { route, plan: route.plan, ai: undefined }, this.finisher).start();
  }

  private actAi(exchange: Exchange, route: CompiledRoute): void {
    startAi(exchange, route, this.parts.ai, (start) => {
      if ('code' in start) this.answerError(exchange, route, start.code, start.detail);
      else if ('models' in start) this.finisher.answer(exchange, route, answerModels(start.models));
      else this.guarded(exchange, () => this.forwardAi(exchange, route, start));
    });
  }

  /** At once, or when a candidate of the router is back. */
  private forwardAi(exchange: Exchange, route: CompiledRoute, start: ForwardStart): void {
    if (route.modelRouter?.limits === true && this.holdsBack(exchange, route, start)) return;
    const { plan, ai } = start;
    new Forwarding(this.resources, exchange, { route, plan, ai }, this.finisher).start();
  }

  private holdsBack(exchange: Exchange, route: CompiledRoute, { plan, ai }: ForwardStart): boolean {
    const parts = { route, plan, ai };
    return (
      route.modelRouter?.holds(exchange, plan, (refusal) => {
        if (refusal !== undefined) this.finisher.answer(exchange, route, refusal);
        else this.guarded(exchange, () => new Forwarding(this.resources, exchange, parts, this.finisher).start());
      }) === true
    );
  }

  /** Continues after an asynchronous filter. */
  private settle(
    exchange: Exchange,
    pending: Promise<Reply | undefined>,
    next: (reply: Reply | undefined) => void,
  ): void {
    pending
      .then((reply) => this.guarded(exchange, () => next(reply)))
      .catch((error: unknown) => this.fail(exchange, error));
  }

  private guarded(exchange: Exchange, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  private answerError(exchange: Exchange, route: CompiledRoute | undefined, code: ErrorCode, detail: string): void {
    this.finisher.answerError(exchange, route, code, detail);
  }

  private fail(exchange: Exchange, error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.resources.reportBug(error instanceof BugError ? stack : `unexpected: ${stack}`, exchange.requestId);
    const { owner } = exchange;
    this.finisher.bug(exchange);
    owner?.onBug();
  }

  /** Refuses a request whose head was understood but not acceptable. */
  refuse(exchange: Exchange, code: ErrorCode): void {
    this.generation?.enter();
    this.resources.metrics.activeRequests.add(1);
    identify(exchange, this.resources);
    this.answerError(exchange, undefined, code, '');
  }

  /** The answer to bytes that never became an exchange: complete, closing the connection. */
  rawError(code: ErrorCode): string {
    const requestId = this.resources.ids.traceId();
    const text = problemDocument(code, '', requestId);
    const body = { contentType: 'application/problem+json', text };
    return `${statusLine(ERROR_CODES[code].status, '')}${errorLines(code, body)}content-length: ${Buffer.byteLength(text)}\r\n${dateLine()}via: 1.1 ${this.resources.via}\r\nx-request-id: ${requestId}\r\nconnection: close\r\n\r\n${text}`;
  }
}
