// A balancer under load in virtual time: requests arrive at a rate, endpoints answer after times of their own, and all that a
// balancer learns it learns from the real table.
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../../state/endpoint-table.ts';
import type { Balancer, BalancerDefinition } from '../balancer.ts';
import { TablePool } from '../table-pool.ts';
import { FakeChoice, seededRandom } from './fake-pool.ts';

export interface SimulatedEndpoint {
  /** Time to answer, from a random number in 0..1 and the time. */
  latencyMs(random: number, nowMs: number): number;
  /** Answers with an error. */
  readonly fails?: boolean;
}

export interface LoadResult {
  /** Sorted. */
  readonly latenciesMs: readonly number[];
  /** Requests per endpoint. */
  readonly counts: readonly number[];
}

interface Ending {
  readonly atMs: number;
  readonly row: number;
  readonly latencyMs: number;
}

class Load {
  readonly table: EndpointTable;
  readonly latenciesMs: number[] = [];
  readonly counts: number[];
  nowMs = 0;
  private readonly endpoints: readonly SimulatedEndpoint[];
  private readonly random = seededRandom(42);
  private endings: Ending[] = [];

  constructor(endpoints: readonly SimulatedEndpoint[]) {
    const size = endpoints.length;
    this.endpoints = endpoints;
    this.counts = endpoints.map(() => 0);
    this.table = new EndpointTable(createEndpointTableMemory(size, 0), createLedgerMemory(size));
  }

  start(row: number): void {
    const latencyMs = this.endpoints[row].latencyMs(this.random(), this.nowMs);
    this.counts[row]++;
    this.table.addInFlight(row, 1);
    this.endings.push({ atMs: this.nowMs + latencyMs, row, latencyMs });
  }

  endUntil(atMs: number): void {
    const due = this.endings.filter((ending) => ending.atMs <= atMs).sort((a, b) => a.atMs - b.atMs);
    this.endings = this.endings.filter((ending) => ending.atMs > atMs);
    for (const { atMs: endedMs, row, latencyMs } of due) {
      this.table.addInFlight(row, -1);
      this.latenciesMs.push(latencyMs);
      if (this.endpoints[row].fails === true) this.table.recordErrorAnswer(row, latencyMs, endedMs);
      else this.table.recordAnswer(row, latencyMs, endedMs);
    }
    this.nowMs = atMs;
  }
}

/** `rate`: requests a second, evenly spaced. */
export function simulateLoad<C>(
  definition: BalancerDefinition<C>,
  endpoints: readonly SimulatedEndpoint[],
  { config, rate, seconds }: { config: C; rate: number; seconds: number },
): LoadResult {
  const load = new Load(endpoints);
  const members = endpoints.map((_, row) => ({ id: `pool/http://10.0.0.${row}:80`, row, weight: 1 }));
  const pool = new TablePool(members, load.table, { slowStart: undefined, guard: undefined, wallMs: () => load.nowMs });
  const balancer: Balancer = definition.compile(config, pool, { random: seededRandom(7) });
  const choice = new FakeChoice();
  for (let request = 0; request < rate * seconds; request++) {
    load.endUntil((request * 1000) / rate);
    load.start(balancer.pick(choice));
  }
  load.endUntil(Number.POSITIVE_INFINITY);
  return { latenciesMs: load.latenciesMs.toSorted((a, b) => a - b), counts: load.counts };
}

/** Healthy endpoints answer in 20 to 40 ms. */
export const HEALTHY: SimulatedEndpoint = { latencyMs: (random) => 20 + 20 * random };
export const SLOW: SimulatedEndpoint = { latencyMs: (random) => 20 * (20 + 20 * random) };

export function p99(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length * 0.99)];
}
