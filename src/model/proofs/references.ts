// Names that one part of the model uses of another, or of this build: each must lead somewhere.
import { nearestName } from '../../base/nearest-name.ts';
import type { Finding } from '../finding.ts';
import type { GatewayModel, Policy } from '../gateway-model.ts';
import type { Origin } from '../origin.ts';
import type { FilterUse } from '../route.ts';

/** What this build offers; a Catalog is one. */
export interface KnownNames {
  readonly filters: ReadonlyMap<string, unknown>;
  readonly providers: ReadonlyMap<string, unknown>;
  readonly balancers: ReadonlyMap<string, unknown>;
}

interface Reference {
  readonly name: string;
  /** `backend`, as in "no backend is called". */
  readonly word: string;
  readonly code: string;
  /** Who uses it. */
  readonly user: string;
  readonly origin: Origin;
}

function check({ name, word, code, user, origin }: Reference, known: ReadonlySet<string>): readonly Finding[] {
  if (known.has(name)) return [];
  const nearest = nearestName(name, known);
  const mend = nearest === undefined ? {} : { mend: `did you mean "${nearest}"?` };
  return [{ severity: 'error', code, message: `no ${word} is called "${name}", which ${user} names`, ...mend, origin }];
}

function* backendReferences({ routes, aliases }: GatewayModel): Generator<Reference> {
  const word = 'backend';
  const code = 'config.undefined-target';
  for (const { name, action, origin } of routes) {
    if (action.kind === 'reply') continue;
    const ids = [...action.targets.map(({ backend }) => backend), ...(action.failover ?? [])];
    for (const id of ids) yield { name: id, word, code, user: `the route "${name}"`, origin };
  }
  for (const { alias, targets, origin } of aliases) {
    for (const { backend } of targets) {
      if (backend !== undefined) yield { name: backend, word, code, user: `the model alias "${alias}"`, origin };
    }
  }
}

function* filterUses({ routes, backends, policies }: GatewayModel): Generator<readonly [use: FilterUse, user: string]> {
  for (const route of routes) for (const use of route.filters) yield [use, `the route "${route.name}"`];
  for (const backend of backends) for (const use of backend.filters) yield [use, `the backend "${backend.name}"`];
  for (const policy of policies) yield [policy.use, `the policy "${policy.id}"`];
}

function checkPolicyTarget(
  { id, target, origin }: Policy,
  ids: Readonly<Record<string, ReadonlySet<string>>>,
): readonly Finding[] {
  if (target.kind === 'gateway') return [];
  const user = `the policy "${id}"`;
  return check({ name: target.id, word: target.kind, code: 'config.undefined-target', user, origin }, ids[target.kind]);
}

function checkBuildNames(model: GatewayModel, known: KnownNames): readonly Finding[] {
  const filters = new Set(known.filters.keys());
  const balancers = new Set(known.balancers.keys());
  const providers = new Set(known.providers.keys());
  return [
    ...[...filterUses(model)].flatMap(([use, user]) =>
      check({ name: use.filter, word: 'filter', code: 'config.unknown-filter', user, origin: use.origin }, filters),
    ),
    ...model.routes.flatMap(({ name, action, origin }) => {
      if (action.kind === 'reply' || action.balancer === undefined) return [];
      const user = `the route "${name}"`;
      return check({ ...action.balancer, word: 'balancer', code: 'config.unknown-balancer', user, origin }, balancers);
    }),
    ...model.backends.flatMap(({ name, balancer, provider, origin }) => {
      const user = `the backend "${name}"`;
      return [
        ...check({ name: balancer.name, word: 'balancer', code: 'config.unknown-balancer', user, origin }, balancers),
        ...(provider === undefined
          ? []
          : check({ name: provider.name, word: 'provider', code: 'config.unknown-provider', user, origin }, providers)),
      ];
    }),
  ];
}

export function checkReferences(model: GatewayModel, known: KnownNames): readonly Finding[] {
  const ids = {
    listener: new Set<string>(model.listeners.map(({ id }) => id)),
    route: new Set<string>(model.routes.map(({ id }) => id)),
    backend: new Set<string>(model.backends.map(({ id }) => id)),
  };
  const parents = model.routes.flatMap(({ name, parents, origin }) =>
    parents.map((parent) => ({
      name: parent,
      word: 'listener',
      code: 'config.undefined-listener',
      user: `the route "${name}"`,
      origin,
    })),
  );
  return [
    ...[...backendReferences(model)].flatMap((reference) => check(reference, ids.backend)),
    ...parents.flatMap((reference) => check(reference, ids.listener)),
    ...model.policies.flatMap((policy) => checkPolicyTarget(policy, ids)),
    ...checkBuildNames(model, known),
  ];
}
