// A route ready for traffic. What depends on the pair of route and backend is prepared here, once per configuration.
import type { Chain } from '../pipeline/chain.ts';
import type { HedgePolicy } from '../upstream/hedge-policy.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { TargetPlan } from './plan.ts';
import type { RouteMetrics } from './route-metrics.ts';
import type { ModelRouter } from './routing/model-router.ts';

export interface CompiledRoute {
  readonly name: string;
  /** `file:line`, for log and explanations. */
  readonly why: string;
  readonly chain: Chain;
  /** For explanations: filters in the order they run. */
  readonly filterNames: readonly string[];
  /** Undefined when a filter answers. */
  readonly plan: TargetPlan | undefined;
  /** Some target is an AI provider. */
  readonly isAi: boolean;
  /** Limit on the whole exchange, 0 = none. */
  readonly totalMs: number;
  /** Bodies up to this are here before the first try; undefined = as retries need it. */
  readonly bufferBytes: number | undefined;
  /** For explanations: what the target needs to run. */
  readonly resources: Readonly<Record<string, string>> | undefined;
  /** Plans of model aliases as this route's backends serve them; undefined when there are no aliases. */
  readonly aliases: ReadonlyMap<string, TargetPlan> | undefined;
  /** Who chooses among models and providers; undefined where none of them serves the route. */
  readonly modelRouter: ModelRouter | undefined;
  /** Who answers reads for a backend whose breaker is open: the same table for all routes. */
  readonly replicas: ReadonlyMap<CompiledBackend, TargetPlan>;
  /** Position of its admission class; 0 is admitted first. */
  readonly admissionClass: number;
  /** Undefined = no second try while the first goes on. */
  readonly hedge: HedgePolicy | undefined;
  readonly metrics: RouteMetrics;
}
