// How a backend's endpoints are chosen: pool, algorithm, levels of priority, sticky sessions, and the key they hash on.
import { invariant } from '../errors/bug.ts';
import type { Backend } from '../model/backend.ts';
import { DEFAULT_AFFINITY } from '../model/defaults.ts';
import { EndpointTags } from '../upstream/affinity/endpoint-tags.ts';
import type { Balancer, BalancerDefinition, BalancerDeps, PoolView } from '../upstream/balancer.ts';
import { maglev } from '../upstream/balancers/maglev.ts';
import { balancerRegistry } from '../upstream/balancers/registry.ts';
import type { BackendGuard } from '../upstream/breaker.ts';
import { PriorityLevels } from '../upstream/priority-levels.ts';
import { SpillRamp } from '../upstream/spill-ramp.ts';
import { StickySessions } from '../upstream/sticky-sessions.ts';
import { TablePool } from '../upstream/table-pool.ts';
import { BackendPlaces } from './backend-places.ts';
import { type CompilePart, LocalityCompiler, type PoolPart } from './compile-locality.ts';
import type { CompiledEndpoint } from './endpoint-set.ts';
import { compileRequestKey, NO_KEY, type RequestKey } from './request-key.ts';
import { type StickyOpener, stickyOpener } from './sticky-opener.ts';
import type { ThreadResources } from './thread-resources.ts';

export interface Choosing {
  readonly balancer: Balancer;
  readonly algorithm: string;
  readonly view: PoolView;
  readonly keyOf: RequestKey;
  /** Undefined for backends without sticky sessions. */
  readonly openSession: StickyOpener | undefined;
  /** Undefined where nothing is chosen by region or zone. */
  readonly places: BackendPlaces | undefined;
  /** Undefined for backends that are no AI provider. */
  readonly tags: EndpointTags | undefined;
}

/** The name of the backend has no address. */
const NOBODY: Balancer = { pick: () => -1 };

/** hot: nothing to weigh. Most backends are one host. */
function onlyEndpoint(pool: PoolView): Balancer {
  const only = pool.weight(0) > 0 ? 0 : -1;
  return { pick: (choice) => (choice.tried(0) ? -1 : only) };
}

function definitionOf(backend: Backend): BalancerDefinition<unknown> {
  const definition = balancerRegistry.get(backend.balancer.name);
  invariant(definition !== undefined, `balancer ${backend.balancer.name} passed validation but is not registered`);
  return definition;
}

/** Given the endpoints of each level, by their indexes in the backend. */
type RampOf = ((levels: readonly (readonly number[])[]) => SpillRamp) | undefined;

function compileRamp(
  { slowStart }: Backend,
  endpoints: readonly CompiledEndpoint[],
  { table, wallMs }: ThreadResources,
): RampOf {
  if (slowStart === undefined) return undefined;
  return (levels) => {
    const rows = levels.map((level) => level.map((index) => endpoints[index].row));
    return new SpillRamp({ table, slowStart, rows, wallMs });
  };
}

function compileAlgorithm(
  { backend, rampOf }: { readonly backend: Backend; readonly rampOf: RampOf },
  { pool, indexes }: PoolPart,
  deps: BalancerDeps,
): Balancer {
  if (pool.size === 0) return NOBODY;
  if (pool.size === 1) return onlyEndpoint(pool);
  const definition = definitionOf(backend);
  const compile = (level: PoolView, levelDeps: BalancerDeps): Balancer =>
    level.size === 1 ? onlyEndpoint(level) : definition.compile(backend.balancer.config, level, levelDeps);
  const priorities = indexes.map((index) => backend.endpoints[index].priority ?? 0);
  if (priorities.every((priority) => priority === priorities[0])) return compile(pool, deps);
  const overprovisioning = backend.overprovisioning ?? 1.4;
  const ofLevels =
    rampOf &&
    ((levels: readonly (readonly number[])[]) => rampOf(levels.map((level) => level.map((at) => indexes[at]))));
  return new PriorityLevels(
    pool,
    { priorities, overprovisioning, compile, ...(ofLevels && { rampOf: ofLevels }) },
    deps,
  );
}

