// Which endpoint of the candidate is asked next: what the balancer picks and the breakers let through, each endpoint once. One per
// exchange; it holds what the breakers gave for the attempt until it hears what became of it.
import type { Failure } from '../errors/failure.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { problem, type Reply } from '../pipeline/reply.ts';
import type { AttemptResult } from '../upstream/attempt-outcome.ts';
import { BACKEND_REFUSED, isProbing } from '../upstream/breaker.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { TargetPlan } from './plan.ts';

/** RFC 9110 §9.2.1. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** An attempt that never began. */
const NO_RESULT: AttemptResult = { status: 0, error: undefined };

export class AttemptGate {
  /** The first backend whose breaker kept the request out. */
  refusedBy: CompiledBackend | undefined = undefined;
  private tried: Set<number> | undefined = undefined;
  private backend: CompiledBackend | undefined = undefined;
  /** 0 = nothing to settle. */
  private admission = 0;

  /** The next candidate: each of its endpoints may be asked, also if another candidate with the same backend has asked it. */
  turnTo(backend: CompiledBackend): void {
    this.backend = backend;
    this.tried = undefined;
  }

  /** The endpoint to ask, admitted; -1 when the backend has none left for this exchange. */
  pick(wallMs: number): number {
    const { backend } = this;
    if (backend === undefined) return -1;
    for (;;) {
      const index = backend.balancer.pick(this.tried);
      if (index === -1 || (this.tried !== undefined && !backend.isUsable(wallMs))) return -1;
      this.admission = backend.admit(index, wallMs);
      if (this.admission > 0) return index;
      this.refusedBy ??= backend;
      if (this.admission === BACKEND_REFUSED) return -1;
      this.rule(index);
    }
  }

  /** Where the route's candidates are spent and a breaker kept one out: its replicas, for methods that only read. */
  replicas({ replicas }: CompiledRoute, { method }: Exchange): TargetPlan | undefined {
    const { refusedBy } = this;
    return refusedBy !== undefined && SAFE_METHODS.has(method) ? replicas.get(refusedBy) : undefined;
  }

  /** Who reads along in the answer: `inner`, and a copy is kept where the breaker falls back on it. */
  tapFor(exchange: Exchange, head: ResponseHead, inner: AnswerTap | undefined): AnswerTap | undefined {
    const keeper = this.backend?.keeper;
    return keeper === undefined ? inner : keeper(exchange, head, inner);
  }

  /** What the client gets when no candidate is left; `last` is why the last attempt failed. */
  instead(exchange: Exchange, last: Failure | undefined): Reply {
    const fallback = this.refusedBy?.fallback?.(exchange);
    if (fallback !== undefined) return fallback;
    if (last !== undefined) return problem(last.code, last.detail);
    if (this.refusedBy === undefined) return problem('route.no-target', 'no target has a positive weight');
    return problem('upstream.circuit-open', `the circuit breaker of ${this.refusedBy.name} is open`);
  }

  /** The endpoint is not asked again for this exchange. */
  rule(index: number): void {
    this.tried ??= new Set();
    this.tried.add(index);
  }

  /** The head of the answer is there: a probe has told what is asked of it. */
  answered(result: AttemptResult | undefined, wallMs: number): void {
    if (isProbing(this.admission)) this.settle(result, wallMs);
  }

  /** The attempt is over; without a result it never began. */
  settle(result: AttemptResult | undefined, wallMs: number): void {
    const { admission, backend } = this;
    this.admission = 0;
    if (admission > 0) backend?.settle(admission, result ?? NO_RESULT, wallMs);
  }
}
