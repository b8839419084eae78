// Circuit breakers, outlier detection and health checks of a backend in the model → handles on their rows of shared memory, which
// outlive every generation.
import { invariant } from '../errors/bug.ts';
import type { Backend } from '../model/backend.ts';
import type { BreakerSettings, OutlierSettings } from '../model/breaker.ts';
import { ejectionLimit } from '../model/ejection-limit.ts';
import { backendRowId } from '../model/row-ids.ts';
import type { HealthRows } from '../state/health-table.ts';
import type { OutlierRowNumbers, OutlierRules } from '../state/outlier-table.ts';
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

/** The main thread compares and shows the same pools. */
export function guardRows({ name, endpoints }: Backend, rowOf: (id: string) => number): OutlierRowNumbers & HealthRows {
  return { endpoints: endpoints.map(({ id }) => rowOf(id)), backend: rowOf(backendRowId(name)) };
}

export function toOutlierRules(settings: OutlierSettings, size: number): OutlierRules {
  return {
    inRow: [settings.consecutive5xx, settings.consecutiveGatewayFailures, settings.consecutiveLocalFailures],
    baseMs: settings.baseEjectionMs,
    maxMs: settings.maxEjectionMs,
    limit: ejectionLimit(size, settings),
    panicPercent: settings.panicPercent,
  };
}

/** Undefined where nothing guards the backend. One endpoint alone has no breaker of its own: the backend's says the same. */
export function compileGuard(
  backend: Backend,
  rows: Readonly<Record<string, number>>,
  resources: ThreadResources,
): BackendGuard | undefined {
  const { breaker: settings, outlier, healthCheck, endpoints, name } = backend;
  if (settings === undefined && outlier === undefined && healthCheck === undefined) return undefined;
  const rowOf = (id: string): number => {
    invariant(rows[id] !== undefined, `${id} has no row`);
    return rows[id];
  };
  const ids = endpoints.map(({ id }) => id);
  const rules = settings && toRules(settings);
  const { breakers, outliers, health, table, random } = resources;
  /** Whoever comes back is cold. */
  const warmUp = (row: number, nowMs: number): void => table.startWarmUp(row, nowMs);
  const breakerOf = (id: string, onClosed?: (nowMs: number) => void): SharedBreaker | undefined =>
    rules && breakers.breaker(rowOf(id), rules, { random, ...(onClosed !== undefined && { onClosed }) });
  const ownBreakerOf = (id: string) => breakerOf(id, (nowMs) => warmUp(rowOf(id), nowMs));
  return new BackendGuard({
    backend: breakerOf(backendRowId(name)),
    endpoints: endpoints.length > 1 ? ids.flatMap((id) => ownBreakerOf(id) ?? []) : [],
    outliers: outlier && outliers.pool(guardRows(backend, rowOf), toOutlierRules(outlier, ids.length), warmUp),
    health: healthCheck && health.pool(guardRows(backend, rowOf), healthCheck.panicPercent),
  });
}
