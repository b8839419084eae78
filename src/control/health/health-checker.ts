// All active health checks of the process: one prober in the main thread, whatever the number of workers, with or without traffic.
// Follows each configuration that takes effect: equal checks go on, changed ones take effect at once, those of nobody stop.
import { isDeepStrictEqual } from 'node:util';
import { type CheckDeps, type CheckedEndpoint, EndpointCheck } from './endpoint-check.ts';

export class HealthChecker {
  private readonly deps: CheckDeps;
  private readonly checks = new Map<string, EndpointCheck>();

  constructor(deps: CheckDeps) {
    this.deps = deps;
  }

  /** The endpoints to check from now on; their ids are different from each other. */
  follow(endpoints: readonly CheckedEndpoint[]): void {
    const wanted = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    for (const [id, check] of this.checks) if (!wanted.has(id)) this.end(id, check);
    for (const endpoint of endpoints) this.check(endpoint);
  }

  private end(id: string, check: EndpointCheck): void {
    check.stop();
    this.checks.delete(id);
    // Nobody looks after it any more: what was found would hold for ever if checks came back.
    this.deps.table.clear(check.endpoint.row);
  }

  private check(endpoint: CheckedEndpoint): void {
    const running = this.checks.get(endpoint.id);
    if (running !== undefined && isDeepStrictEqual(running.endpoint, endpoint)) return;
    running?.stop();
    if (running !== undefined) this.deps.table.restart(endpoint.row);
    const check = new EndpointCheck(endpoint, this.deps);
    this.checks.set(endpoint.id, check);
    check.start({ isChanged: running !== undefined });
  }

  /** No probe begins any more; what was found stays. */
  stop(): void {
    for (const check of this.checks.values()) check.stop();
    this.checks.clear();
  }
}
