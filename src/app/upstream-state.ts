// What the main thread knows of every backend and endpoint: in use or not, why, and what an operator forced. Read from shared memory
// when somebody asks; the admin API and the metrics show the same.
import type { BackendView, BreakerView, ConcurrencyView, ForceRequest, HealthView } from '../admin/admin-view.ts';
import type { Backend, Endpoint } from '../model/backend.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { backendRowId } from '../model/row-ids.ts';
import { guardRows, toOutlierRules } from '../runtime/compile-guard.ts';
import type { BreakerDescription, BreakerTable } from '../state/breaker-table.ts';
import type { ConcurrencyDescription, ConcurrencyTable } from '../state/concurrency-table.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { HealthPool, HealthTable } from '../state/health-table.ts';
import type { OutlierPool, OutlierTable } from '../state/outlier-table.ts';

/** Why an endpoint is not asked; the values of the label `reason`. */
export const OUT_REASONS = [
  'connect-failed',
  'breaker-open',
  'backend-breaker-open',
  'ejected-consecutive-5xx',
  'ejected-consecutive-gateway',
  'ejected-consecutive-local',
  'ejected-success-rate',
  'unhealthy',
] as const;
export type OutReason = (typeof OUT_REASONS)[number];

interface Tables {
  readonly endpoints: EndpointTable;
  readonly breakers: BreakerTable;
  readonly outliers: OutlierTable;
  readonly concurrency: ConcurrencyTable;
  readonly health: HealthTable;
}

function toView(breaker: BreakerDescription, nowMs: number): BreakerView {
  const { sinceMs, untilMs, ...rest } = breaker;
  return { ...rest, sinceSeconds: Math.round((nowMs - sinceMs) / 1000), opensForMs: Math.max(0, untilMs - nowMs) };
}

function toConcurrencyView({ limit, inFlight, waiting }: ConcurrencyDescription): ConcurrencyView {
  const [high, normal, low] = waiting;
  return { limit, inFlight, queued: { high, normal, low } };
}

function isShut({ state, force }: BreakerDescription): boolean {
  return force === 'auto' ? state === 'open' : force === 'open';
}

export class UpstreamState {
  private readonly tables: Tables;
  private model: GatewayModel | undefined;
  private rows: Readonly<Record<string, number>> = {};
  private readonly pools = new Map<string, OutlierPool>();
  private readonly healthPools = new Map<string, HealthPool>();

  constructor(tables: Tables) {
    this.tables = tables;
  }

  /** A new configuration is in effect, or other endpoints of one. */
  follow(model: GatewayModel, rows: Readonly<Record<string, number>>): void {
    this.readmitGone(model);
    this.model = model;
    this.rows = rows;
    this.pools.clear();
    this.healthPools.clear();
    const { endpoints: table } = this.tables;
    for (const backend of model.backends) {
      const { healthCheck } = backend;
      if (healthCheck !== undefined) {
        const pool = this.tables.health.pool(
          guardRows(backend, (id) => rows[id]),
          healthCheck.panicPercent,
        );
        this.healthPools.set(backend.name, pool);
      }
      if (backend.outlier === undefined) continue;
      const rules = toOutlierRules(backend.outlier, backend.endpoints.length);
      this.pools.set(
        backend.name,
        this.tables.outliers.pool(
          guardRows(backend, (id) => rows[id]),
          rules,
          (row, nowMs) => table.startWarmUp(row, nowMs),
        ),
      );
    }
  }

  /** An ejected endpoint that is no longer there would count as out for ever: nobody looks whether its time is over. */
  private readmitGone({ backends }: GatewayModel): void {
    const kept = new Set(backends.flatMap(({ endpoints }) => endpoints.map(({ id }) => id)));
    for (const backend of this.backends) {
      const pool = this.poolOf(backend);
      if (pool === undefined) continue;
      for (const [index, { id }] of backend.endpoints.entries()) if (!kept.has(id)) pool.readmit(index, Date.now());
    }
  }

  /** Of an endpoint, or of a backend by backendRowId. */
  rowOf(id: string): number {
    return this.rows[id];
  }

  /** Undefined for a backend without outlier detection. */
  poolOf(backend: Backend): OutlierPool | undefined {
    return this.pools.get(backend.name);
  }

  /** A thread died, perhaps in the middle of a change. */
  settle(nowMs: number): void {
    this.tables.breakers.settle(nowMs);
    for (const pool of this.pools.values()) pool.recount();
  }

  get backends(): readonly Backend[] {
    return this.model?.backends ?? [];
  }

  /** Undefined for a backend without a circuit breaker. */
  breakerOf(backend: Backend, nowMs: number): BreakerDescription | undefined {
    return backend.breaker && this.tables.breakers.describe(this.rows[backendRowId(backend.name)], nowMs);
  }

