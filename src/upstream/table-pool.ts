// The endpoints of one backend for its balancer: weights as written, and columns of the table that all threads share.
import type { EndpointTable } from '../state/endpoint-table.ts';
import type { PoolView } from './balancer.ts';
import type { BackendGuard } from './breaker.ts';
import { fillCeilings, fillWarmth, type SlowStart } from './slow-start.ts';

export interface PoolMember {
  readonly id: string;
  readonly row: number;
  readonly weight: number;
}

export interface TablePoolOptions {
  /** Undefined = every endpoint takes its full share at once. */
  readonly slowStart: SlowStart | undefined;
  /** Breakers and outlier detection; undefined where none is configured. */
  readonly guard: BackendGuard | undefined;
  wallMs(): number;
}

export class TablePool implements PoolView {
  readonly size: number;
  private readonly members: readonly PoolMember[];
  private readonly table: EndpointTable;
  private readonly slowStart: SlowStart | undefined;
  private readonly guard: BackendGuard | undefined;
  private readonly wallMs: () => number;
  private readonly rows: Int32Array;
  private readonly weights: Float64Array;
  private readonly shares: Float64Array;
  private readonly warmths: Float64Array;
  private readonly ages: Float64Array;
  /** Of endpoints that are up, else 0; and their requests under way: as of the last warming. */
  private readonly upWeights: Float64Array;
  private readonly requests: Float64Array;
  private readonly ceilings: Int32Array;
  private hasCeilings = false;
  /** The time of the pick, also in the table's two forms. */
  private nowMs = 0;
  private stamp = 0;
  private tenths = 0;
  private warmedAtTenths = -1;
  private warmUps = 0;
  private revision = 0;

  constructor(members: readonly PoolMember[], table: EndpointTable, options: TablePoolOptions) {
    this.size = members.length;
    this.members = members;
    this.table = table;
    this.slowStart = options.slowStart;
    this.guard = options.guard;
    this.wallMs = options.wallMs;
    this.rows = Int32Array.from(members, ({ row }) => row);
    this.weights = Float64Array.from(members, ({ weight }) => weight);
    this.shares = Float64Array.from(this.weights, (weight) => weight * 1000);
    this.warmths = new Float64Array(this.size).fill(1);
    this.ages = new Float64Array(this.size);
    this.upWeights = new Float64Array(this.size);
    this.requests = new Float64Array(this.size);
    this.ceilings = new Int32Array(this.size);
    this.refresh();
  }

  refresh(): number {
    const nowMs = this.wallMs();
    this.nowMs = nowMs;
    this.stamp = this.table.stamp(nowMs);
    this.tenths = this.table.tenths(nowMs);
    // A tenth of a second is three hundred steps in a slow start of 30 s.
    const { slowStart } = this;
    if (slowStart !== undefined && (this.tenths !== this.warmedAtTenths || this.table.warmUps() !== this.warmUps))
      this.warmUp(slowStart, nowMs);
    return this.revision;
  }

  private warmUp(slowStart: SlowStart, nowMs: number): void {
    this.warmedAtTenths = this.tenths;
    this.warmUps = this.table.warmUps();
    for (let index = 0; index < this.size; index++) {
      this.ages[index] = this.table.warmForMs(this.rows[index], nowMs);
      this.upWeights[index] = this.usable(index) ? this.weights[index] : 0;
      this.requests[index] = this.table.inFlight(this.rows[index]);
    }
    fillWarmth(slowStart, { ms: this.ages, weights: this.upWeights }, this.warmths);
    const load = { inFlight: this.requests, weights: this.upWeights };
    this.hasCeilings = fillCeilings(load, this.warmths, this.ceilings);
    let hasChanged = false;
    for (let index = 0; index < this.size; index++) {
      const share = Math.ceil(this.weights[index] * this.warmths[index] * 1000);
      hasChanged ||= share !== this.shares[index];
      this.shares[index] = share;
    }
    if (hasChanged) this.revision++;
  }

  refreshedAtMs(): number {
    return this.stamp;
  }

  id(index: number): string {
    return this.members[index].id;
  }

  weight(index: number): number {
    return this.weights[index];
  }

  usable(index: number): boolean {
    if (!this.table.isUsableAt(this.rows[index], this.tenths)) return false;
    return this.guard === undefined || this.guard.isEndpointUsable(index, this.nowMs);
  }

  inFlight(index: number): number {
    return this.table.inFlight(this.rows[index]);
  }

  latencyMicroseconds(index: number): number {
    return this.table.latencyMicroseconds(this.rows[index], this.stamp);
  }

  peakLatencyMicroseconds(index: number): number {
    return this.table.peakLatencyMicroseconds(this.rows[index], this.stamp);
  }

  p95LatencyMicroseconds(index: number): number {
    return this.table.p95LatencyMicroseconds(this.rows[index], this.stamp);
  }

  errorsPerThousand(index: number): number {
    return this.table.errorsPerThousand(this.rows[index], this.stamp);
  }

  warmthPerThousand(index: number): number {
    return Math.round(this.warmths[index] * 1000);
  }

  /** Threads ask at the same time: each may let in one request beyond the ceiling. */
  hasRoom(index: number): boolean {
    return !this.hasCeilings || this.table.inFlight(this.rows[index]) < this.ceilings[index];
  }

  share(index: number): number {
    return this.shares[index];
  }
}
