// The target of a plan that a request goes back to: the one that made an answer, or has a conversation's prompt in its cache while
// the plan would not rather have another. Under exchange-affinity.ts.
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { PlanTarget, TargetPlan } from './plan.ts';

/** With so few under way nobody is overloaded. */
const FEW = 4;
/** Times its share of what is under way at the targets of its tier. */
const MAX_SHARE = 2;

function owns({ backend }: PlanTarget, tag: number): boolean {
  const { tags } = backend.set;
  return tags !== undefined && tags.indexOf(tag) !== -1;
}

/** Whatever its weight or state: nobody else has the answer. */
export function makerOf({ targets }: TargetPlan, tag: number): PlanTarget | undefined {
  return targets.find((target) => owns(target, tag));
}

function modelOf({ model, backend }: PlanTarget): string | undefined {
  return model ?? backend.provider?.model;
}

function inFlightAt({ backend }: PlanTarget, table: EndpointTable): number {
  return backend.set.endpoints.reduce((sum, { row }) => sum + table.inFlight(row), 0);
}

/** Targets between which a choice is one of place only: of the first tier that serves, all with the same model. */
function equals(plan: TargetPlan, wallMs: number): readonly PlanTarget[] {
  const usable = plan.targets.filter(
    ({ weight, backend, cooling }) => weight > 0 && backend.isUsable(wallMs) && cooling?.isOut(wallMs) !== true,
  );
  const first = Math.min(...usable.map(({ tier }) => tier));
  const members = usable.filter(({ tier }) => tier === first);
  return members.every((target) => modelOf(target) === modelOf(members[0])) ? members : [];
}

/** Where users are split between targets, the split alone decides. */
export function cacheHolder(
  plan: TargetPlan,
  tag: number,
  { table, wallMs }: { readonly table: EndpointTable; readonly wallMs: number },
): PlanTarget | undefined {
  if (plan.targets.length < 2 || plan.isSplit) return undefined;
  const members = equals(plan, wallMs);
  const holder = members.find((target) => owns(target, tag));
  if (holder === undefined || holder.backend.admission?.hasRoom === false) return undefined;
  const own = inFlightAt(holder, table);
  if (own < FEW) return holder;
  const all = members.reduce((sum, member) => sum + inFlightAt(member, table), 0);
  const weights = members.reduce((sum, { weight }) => sum + weight, 0);
  return own * weights > MAX_SHARE * (all + 1) * holder.weight ? undefined : holder;
}
