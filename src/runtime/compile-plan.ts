// Plans of routes and aliases: their targets, under the algorithm and order of failover of the route's action.
import { invariant } from '../errors/bug.ts';
import type { ForwardAction } from '../model/route.ts';
import { bucketEnds, SPLIT_BUCKETS } from '../model/split.ts';
import { balancerRegistry } from '../upstream/balancers/registry.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import { type PlanLanes, type PlanOrder, type PlanTarget, TargetPlan } from './plan.ts';
import { compileBucket } from './split-choice.ts';
import { BackendPool, BalancedTargets } from './target-choice.ts';
import type { ThreadResources } from './thread-resources.ts';

function compileAlgorithm(
  { name, config }: NonNullable<ForwardAction['balancer']>,
  { table, wallMs, random }: ThreadResources,
): NonNullable<PlanOrder['algorithm']> {
  const definition = balancerRegistry.get(name);
  invariant(definition !== undefined, `balancer ${name} passed validation but is not registered`);
  return {
    name,
    choiceOf: (targets) => new BalancedTargets({ definition, config }, new BackendPool(targets, table, wallMs), random),
  };
}

export interface PlanParts {
  readonly resources: ThreadResources;
  readonly backends: ReadonlyMap<string, CompiledBackend>;
  readonly lanes?: PlanLanes;
}

export function compilePlan(
  targets: readonly PlanTarget[],
  { balancer, split, failover = [] }: Pick<ForwardAction, 'balancer' | 'split' | 'failover'>,
  { resources, backends, lanes }: PlanParts,
): TargetPlan {
  const successors = failover.flatMap((id) => targets.filter(({ backend }) => backend.name === backends.get(id)?.name));
  return new TargetPlan(targets, resources.random, {
    ...(balancer !== undefined && { algorithm: compileAlgorithm(balancer, resources) }),
    ...(split !== undefined && { split: { bucketOf: compileBucket(split, SPLIT_BUCKETS), endsOf: bucketEnds } }),
    ...(successors.length > 0 && { failover: successors }),
    ...(lanes !== undefined && { lanes }),
  });
}
