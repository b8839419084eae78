// A pool whose every number a test sets, and choices to make from it.
import type { Choice, PoolView } from '../balancer.ts';

export interface FakeEndpoint {
  id: string;
  weight: number;
  warmth: number;
  isUp: boolean;
  hasRoom: boolean;
  inFlight: number;
  latencyMs: number;
  peakLatencyMs: number;
  p95LatencyMs: number;
  /** 0..1, as `warmth`. */
  errorRate: number;
}

export class FakePool implements PoolView {
  readonly endpoints: FakeEndpoint[];
  /** Given out by `refreshedAtMs`. */
  nowMs = 0;
  private revision = 0;

  constructor(endpoints: readonly Partial<FakeEndpoint>[]) {
    const plain = {
      weight: 1,
      warmth: 1,
      isUp: true,
      hasRoom: true,
      inFlight: 0,
      latencyMs: 0,
      peakLatencyMs: 0,
      p95LatencyMs: 0,
      errorRate: 0,
    };
    this.endpoints = endpoints.map((written, index) => ({
      id: `pool/http://10.0.0.${index}:80`,
      ...plain,
      ...written,
    }));
  }

  static ofWeights(...weights: readonly number[]): FakePool {
    return new FakePool(weights.map((weight) => ({ weight })));
  }

  get size(): number {
    return this.endpoints.length;
  }

  /** After a test has changed weights or warmth. */
  touch(): void {
    this.revision++;
  }

  refresh(): number {
    return this.revision;
  }

  refreshedAtMs(): number {
    return this.nowMs;
  }

  id(index: number): string {
    return this.endpoints[index].id;
  }

  weight(index: number): number {
    return this.endpoints[index].weight;
  }

  usable(index: number): boolean {
    return this.endpoints[index].isUp;
  }

  inFlight(index: number): number {
    return this.endpoints[index].inFlight;
  }

  latencyMicroseconds(index: number): number {
    return this.endpoints[index].latencyMs * 1000;
  }

  peakLatencyMicroseconds(index: number): number {
    return this.endpoints[index].peakLatencyMs * 1000;
  }

  p95LatencyMicroseconds(index: number): number {
    return this.endpoints[index].p95LatencyMs * 1000;
  }

  errorsPerThousand(index: number): number {
    return this.endpoints[index].errorRate * 1000;
  }

  warmthPerThousand(index: number): number {
    return this.endpoints[index].warmth * 1000;
  }

  hasRoom(index: number): boolean {
    return this.endpoints[index].hasRoom;
  }

  share(index: number): number {
    return this.endpoints[index].weight * this.endpoints[index].warmth * 1000;
  }
}

export class FakeChoice implements Choice {
  key = -1;
  region: string | undefined;
  readonly triedIndexes = new Set<number>();

  tried(index: number): boolean {
    return this.triedIndexes.has(index);
  }
}

/** A choice with this key. */
export function keyed(key: number): FakeChoice {
  const choice = new FakeChoice();
  choice.key = key;
  return choice;
}

/** Mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