export interface ChoosingParts {
  readonly endpoints: readonly CompiledEndpoint[];
  readonly guard: BackendGuard | undefined;
  readonly rows: Readonly<Record<string, number>>;
}

export function compileChoosing(
  backend: Backend,
  { endpoints, guard, rows }: ChoosingParts,
  resources: ThreadResources,
): Choosing {
  const { table, wallMs, random } = resources;
  const pool = new TablePool(endpoints, table, { slowStart: backend.slowStart, guard, wallMs });
  const ids = endpoints.map(({ id }) => id);
  const whole = { pool, indexes: ids.map((_, index) => index) };
  const rampOf = compileRamp(backend, endpoints, resources);
  const compile: CompilePart = (part, deps) => compileAlgorithm({ backend, rampOf }, part, deps);
  const locality =
    backend.locality && new LocalityCompiler({ backend, rows, resources, compile, ...(rampOf && { rampOf }) });
  const balancer = resources.balancers.succeed(backend.id, ids, (earlierDebt) =>
    locality === undefined ? compile(whole, { random, earlierDebt }) : locality.compile(whole, { random, earlierDebt }),
  );
  const { hashOn } = definitionOf(backend);
  const keyOf = endpoints.length <= 1 ? NO_KEY : compileRequestKey(hashOn?.(backend.balancer.config));
  return {
    balancer,
    algorithm: backend.balancer.name,
    view: pool,
    keyOf,
    openSession: compileSticky(backend, { whole, balancer, locality, rows, resources }),
    places: locality && new BackendPlaces(locality, backend, resources),
    tags: compileTags(backend, pool),
  };
}

function compileTags({ provider, affinity = DEFAULT_AFFINITY }: Backend, pool: PoolView): EndpointTags | undefined {
  if (provider === undefined) return undefined;
  return new EndpointTags(pool, affinity.promptCache ? affinity.ttlMs : 0);
}

interface StickyParts {
  readonly whole: PoolPart;
  readonly balancer: Balancer;
  readonly locality: LocalityCompiler | undefined;
  readonly rows: ChoosingParts['rows'];
  readonly resources: ThreadResources;
}

function compileSticky(
  backend: Backend,
  { whole, balancer, locality, rows, resources }: StickyParts,
): StickyOpener | undefined {
  const { sticky } = backend;
  if (sticky === undefined || whole.pool.size === 0) return undefined;
  const regions = locality?.regionLevel;
  const settings = { carrier: sticky.carrier, name: sticky.name, ttlSeconds: Math.ceil(sticky.ttlMs / 1000) };
  const sessions = new StickySessions(backend.id, settings, {
    secret: sticky.secret ?? resources.processSecret,
    pool: whole.pool,
    balancer,
    fallback: compileSessionFallback(backend, whole, { rows, resources }),
    ...(regions !== undefined && { isLeft: (index: number) => regions.isLeft(index) }),
    randomId: () => resources.ids.spanId(),
    wallMs: resources.wallMs,
  });
  return stickyOpener(sessions);
}

/** For sessions whose endpoint is gone: by the session's key, in the places where new sessions begin. */
function compileSessionFallback(
  backend: Backend,
  whole: PoolPart,
  { rows, resources }: { readonly rows: ChoosingParts['rows']; readonly resources: ThreadResources },
): Balancer {
  const { random } = resources;
  const compile: CompilePart = ({ pool }, deps) =>
    pool.size === 1 ? onlyEndpoint(pool) : maglev.compile({ hash_on: ['client_ip'], bounded_load: 1.25 }, pool, deps);
  if (backend.locality === undefined) return compile(whole, { random });
  return new LocalityCompiler({ backend, rows, resources, compile }).compile(whole, { random });
}
