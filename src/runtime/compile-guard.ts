// Circuit breakers of a backend in the model → handles on their rows of shared memory, which outlive every generation.
import { invariant } from '../errors/bug.ts';
import type { Backend } from '../model/backend.ts';
import type { BreakerSettings } from '../model/breaker.ts';
import { backendRowId } from '../model/row-ids.ts';
import type { BreakerRules, SharedBreaker } from '../state/shared-breaker.ts';
import { BackendGuard } from '../upstream/breaker.ts';
import type { ThreadResources } from './thread-resources.ts';

function toRules(settings: BreakerSettings): BreakerRules {
  return {
    consecutiveFailures: settings.consecutiveFailures,
    openAtSuccessRate: settings.openAtSuccessRate ?? -1,
    minOutcomes: settings.minRequests,
    windowMs: settings.windowMs,
    openMs: settings.openMs,
    maxOpenMs: settings.maxOpenMs,
    jitter: settings.jitter,
    stableMs: settings.stableMs,
    probes: settings.probeRequests,
    quorum: settings.probeQuorum,
    probeMs: settings.probeTimeoutMs,
  };
}

/** Undefined where nothing guards the backend. One endpoint alone has no breaker of its own: the backend's says the same. */
export function compileGuard(
  backend: Backend,
  rows: Readonly<Record<string, number>>,
  resources: ThreadResources,
): BackendGuard | undefined {
  const { breaker: settings, endpoints, name } = backend;
  if (settings === undefined) return undefined;
  const rules = toRules(settings);
  const breakerOf = (id: string): SharedBreaker => {
    invariant(rows[id] !== undefined, `${id} has no row`);
    return resources.breakers.breaker(rows[id], rules, resources.random);
  };
  return new BackendGuard({
    backend: breakerOf(backendRowId(name)),
    endpoints: endpoints.length > 1 ? endpoints.map(({ id }) => breakerOf(id)) : [],
  });
}
