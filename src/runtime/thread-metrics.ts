// The metrics of one data-plane thread: what routes, pools and listeners count in. Outlives configurations.
import type { ErrorCode } from '../errors/codes.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { CounterSeries, GaugeSeries } from '../telemetry/metric-series.ts';
import type { PoolObserver } from '../upstream/client/endpoint-pool.ts';
import type { HandOffReason } from '../wire/http1-request-parser.ts';
import { AdmissionMetrics } from './admission-metrics.ts';
import { AttemptMetrics } from './attempt-metrics.ts';
import type { CostMetrics } from './cost-meter.ts';
import { type MetricFamilies, metricFamilies } from './metric-families.ts';
import { RetryMetrics } from './retry-metrics.ts';
import { RouteMetrics } from './route-metrics.ts';

/** Route label of what no route took. */
const NO_ROUTE_LABEL = 'none';

export class ThreadMetrics {
  readonly activeRequests: GaugeSeries;
  /** Exchanges that no route took. */
  readonly unrouted: RouteMetrics;
  private readonly families: MetricFamilies;
  private readonly openConnections: GaugeSeries;
  private readonly acceptedConnections: CounterSeries;
  private readonly routes = new Map<string, RouteMetrics>();
  private readonly attempts = new Map<string, AttemptMetrics>();
  private readonly retries = new Map<string, RetryMetrics>();
  private readonly admissions = new Map<string, AdmissionMetrics>();

  constructor(registry: MetricRegistry) {
    const families = metricFamilies(registry);
    this.families = families;
    this.activeRequests = families.activeRequests.series();
    this.openConnections = families.clientConnections.series('open');
    this.acceptedConnections = families.clientConnectionsAccepted.series();
    this.unrouted = new RouteMetrics(families, NO_ROUTE_LABEL);
  }

  route(name: string): RouteMetrics {
    let metrics = this.routes.get(name);
    if (metrics === undefined) {
      metrics = new RouteMetrics(this.families, name);
      this.routes.set(name, metrics);
    }
    return metrics;
  }

  /** Counters of tries at a backend; the same object for the same name, whatever was reloaded between. */
  attemptsAt(upstream: string): AttemptMetrics {
    let metrics = this.attempts.get(upstream);
    if (metrics === undefined) {
      metrics = new AttemptMetrics((result) => this.families.upstreamAttempts.series(upstream, result));
      this.attempts.set(upstream, metrics);
    }
    return metrics;
  }

  /** Counters of retries after tries at a backend; the same object for the same name. */
  retriesAt(backend: string): RetryMetrics {
    let metrics = this.retries.get(backend);
    if (metrics === undefined) {
      metrics = new RetryMetrics({
        retries: (reason) => this.families.upstreamRetries.series(backend, reason),
        exhausted: () => this.families.retryBudgetExhausted.series(backend),
        hedges: (result) => this.families.upstreamHedges.series(backend, result),
      });
      this.retries.set(backend, metrics);
    }
    return metrics;
  }

  /** Attempts at the endpoints of one place; `zone`: whether that is the gateway's own. */
  localityRequests(
    upstream: string,
    datacenter: string,
    zone: string,
    own: 'own' | 'other' | 'unknown',
  ): CounterSeries {
    return this.families.localityRequests.series(upstream, datacenter, zone, own);
  }

  crossZoneBreaches(upstream: string): CounterSeries {
    return this.families.crossZoneBreaches.series(upstream);
  }

  /** Counters of a backend with a concurrency limit; the same object for the same name. */
  admissionAt(upstream: string): AdmissionMetrics {
    const { admissionShed, admissionWait } = this.families;
    const metrics =
      this.admissions.get(upstream) ??
      new AdmissionMetrics({
        shed: (className, reason) => admissionShed.series(upstream, className, reason),
        wait: (className) => admissionWait.series(upstream, className),
      });
    this.admissions.set(upstream, metrics);
    return metrics;
  }

  costMetrics(): CostMetrics {
    const { costLookups, usageEstimates } = this.families;
    return { lookup: (status) => costLookups.series(status), estimate: (method) => usageEstimates.series(method) };
  }

  poolObserver(upstream: string): PoolObserver {
    const open = this.families.upstreamConnections.series(upstream);
    const opened = this.families.upstreamConnects.series(upstream);
    const pending = this.families.upstreamPending.series(upstream);
    const replays = this.families.safeReplays.series(upstream);
    return {
      connectionOpened() {
        open.add(1);
        opened.increment();
      },
      connectionClosed: () => open.add(-1),
      pendingChanged: (change) => pending.add(change),
      replayed: () => replays.increment(),
    };
  }

  connectionOpened(): void {
    this.openConnections.add(1);
    this.acceptedConnections.increment();
  }

  connectionClosed(): void {
    this.openConnections.add(-1);
  }

  handedOff(reason: HandOffReason): void {
    this.families.handoffs.series(reason).increment();
  }

  parseError(code: ErrorCode): void {
    this.families.parseErrors.series(code).increment();
  }
}
