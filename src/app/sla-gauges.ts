// What routes promise and how much of it is spent: the target as written, and the part of its error budget that is left, by the
// requests counted since the start. Alert rules on the burn rate need the first and `gateway_route_requests_total`.
import type { GatewayModel } from '../model/gateway-model.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import type { GaugeSeries } from '../telemetry/metric-series.ts';

/** Calls `take` with the labels and sum of every series of `gateway_route_requests_total`. */
export type ReadRequests = (take: (labels: readonly string[], count: number) => void) => void;

const ROUTE_LABEL = METRIC_DEFINITIONS.routeRequests.labels.indexOf('route');
const STATUS_LABEL = METRIC_DEFINITIONS.routeRequests.labels.indexOf('status_code');

interface SlaSeries {
  readonly target: GaugeSeries;
  readonly budget: GaugeSeries;
}

interface Count {
  requests: number;
  failures: number;
}

export class SlaGauges {
  private readonly registry: MetricRegistry;
  private readonly readRequests: ReadRequests;
  private readonly known = new Map<string, SlaSeries>();
  private targets: ReadonlyMap<string, number> = new Map();

  constructor(registry: MetricRegistry, readRequests: ReadRequests) {
    this.registry = registry;
    this.readRequests = readRequests;
  }

  /** A new configuration is in effect. What it no longer promises shows as NaN. */
  follow({ routes }: Pick<GatewayModel, 'routes'>): void {
    for (const { target, budget } of this.known.values()) {
      target.set(Number.NaN);
      budget.set(Number.NaN);
    }
    this.targets = new Map(
      routes.flatMap(({ name, slaTarget }) => (slaTarget === undefined ? [] : [[name, slaTarget]])),
    );
    for (const [route, slaTarget] of this.targets) this.seriesOf(route).target.set(slaTarget);
  }

  /** Before metrics are shown. Costs nothing where no route promises anything. */
  refresh(): void {
    if (this.targets.size === 0) return;
    const counts = new Map<string, Count>();
    for (const route of this.targets.keys()) counts.set(route, { requests: 0, failures: 0 });
    this.readRequests((labels, count) => {
      const entry = counts.get(labels[ROUTE_LABEL]);
      if (entry === undefined) return;
      entry.requests += count;
      // What the client did wrong, or gave up, is no failure of the service.
      if (Number(labels[STATUS_LABEL]) >= 500) entry.failures += count;
    });
    for (const [route, { requests, failures }] of counts) {
      const allowed = requests * (1 - (this.targets.get(route) ?? 0));
      this.seriesOf(route).budget.set(requests === 0 ? 1 : rounded(1 - failures / allowed));
    }
  }

  private seriesOf(route: string): SlaSeries {
    let series = this.known.get(route);
    if (series === undefined) {
      const { registry } = this;
      series = {
        target: registry.gauge(METRIC_DEFINITIONS.routeSlaTarget).series(route),
        budget: registry.gauge(METRIC_DEFINITIONS.routeErrorBudget).series(route),
      };
      this.known.set(route, series);
    }
    return series;
  }
}

/** `1 - 0.99` is not quite 0.01. */
function rounded(part: number): number {
  return Number(part.toFixed(9));
}
