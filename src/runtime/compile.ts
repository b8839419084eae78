// A validated model → an immutable runtime. The only place that reads the model; what it makes never does.
import { isDeepStrictEqual } from 'node:util';
import { ADMISSION_CLASSES } from '../base/admission-class.ts';
import { invariant } from '../errors/bug.ts';
import type { AliasTarget, ModelAlias } from '../model/alias.ts';
import { DEFAULT_AI_RETRY, DEFAULT_GATEWAY_HEALTH, DEFAULT_RETRY } from '../model/defaults.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Listener } from '../model/listener.ts';
import { replicasOf } from '../model/replicas.ts';
import type { Retry } from '../model/retry.ts';
import type { Action, Route, Target } from '../model/route.ts';
import { HedgePolicy } from '../upstream/hedge-policy.ts';
import { RetryPolicy } from '../upstream/retry-policy.ts';
import { listenerFilters, routeFilters } from './attach.ts';
import { BackendCompilation } from './compile-backend.ts';
import { compileChain, orderFilters } from './compile-chain.ts';
import { compilePlan } from './compile-plan.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { ExchangeHandlerOf } from './dispatch.ts';
import type { Logging } from './finish.ts';
import type { GatewayHealthParts } from './gateway-health.ts';
import { type PlanTarget, TargetPlan } from './plan.ts';
import { compileRouter } from './router/compile-router.ts';
import { compileModelRouter } from './routing/compile-model-router.ts';
import type { ModelRouter } from './routing/model-router.ts';
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
  /** What the backends say of retries. */
  readonly retries: ReadonlyMap<string, Retry>;
  /** One policy for all routes that say the same. */
  readonly policies: Map<Retry, RetryPolicy>;
  /** The last plan made for a backend alone. */
  readonly lastPlans: Map<CompiledBackend, TargetPlan>;
  readonly replicas: ReadonlyMap<CompiledBackend, TargetPlan>;
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
  const retries = new Map<string, Retry>();
  const compilations = new Map<string, BackendCompilation>();
  for (const backend of model.backends) {
    const compiled = new BackendCompilation(backend, rows, resources);
    compilations.set(backend.id, compiled);
    backends.set(backend.id, compiled.backend);
    retries.set(backend.id, backend.retry ?? (backend.provider === undefined ? DEFAULT_RETRY : DEFAULT_AI_RETRY));
    timeouts.set(backend.id, {
      totalMs: 0,
      ...(backend.provider === undefined ? PLAIN_TIMEOUTS : AI_TIMEOUTS),
      ...backend.timeouts,
    });
  }
  resources.balancers.retain(new Set(backends.keys()));
  const policies = new Map<Retry, RetryPolicy>();
  const parts = { model, resources, backends, timeouts, retries, policies, lastPlans: new Map() };
  const compilation = { ...parts, replicas: compileReplicas(parts) };
  const routes = new Map(model.routes.map((route) => [route.id as string, compileRoute(route, compilation)]));
  const handlers = new Map(
    model.listeners.map((listener) => [listener.id as string, compileListener(listener, routes, compilation)]),
  );
  return new Runtime(generation, handlers, compilations);
}

/** Backends that answer reads for one whose breaker is open, with their own time limits. */
function compileReplicas(parts: Omit<Compilation, 'replicas'>): Compilation['replicas'] {
  const { model, backends, timeouts, retries, policies, resources } = parts;
  const replicas = new Map<CompiledBackend, TargetPlan>();
  for (const backend of model.backends) {
    const targets = replicasOf(backend, model).map(({ id }): PlanTarget => {
      const [replica, own, retry] = [backends.get(id), timeouts.get(id), retries.get(id)];
      invariant(replica !== undefined && own !== undefined && retry !== undefined, `backend ${id} was not compiled`);
      return {
        backend: replica,
        weight: 1,
        tier: 0,
        model: undefined,
        timeouts: own,
        retry: policyOf(retry, policies),
      };
    });
    const compiled = backends.get(backend.id);
    if (compiled !== undefined && targets.length > 0) replicas.set(compiled, new TargetPlan(targets, resources.random));
  }
  return replicas;
}

