// A validated model → an immutable runtime. The only place that reads the model; what it makes never does.
import { invariant } from '../errors/bug.ts';
import type { AliasTarget, ModelAlias } from '../model/alias.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Listener } from '../model/listener.ts';
import type { Route, Target } from '../model/route.ts';
import { listenerFilters, routeFilters } from './attach.ts';
import { compileBackend } from './compile-backend.ts';
import { compileChain, orderFilters } from './compile-chain.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { ExchangeHandlerOf } from './dispatch.ts';
import type { Logging } from './finish.ts';
import { type PlanTarget, TargetPlan } from './plan.ts';
import { compileRouter } from './router/compile-router.ts';
import { Runtime } from './runtime.ts';
import type { ThreadResources } from './thread-resources.ts';

const PLAIN_TIMEOUTS = { connectMs: 5000, firstByteMs: 60_000, idleMs: 300_000 };
/** Reasoning models may think for minutes before their first byte. */
const AI_TIMEOUTS = { connectMs: 5000, firstByteMs: 600_000, idleMs: 300_000 };

interface Compilation {
  readonly model: GatewayModel;
  readonly resources: ThreadResources;
  readonly backends: ReadonlyMap<string, CompiledBackend>;
  readonly timeouts: ReadonlyMap<string, BackendTimeouts>;
}

interface BackendTimeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

/** `rows`: endpoint id → row of the shared table. Throws only on bugs: the model has passed validation. */
export function compileRuntime(
  model: GatewayModel,
  rows: Readonly<Record<string, number>>,
  resources: ThreadResources,
  generation: number,
): Runtime {
  const backends = new Map<string, CompiledBackend>();
  const timeouts = new Map<string, BackendTimeouts>();
  const poolKeys: string[] = [];
  for (const backend of model.backends) {
    const compiled = compileBackend(backend, rows, resources);
    backends.set(backend.id, compiled.backend);
    timeouts.set(backend.id, {
      totalMs: 0,
      ...(backend.provider === undefined ? PLAIN_TIMEOUTS : AI_TIMEOUTS),
      ...backend.timeouts,
    });
    poolKeys.push(...compiled.poolKeys);
  }
  resources.balancers.retain(new Set(backends.keys()));
  const compilation = { model, resources, backends, timeouts };
  const routes = new Map(model.routes.map((route) => [route.id as string, compileRoute(route, compilation)]));
  const handlers = new Map(
    model.listeners.map((listener) => [listener.id as string, compileListener(listener, routes, compilation)]),
  );
  return new Runtime(generation, handlers, () => {
    for (const key of poolKeys) resources.pools.release(key);
  });
}

function compileListener(
  listener: Listener,
  routes: ReadonlyMap<string, CompiledRoute>,
  { model, resources }: Compilation,
): ExchangeHandlerOf {
  return new ExchangeHandlerOf(resources, {
    name: listener.id,
    chain: compileChain(listenerFilters(model, listener)),
    router: compileRouter(model.routes, listener.id, listener.hostnames),
    routes: model.routes.map((route) => {
      const compiled = routes.get(route.id);
      invariant(compiled !== undefined, `route ${route.id} was not compiled`);
      return compiled;
    }),
    ai: { models: model.aliases.map((alias) => alias.alias) },
    logging: loggingOf(model),
    path: listener.path,
  });
}

function loggingOf({ log }: GatewayModel): Logging {
  if (!log.enabled) return 'off';
  return log.requestHeaders.length === 0 ? 'later' : 'at-once';
}

function compileRoute(route: Route, compilation: Compilation): CompiledRoute {
  const targets = route.action.kind === 'forward' ? route.action.targets : [];
  const planTargets = targets.map((target) => toPlanTarget(target, undefined, route, compilation));
  const isAi = planTargets.some((target) => target.backend.provider !== undefined);
  const { line } = route.origin;
  const uses = routeFilters(compilation.model, route);
  const totals = targets.map((target) => compilation.timeouts.get(target.backend)?.totalMs ?? 0);
  return {
    name: route.name,
    why: line === undefined ? route.origin.source : `${route.origin.source}:${line}`,
    chain: compileChain(uses),
    filterNames: orderFilters(uses).map((use) => use.filter),
    plan: planTargets.length === 0 ? undefined : new TargetPlan(planTargets, compilation.resources.random),
    isAi,
    totalMs: route.timeouts.totalMs ?? Math.max(0, ...totals),
    aliases: isAi && compilation.model.aliases.length > 0 ? compileAliases(route, targets, compilation) : undefined,
    metrics: compilation.resources.metrics.route(route.name),
  };
}

function toPlanTarget(
  target: Target,
  model: string | undefined,
  route: Route,
  { backends, timeouts }: Compilation,
): PlanTarget {
  const backend = backends.get(target.backend);
  const own = timeouts.get(target.backend);
  invariant(
    backend !== undefined && own !== undefined,
    `backend ${target.backend} passed validation but does not exist`,
  );
  const merged = { ...own, ...route.timeouts };
  const call = { connectMs: merged.connectMs, firstByteMs: merged.firstByteMs, idleMs: merged.idleMs };
  return { backend, weight: target.weight, tier: target.tier, model, timeouts: call };
}

function compileAliases(
  route: Route,
  targets: readonly Target[],
  compilation: Compilation,
): ReadonlyMap<string, TargetPlan> {
  const plans = compilation.model.aliases.map((alias): [string, TargetPlan] => [
    alias.alias,
    compileAlias(alias, route, targets, compilation),
  ]);
  return new Map(plans);
}

function compileAlias(
  alias: ModelAlias,
  route: Route,
  targets: readonly Target[],
  compilation: Compilation,
): TargetPlan {
  const planTargets = alias.targets.flatMap((target) =>
    spread(target, targets).map((concrete) => toPlanTarget(concrete, target.model, route, compilation)),
  );
  return new TargetPlan(planTargets, compilation.resources.random);
}

/** An alias target without a backend of its own is served by the route's, in their proportions. */
function spread(target: AliasTarget, targets: readonly Target[]): readonly Target[] {
  const { backend, weight, tier } = target;
  if (backend !== undefined) return [{ backend, weight, tier }];
  return targets.map((own) => ({ backend: own.backend, weight: own.weight * weight, tier: own.tier + tier }));
}
