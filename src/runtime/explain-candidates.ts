// The state of each candidate of a plan, for explanations: its endpoints in the order their balancer would rather have them, why
// some of them are out, and what breaker, retry budget and concurrency limit say now. Read from where live requests read it.
import type { Exchange } from '../pipeline/exchange.ts';
import { WINDOW_SECONDS } from '../state/retry-budget.ts';
import type { Choice } from '../upstream/balancer.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { EndpointSet } from './endpoint-set.ts';
import type { Candidate, PlanTarget, TargetPlan } from './plan.ts';

export interface ExplainedEndpoint {
  readonly url: string;
  /** What its algorithm compares by, lower first; absent where it goes by weights, turns or hashes. */
  readonly cost?: number;
  /** Of the weights of the backend, slow start included: 0 to 1. */
  readonly share: number;
  /** Over all workers. */
  readonly inFlight: number;
  /** Smoothed time to first byte; absent when it was not measured lately. */
  readonly latencyMs?: number;
  /** Why it may not be chosen now; empty = it may. */
  readonly out: readonly string[];
}

export interface ExplainedCandidate extends Candidate {
  readonly algorithm: string;
  readonly endpoints: readonly ExplainedEndpoint[];
  /** State of the backend's circuit breaker; absent without one. */
  readonly breaker?: string;
  /** Requests and retries of the last 10 s, and retries that may still follow; absent where retries have no budget. */
  readonly budget?: { readonly requests: number; readonly retries: number; readonly left: number };
  /** Absent without a concurrency limit. */
  readonly concurrency?: { readonly limit: number; readonly inFlight: number };
}

function explainEndpoints(set: EndpointSet, wallMs: number): readonly ExplainedEndpoint[] {
  const { view, endpoints } = set;
  view.refresh();
  const costs = set.balancer.costs?.();
  let shares = 0;
  for (let index = 0; index < view.size; index++) shares += view.share(index);
  const explained = endpoints.map(({ url }, index): ExplainedEndpoint => {
    const latency = view.latencyMicroseconds(index);
    const cost = costs?.[index];
    const isWeightless = view.weight(index) <= 0;
    return {
      url,
      ...(cost !== undefined && Number.isFinite(cost) && { cost }),
      share: shares === 0 ? 0 : view.share(index) / shares,
      inFlight: view.inFlight(index),
      ...(latency > 0 && { latencyMs: latency / 1000 }),
      out: [...(isWeightless ? ['its weight is 0'] : []), ...set.outReasons(index, wallMs)],
    };
  });
  const rank = ({ out, cost }: ExplainedEndpoint): number => (out.length > 0 ? Number.MAX_VALUE : (cost ?? 0));
  return explained.toSorted((one, other) => rank(one) - rank(other) || other.share - one.share);
}

function budgetOf({ backend, retry }: PlanTarget, wallMs: number): ExplainedCandidate['budget'] {
  if (retry.budget === undefined) return undefined;
  const { requests, retries } = backend.retries.recent(wallMs);
  const allowed = Math.floor(retry.budget.ratio * requests + retry.budget.minPerSecond * WINDOW_SECONDS);
  return { requests, retries, left: Math.max(0, allowed - retries) };
}

/** In the order of the plan. */
export function explainCandidates(plan: TargetPlan, wallMs: number): readonly ExplainedCandidate[] {
  const targets = plan.ordered();
  return plan.candidates(wallMs).map((candidate, index) => {
    const target = targets[index];
    const { set, admission } = target.backend;
    const breaker = set.guard?.backendState(wallMs);
    const budget = budgetOf(target, wallMs);
    return {
      ...candidate,
      algorithm: set.algorithm,
      endpoints: explainEndpoints(set, wallMs),
      ...(breaker !== undefined && { breaker }),
      ...(budget !== undefined && { budget }),
      ...(admission !== undefined && { concurrency: admission.now() }),
    };
  });
}

/**
 * The endpoint that a request goes to, as far as that can be told without a draw: where a hash decides the one it gives, else the
 * first of those that may be chosen; -1 = nobody.
 */
export function likelyEndpoint(exchange: Exchange, { set }: CompiledBackend, wallMs: number): number {
  const key = set.keyOf(exchange);
  const choice: Choice = { key, region: undefined, tried: () => false };
  if (key !== -1) return set.balancer.pick(choice);
  const [first] = explainEndpoints(set, wallMs);
  return first === undefined ? -1 : set.endpoints.findIndex(({ url }) => url === first.url);
}
