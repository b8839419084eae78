// How a backend's endpoints are chosen: pool, algorithm, levels of priority, sticky sessions, and the key they hash on.
import { randomBytes } from 'node:crypto';
import { invariant } from '../errors/bug.ts';
import type { Backend } from '../model/backend.ts';
import type { Balancer, BalancerDefinition, BalancerDeps, PoolView } from '../upstream/balancer.ts';
import { maglev } from '../upstream/balancers/maglev.ts';
import { balancerRegistry } from '../upstream/balancers/registry.ts';
import type { BackendGuard } from '../upstream/breaker.ts';
import { PriorityLevels } from '../upstream/priority-levels.ts';
import { StickySessions } from '../upstream/sticky-sessions.ts';
import { TablePool } from '../upstream/table-pool.ts';
import type { CompiledEndpoint } from './endpoint-set.ts';
import { compileRequestKey, NO_KEY, type RequestKey } from './request-key.ts';
import { type StickyOpener, stickyOpener } from './sticky-opener.ts';
import type { ThreadResources } from './thread-resources.ts';

export interface Choosing {
  readonly balancer: Balancer;
  readonly keyOf: RequestKey;
  /** Undefined for backends without sticky sessions. */
  readonly openSession: StickyOpener | undefined;
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

function compileAlgorithm(backend: Backend, pool: PoolView, deps: BalancerDeps): Balancer {
  if (pool.size === 0) return NOBODY;
  if (pool.size === 1) return onlyEndpoint(pool);
  const definition = definitionOf(backend);
  const compile = (level: PoolView, levelDeps: BalancerDeps): Balancer =>
    level.size === 1 ? onlyEndpoint(level) : definition.compile(backend.balancer.config, level, levelDeps);
  const priorities = backend.endpoints.map(({ priority }) => priority ?? 0);
  if (priorities.every((priority) => priority === priorities[0])) return compile(pool, deps);
  return new PriorityLevels(pool, { priorities, overprovisioning: backend.overprovisioning ?? 1.4, compile }, deps);
}

export function compileChoosing(
  backend: Backend,
  { endpoints, guard }: { readonly endpoints: readonly CompiledEndpoint[]; readonly guard: BackendGuard | undefined },
  resources: ThreadResources,
): Choosing {
  const { table, wallMs, random } = resources;
  const pool = new TablePool(endpoints, table, { slowStart: backend.slowStart, guard, wallMs });
  const ids = endpoints.map(({ id }) => id);
  const balancer = resources.balancers.succeed(backend.id, ids, (earlierDebt) =>
    compileAlgorithm(backend, pool, { random, earlierDebt }),
  );
  const { hashOn } = definitionOf(backend);
  const keyOf = endpoints.length <= 1 ? NO_KEY : compileRequestKey(hashOn?.(backend.balancer.config));
  return { balancer, keyOf, openSession: compileSticky(backend, { pool, balancer, resources }) };
}

function compileSticky(
  backend: Backend,
  { pool, balancer, resources }: { pool: PoolView; balancer: Balancer; resources: ThreadResources },
): StickyOpener | undefined {
  const { sticky } = backend;
  if (sticky === undefined || pool.size === 0) return undefined;
  const settings = { carrier: sticky.carrier, name: sticky.name, ttlSeconds: Math.ceil(sticky.ttlMs / 1000) };
  const sessions = new StickySessions(backend.id, settings, {
    secret: sticky.secret ?? resources.processSecret,
    pool,
    balancer,
    fallback: maglev.compile({ hash_on: ['client_ip'], bounded_load: 1.25 }, pool, { random: resources.random }),
    randomId: () => randomBytes(9).toString('base64url'),
    wallMs: resources.wallMs,
  });
  return stickyOpener(sessions);
}