  /** Undefined for a backend without a concurrency limit. */
  concurrencyOf({ name, concurrency }: Backend): ConcurrencyDescription | undefined {
    return concurrency && this.tables.concurrency.describe(this.rows[backendRowId(name)], concurrency);
  }

  /** One endpoint alone has no breaker but its backend's. */
  private endpointBreaker(backend: Backend, id: string, nowMs: number): BreakerDescription | undefined {
    const hasOwn = backend.breaker !== undefined && backend.endpoints.length > 1;
    return hasOwn ? this.tables.breakers.describe(this.rows[id], nowMs) : undefined;
  }

  /** Why the endpoint is not asked now; empty while it is. */
  reasons(backend: Backend, id: string, nowMs: number): readonly OutReason[] {
    const ofBackend = this.breakerOf(backend, nowMs);
    const own = backend.endpoints.length > 1 ? this.endpointBreaker(backend, id, nowMs) : ofBackend;
    const index = backend.endpoints.findIndex((endpoint) => endpoint.id === id);
    const pool = this.poolOf(backend);
    const ejection = pool?.isEjected(index, nowMs) === true ? pool.ejection(index, nowMs) : undefined;
    const isBackendShut = ofBackend !== undefined && ofBackend !== own && isShut(ofBackend);
    return [
      ...(this.tables.endpoints.isUsable(this.rows[id], nowMs) ? [] : ['connect-failed' as const]),
      ...(own !== undefined && isShut(own) ? ['breaker-open' as const] : []),
      ...(isBackendShut ? ['backend-breaker-open' as const] : []),
      ...(ejection === undefined ? [] : [`ejected-${ejection.cause}` as const]),
      ...(this.healthPools.get(backend.name)?.isOut(index) === true ? ['unhealthy' as const] : []),
    ];
  }

  isUsable(backend: Backend, id: string, nowMs: number): boolean {
    return this.reasons(backend, id, nowMs).length === 0;
  }

  /** Undefined for an endpoint that is not checked. */
  private health(backend: Backend, { id, healthChecked }: Endpoint, nowMs: number): HealthView | undefined {
    if (backend.healthCheck === undefined || healthChecked === false) return undefined;
    const { sinceMs, checkedAtMs, ...rest } = this.tables.health.describe(this.rows[id]);
    return {
      ...rest,
      sinceSeconds: sinceMs === 0 ? 0 : Math.round((nowMs - sinceMs) / 1000),
      checkedSecondsAgo: checkedAtMs === 0 ? undefined : Math.max(0, Math.round((nowMs - checkedAtMs) / 1000)),
    };
  }

  view(nowMs: number): readonly BackendView[] {
    const { endpoints: table } = this.tables;
    return this.backends.map((backend) => {
      const breaker = this.breakerOf(backend, nowMs);
      const pool = this.poolOf(backend);
      const endpoints = backend.endpoints.map((endpoint, index) => {
        const { id, url, region, zone, labels } = endpoint;
        const health = this.health(backend, endpoint, nowMs);
        const row = this.rows[id];
        const own = this.endpointBreaker(backend, id, nowMs);
        const reasons = this.reasons(backend, id, nowMs);
        const ejection = pool?.ejection(index, nowMs);
        return {
          url,
          ...(region !== undefined && { region }),
          ...(zone !== undefined && { zone }),
          ...(labels !== undefined && { labels }),
          usable: reasons.length === 0,
          reasons,
          inFlight: table.inFlight(row),
          connections: table.connections(row),
          requests: table.requests(row),
          failures: table.failures(row),
          latencyMs: table.latencyMs(row),
          ...(own !== undefined && { breaker: toView(own, nowMs) }),
          ...(health !== undefined && { health }),
          ...(ejection !== undefined && {
            ejection: { cause: ejection.cause, forMs: ejection.untilMs - nowMs, count: ejection.count },
          }),
        };
      });
      const concurrency = this.concurrencyOf(backend);
      return {
        name: backend.name,
        ...(breaker !== undefined && { breaker: toView(breaker, nowMs) }),
        ...(concurrency !== undefined && { concurrency: toConcurrencyView(concurrency) }),
        endpoints,
      };
    });
  }

  /** Why it cannot be forced, or undefined when it is. */
  force({ backend: name, endpoint: url, force }: ForceRequest): string | undefined {
    const backend = this.backends.find((each) => each.name === name);
    if (backend === undefined) return `there is no backend "${name}"`;
    if (backend.breaker === undefined) return `the backend "${name}" has no circuit breaker`;
    const endpoint = backend.endpoints.find((each) => each.url === url);
    if (url !== undefined && endpoint === undefined) return `the backend "${name}" has no endpoint "${url}"`;
    const isAlone = backend.endpoints.length === 1;
    const id = endpoint === undefined || isAlone ? backendRowId(name) : endpoint.id;
    this.tables.breakers.force(this.rows[id], force);
    return undefined;
  }
}
