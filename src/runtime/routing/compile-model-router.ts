// The router of one route, made once per configuration from the model: its backends as offers, aliases, settings and tenants.
import type { FallbackClass } from '../../base/routing-strategy.ts';
import type { Backend } from '../../model/backend.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import type { Route, Target } from '../../model/route.ts';
import { compilePlan } from '../compile-plan.ts';
import type { CompiledBackend } from '../compiled-backend.ts';
import type { PlanTarget, TargetPlan } from '../plan.ts';
import type { ThreadResources } from '../thread-resources.ts';
import type { Candidate, Directory } from './candidate.ts';
import { catalogFacts } from './catalog-facts.ts';
import { TargetCompiler } from './compile-targets.ts';
import { CoolingQueue } from './cooling-queue.ts';
import { type CandidatesDecision, ModelRouter } from './model-router.ts';
import type { Offer } from './offers.ts';
import { takesParameters } from './parameter-check.ts';
import { TenantFinder } from './tenant-finder.ts';

export interface RouterCompilation {
  readonly model: GatewayModel;
  readonly resources: ThreadResources;
  readonly backends: ReadonlyMap<string, CompiledBackend>;
}

export interface RouterRoute {
  readonly route: Route;
  readonly targets: readonly Target[];
  toPlanTarget(target: Target, model: string | undefined): PlanTarget;
}

/** What routers of one model have in common, made once. */
interface Shared {
  readonly rows: ReadonlyMap<string, Backend>;
  readonly aliases: Directory['aliases'];
  readonly tenants: TenantFinder | undefined;
  /** Backends that may answer on routes that do not name them. */
  readonly elsewhere: readonly string[];
}

const shared = new WeakMap<GatewayModel, Shared>();

function sharedOf(model: GatewayModel): Shared {
  const known = shared.get(model);
  if (known !== undefined) return known;
  const ofAliases = model.aliases.flatMap(({ targets }) => targets.flatMap(({ backend }) => backend ?? []));
  const made = {
    rows: new Map(model.backends.map((backend) => [backend.id as string, backend])),
    aliases: new Map(model.aliases.map(({ alias, targets }) => [alias, targets])),
    tenants: model.tenants && new TenantFinder(model.tenants),
    elsewhere: [...new Set<string>([...ofAliases, ...(model.router?.fallbackOrder ?? [])])],
  };
  shared.set(model, made);
  return made;
}

function offersOf(targets: readonly Target[], { rows, elsewhere }: Shared): readonly Offer[] {
  const own = new Map<string, Target>(targets.map((target) => [target.backend, target]));
  return [...new Set([...own.keys(), ...elsewhere])].flatMap((id) => {
    const provider = rows.get(id)?.provider;
    const target = own.get(id);
    if (provider === undefined) return [];
    return [
      {
        backend: id,
        provider: provider.name,
        weight: target?.weight ?? 1,
        tier: target?.tier ?? 0,
        override: provider.model,
        models: provider.models,
        isOfRoute: target !== undefined,
      },
    ];
  });
}

class PlanMaker {
  private readonly compilation: RouterCompilation;
  private readonly own: RouterRoute;
  private readonly targets: TargetCompiler;

  constructor(compilation: RouterCompilation, own: RouterRoute) {
    const { model, resources } = compilation;
    this.compilation = compilation;
    this.own = own;
    const coolsAll = model.router?.isOn === true;
    this.targets = new TargetCompiler({ resources, rows: sharedOf(model).rows, coolsAll });
  }

  planOf({ candidates, lanes }: CandidatesDecision): TargetPlan {
    const { action } = this.own.route;
    const targets = candidates.flatMap((each) => this.targetsOf(each));
    const lane = (fallbackClass: FallbackClass): readonly PlanTarget[] =>
      (lanes?.[fallbackClass] ?? []).flatMap((each) => this.targetsOf(each));
    const order = action.kind === 'forward' ? action : {};
    const made = lanes && { contextWindow: lane('contextWindow'), contentPolicy: lane('contentPolicy') };
    return compilePlan(targets, order, { ...this.compilation, ...(made !== undefined && { lanes: made }) });
  }

  private targetsOf(each: Candidate): readonly PlanTarget[] {
    const { tier, weight, model } = each;
    const base = this.own.toPlanTarget({ backend: each.offer.backend as Target['backend'], weight, tier }, model);
    return this.targets.compile(each, base);
  }
}

/** A route that AI backends serve. */
export function compileModelRouter(compilation: RouterCompilation, own: RouterRoute): ModelRouter {
  const { model, resources, backends } = compilation;
  const common = sharedOf(model);
  const directory: Directory = {
    offers: offersOf(own.targets, common),
    aliases: common.aliases,
    settings: model.router,
    facts: catalogFacts(resources),
  };
  const maker = new PlanMaker(compilation, own);
  return new ModelRouter({
    directory,
    tenants: common.tenants,
    hasKeys: own.targets.some(({ backend }) => common.rows.get(backend)?.provider?.apiKeys !== undefined),
    planOf: (decision) => maker.planOf(decision),
    queue: model.router?.isOn === true ? new CoolingQueue(model.router.queue, resources) : undefined,
    measured: (backend) => resources.providers.window(backend).describe(resources.wallMs()),
    takesParameters(candidate, request) {
      const provider = backends.get(candidate.offer.backend)?.provider;
      return provider === undefined || takesParameters(provider, candidate, request);
    },
  });
}
