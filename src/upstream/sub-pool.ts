// Some of the endpoints of a backend, by indexes of their own: what the balancer of one priority or one place sees.
import type { Choice, PoolView } from './balancer.ts';

/** A part of a pool; also the choice as the balancer of that part sees it. */
export class SubPool implements PoolView, Choice {
  readonly size: number;
  readonly indexes: readonly number[];
  private readonly pool: PoolView;
  private choice: Choice | undefined;
  /** hot: as signed 32 bits it is a small integer everywhere; above 2^31 every reading would make a number on the heap. */
  key = -1;

  constructor(pool: PoolView, indexes: readonly number[]) {
    this.pool = pool;
    this.indexes = indexes;
    this.size = indexes.length;
  }

  /** Passes the balancer's questions about the request on to `choice`, for one pick. */
  within(choice: Choice): this {
    this.choice = choice;
    this.key = choice.key | 0;
    return this;
  }

  get region(): string | undefined {
    return this.choice?.region;
  }

  tried(index: number): boolean {
    return this.choice?.tried(this.indexes[index]) ?? false;
  }

  refresh(): number {
    return this.pool.refresh();
  }

  refreshedAtMs(): number {
    return this.pool.refreshedAtMs();
  }

  id(index: number): string {
    return this.pool.id(this.indexes[index]);
  }

  weight(index: number): number {
    return this.pool.weight(this.indexes[index]);
  }

  usable(index: number): boolean {
    return this.pool.usable(this.indexes[index]);
  }

  inFlight(index: number): number {
    return this.pool.inFlight(this.indexes[index]);
  }

  latencyMicroseconds(index: number): number {
    return this.pool.latencyMicroseconds(this.indexes[index]);
  }

  peakLatencyMicroseconds(index: number): number {
    return this.pool.peakLatencyMicroseconds(this.indexes[index]);
  }

  p95LatencyMicroseconds(index: number): number {
    return this.pool.p95LatencyMicroseconds(this.indexes[index]);
  }

  errorsPerThousand(index: number): number {
    return this.pool.errorsPerThousand(this.indexes[index]);
  }

  warmthPerThousand(index: number): number {
    return this.pool.warmthPerThousand(this.indexes[index]);
  }

  hasRoom(index: number): boolean {
    return this.pool.hasRoom(this.indexes[index]);
  }

  share(index: number): number {
    return this.pool.share(this.indexes[index]);
  }
}