function compileListener(
  listener: Listener,
  routes: ReadonlyMap<string, CompiledRoute>,
  { model, resources, backends }: Compilation,
): ExchangeHandlerOf {
  return new ExchangeHandlerOf(resources, {
    name: listener.id,
    chain: compileChain(listenerFilters(model, listener), resources),
    router: compileRouter(model.routes, listener.id, listener.hostnames),
    routes: model.routes.map((route) => {
      const compiled = routes.get(route.id);
      invariant(compiled !== undefined, `route ${route.id} was not compiled`);
      return compiled;
    }),
    ai: { models: model.aliases.map((alias) => alias.alias) },
    logging: loggingOf(model),
    path: listener.path,
    health: healthOf(model, backends),
  });
}

function healthOf(
  { health: { path, checks } = DEFAULT_GATEWAY_HEALTH }: GatewayModel,
  backends: Compilation['backends'],
): GatewayHealthParts {
  const looksAtBackends = checks.includes('downstream_services') && backends.size > 0;
  return {
    path,
    backends: looksAtBackends ? [...backends.values()] : undefined,
    absent: checks.filter((check) => check !== 'downstream_services'),
  };
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
    chain: compileChain(uses, compilation.resources),
    filterNames: orderFilters(uses).map((use) => use.filter),
    plan: planOf(planTargets, route.action, compilation),
    isAi,
    bufferBytes: route.bufferBytes,
    resources: route.resources,
    totalMs: route.timeouts.totalMs ?? Math.max(0, ...totals),
    aliases: isAi && compilation.model.aliases.length > 0 ? compileAliases(route, targets, compilation) : undefined,
    modelRouter: isAi ? modelRouterOf(route, targets, compilation) : undefined,
    replicas: compilation.replicas,
    admissionClass: ADMISSION_CLASSES.indexOf(route.admissionClass ?? 'normal'),
    hedge: route.hedge && new HedgePolicy(route.hedge, compilation.resources.latencies.of(route.name)),
    metrics: compilation.resources.metrics.route(route.name),
  };
}

/** hot: a plan of one target has no state, so thousands of routes to one backend share one, which stays in the caches. */
function planOf(targets: readonly PlanTarget[], action: Action, compilation: Compilation): TargetPlan | undefined {
  const { lastPlans } = compilation;
  if (targets.length === 0 || action.kind === 'reply') return undefined;
  const last = targets.length === 1 ? lastPlans.get(targets[0].backend) : undefined;
  if (last !== undefined && isDeepStrictEqual(last.targets, targets)) return last;
  const plan = compilePlan(targets, action, compilation);
  if (targets.length === 1) lastPlans.set(targets[0].backend, plan);
  return plan;
}

function toPlanTarget(
  target: Target,
  model: string | undefined,
  route: Route,
  { backends, timeouts, retries, policies }: Compilation,
): PlanTarget {
  const backend = backends.get(target.backend);
  const own = timeouts.get(target.backend);
  const retry = route.retry ?? retries.get(target.backend);
  invariant(
    backend !== undefined && own !== undefined && retry !== undefined,
    `backend ${target.backend} passed validation but does not exist`,
  );
  const merged = { ...own, ...route.timeouts };
  const call = { connectMs: merged.connectMs, firstByteMs: merged.firstByteMs, idleMs: merged.idleMs };
  const { weight, tier } = target;
  return { backend, weight, tier, model, timeouts: call, retry: policyOf(retry, policies) };
}

function policyOf(retry: Retry, policies: Map<Retry, RetryPolicy>): RetryPolicy {
  const policy = policies.get(retry) ?? new RetryPolicy(retry);
  policies.set(retry, policy);
  return policy;
}

function modelRouterOf(route: Route, targets: readonly Target[], compilation: Compilation): ModelRouter {
  const toTarget = (target: Target, model: string | undefined) => toPlanTarget(target, model, route, compilation);
  return compileModelRouter(compilation, { route, targets, toPlanTarget: toTarget });
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
  return compilePlan(planTargets, route.action.kind === 'forward' ? route.action : {}, compilation);
}

/** An alias target without a backend of its own is served by the route's, in their proportions. */
function spread(target: AliasTarget, targets: readonly Target[]): readonly Target[] {
  const { backend, weight, tier } = target;
  if (backend !== undefined) return [{ backend, weight, tier }];
  return targets.map((own) => ({ backend: own.backend, weight: own.weight * weight, tier: own.tier + tier }));
}
