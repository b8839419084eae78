// Who of a tier comes next: targets in turns by their weights, or by an algorithm that otherwise chooses among endpoints, which
// sees each backend as one endpoint that is the sum of its own.
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { Balancer, BalancerDefinition, Choice, PoolView } from '../upstream/balancer.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import type { CompiledEndpoint } from './endpoint-set.ts';

/** Chooses among the targets of one tier, by index; what turns by weight do is in base/smooth-weights.ts. */
export interface TargetChoice {
  /** One of the eligible with a weight, -1 when there is none. `bucket` is that of the request's key under a split, else -1. */
  pick(eligible: (index: number) => boolean, bucket: number): number;
  /** A copy that can be asked without moving the original: for explanations. */
  clone(): TargetChoice;
}

type Estimate = 'latencyMicroseconds' | 'peakLatencyMicroseconds' | 'p95LatencyMicroseconds';

export interface WeightedBackend {
  readonly backend: CompiledBackend;
  readonly weight: number;
}

/** hot: like every pool it gives whole numbers, and allocates nothing after it is made. */
export class BackendPool implements PoolView {
  readonly size: number;
  private readonly targets: readonly WeightedBackend[];
  private readonly table: EndpointTable;
  private readonly wallMs: () => number;
  private nowMs = 0;
  private stamp = 0;

  constructor(targets: readonly WeightedBackend[], table: EndpointTable, wallMs: () => number) {
    this.size = targets.length;
    this.targets = targets;
    this.table = table;
    this.wallMs = wallMs;
  }

  refreshedAtMs(): number {
    return this.stamp;
  }

  refresh(): number {
    this.nowMs = this.wallMs();
    this.stamp = this.table.stamp(this.nowMs);
    return 0;
  }

  id(index: number): string {
    return this.targets[index].backend.name;
  }

  weight(index: number): number {
    return this.targets[index].weight;
  }

  usable(index: number): boolean {
    return this.targets[index].backend.isUsable(this.nowMs);
  }

  /** Those it has now: the set of a backend found by name changes. */
  private endpoints(index: number): readonly CompiledEndpoint[] {
    return this.targets[index].backend.set.endpoints;
  }

  inFlight(index: number): number {
    const endpoints = this.endpoints(index);
    let sum = 0;
    for (let at = 0; at < endpoints.length; at++) sum += this.table.inFlight(endpoints[at].row);
    return sum;
  }

  latencyMicroseconds(index: number): number {
    return this.mean(index, 'latencyMicroseconds');
  }

  peakLatencyMicroseconds(index: number): number {
    return this.mean(index, 'peakLatencyMicroseconds');
  }

  p95LatencyMicroseconds(index: number): number {
    return this.mean(index, 'p95LatencyMicroseconds');
  }

  /** Of what was measured lately. */
  private mean(index: number, estimate: Estimate): number {
    const endpoints = this.endpoints(index);
    let sum = 0;
    let count = 0;
    for (let at = 0; at < endpoints.length; at++) {
      const measured = this.table[estimate](endpoints[at].row, this.stamp);
      sum += measured;
      if (measured > 0) count++;
    }
    return count === 0 ? 0 : Math.round(sum / count);
  }

  errorsPerThousand(index: number): number {
    const endpoints = this.endpoints(index);
    let sum = 0;
    for (let at = 0; at < endpoints.length; at++) sum += this.table.errorsPerThousand(endpoints[at].row, this.stamp);
    return endpoints.length === 0 ? 0 : Math.round(sum / endpoints.length);
  }

  warmthPerThousand(): number {
    return 1000;
  }

  hasRoom(): boolean {
    return true;
  }

  share(index: number): number {
    return this.targets[index].weight * 1000;
  }
}

const nobody = (): boolean => false;

/** A balancer over the backends of a tier. Those not eligible look to it like endpoints that failed this request. */
export class BalancedTargets implements TargetChoice, Choice {
  readonly key = -1;
  readonly region: string | undefined = undefined;
  private readonly algorithm: { readonly definition: BalancerDefinition<unknown>; readonly config: unknown };
  private readonly pool: PoolView;
  private readonly balancer: Balancer;
  private eligible: (index: number) => boolean = nobody;

  constructor(algorithm: BalancedTargets['algorithm'], pool: PoolView, random: () => number, earlier?: Balancer) {
    this.algorithm = algorithm;
    this.pool = pool;
    const earlierDebt = (id: string): number | undefined => {
      for (let index = 0; index < pool.size; index++) if (pool.id(index) === id) return earlier?.debt?.(index);
      return undefined;
    };
    this.balancer = algorithm.definition.compile(algorithm.config, pool, {
      random,
      ...(earlier !== undefined && { earlierDebt }),
    });
  }

  tried(index: number): boolean {
    return !this.eligible(index);
  }

  pick(eligible: (index: number) => boolean): number {
    this.eligible = eligible;
    return this.balancer.pick(this);
  }

  clone(): BalancedTargets {
    return new BalancedTargets(this.algorithm, this.pool, () => 0, this.balancer);
  }
}
