// Active health checks of the running configuration: gives the prober its endpoints, and turns what it finds into state that
// workers read, a line for people, and a count.
import type { CheckedEndpoint, StateChange } from '../control/health/endpoint-check.ts';
import { HealthChecker } from '../control/health/health-checker.ts';
import type { Probe } from '../control/health/probe.ts';
import type { Backend } from '../model/backend.ts';
import { backendRowId } from '../model/row-ids.ts';
import { guardRows } from '../runtime/compile-guard.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { HealthTable, ProbeResult } from '../state/health-table.ts';
import type { MainTime } from './timers.ts';
import type { UpstreamState } from './upstream-state.ts';

export interface HealthChecksDeps {
  readonly health: HealthTable;
  readonly endpoints: EndpointTable;
  readonly probe: Probe;
  readonly time: MainTime;
  say(line: string): void;
  count(backend: string, result: string): void;
}

function causeOf({ reason, status }: ProbeResult): string {
  return reason === 'status' ? `status ${status}` : reason.replaceAll('-', ' ');
}

export class HealthChecks {
  private readonly deps: HealthChecksDeps;
  private readonly checker: HealthChecker;
  private state: UpstreamState | undefined;
  private backends = new Map<string, Backend>();

  constructor(deps: HealthChecksDeps) {
    this.deps = deps;
    this.checker = new HealthChecker({
      table: deps.health,
      probe: deps.probe,
      ...deps.time,
      onProbed: (endpoint, result, change) => this.probed(endpoint, result, change),
    });
  }

  /** A new configuration is in effect. */
  follow(state: UpstreamState): void {
    this.state = state;
    this.backends = new Map(state.backends.map((backend) => [backend.name, backend]));
    const checked = state.backends.filter(({ healthCheck }) => healthCheck !== undefined);
    this.checker.follow(checked.flatMap((backend) => this.endpointsOf(backend, state)));
    for (const backend of checked) this.deps.health.recount(guardRows(backend, (id) => state.rowOf(id)));
  }

  private endpointsOf(backend: Backend, state: UpstreamState): readonly CheckedEndpoint[] {
    const { name, healthCheck: check, tls, endpoints } = backend;
    if (check === undefined) return [];
    const backendRow = state.rowOf(backendRowId(name));
    return endpoints
      .filter(({ healthChecked }) => healthChecked !== false)
      .map(({ id, url, hostName }) => ({
        id,
        url,
        ...(hostName !== undefined && { hostName }),
        check,
        tls,
        backend: name,
        row: state.rowOf(id),
        backendRow,
      }));
  }

  private probed(endpoint: CheckedEndpoint, result: ProbeResult, change: StateChange | undefined): void {
    const { deps } = this;
    deps.count(endpoint.backend, result.reason === 'none' ? 'good' : result.reason);
    const state = change?.after ?? deps.health.describe(endpoint.row).state;
    if (result.reason === 'none' && state === 'healthy' && endpoint.check.endsEjection) this.endEjection(endpoint);
    if (change === undefined) return;
    const isBack = change.before === 'unhealthy';
    if (isBack) deps.endpoints.startWarmUp(endpoint.row, deps.time.wallMs());
    // A first good probe only confirms what was taken for granted.
    if (isBack) this.report(endpoint, 'healthy again');
    else if (change.after === 'unhealthy') this.report(endpoint, `unhealthy: ${causeOf(result)}`);
  }

  private report({ backend, url }: CheckedEndpoint, what: string): void {
    this.deps.say(`health: endpoint ${url} of backend ${backend} is ${what}`);
  }

  private endEjection({ id, backend: name, url }: CheckedEndpoint): void {
    const backend = this.backends.get(name);
    const pool = backend && this.state?.poolOf(backend);
    const index = backend?.endpoints.findIndex((each) => each.id === id) ?? -1;
    if (pool === undefined || index === -1 || !pool.readmit(index, this.deps.time.wallMs())) return;
    this.deps.say(`health: endpoint ${url} of backend ${name} is no longer ejected: its health check is good`);
  }

  stop(): void {
    this.checker.stop();
  }
}
