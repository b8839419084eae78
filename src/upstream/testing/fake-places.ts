// Places whose every fact a test sets, and levels over a fake pool.
import { createLocalityMemory, LOCALITY_COLUMNS, LocalityTable, TOKENS } from '../../state/locality-table.ts';
import { RatioBucket } from '../../state/ratio-bucket.ts';
import type { BalancerDeps, PoolView } from '../balancer.ts';
import { weightedRoundRobin } from '../balancers/weighted-round-robin.ts';
import { LocalityLevel, type LocalityPlace, type PlaceRule } from '../locality-level.ts';
import type { PlaceFacts } from '../place-facts.ts';
import { type RegionOptions, RegionOrder } from '../region-order.ts';
import { type CrossZoneRules, type ZoneOptions, ZoneShares } from '../zone-shares.ts';
import { seededRandom } from './fake-pool.ts';

export class FakeFacts implements PlaceFacts {
  readonly latencyMs: number[] = [];
  readonly out = new Set<number>();
  readonly forcedOut = new Set<number>();
  returnedMs = Number.POSITIVE_INFINITY;

  latencyMicroseconds(place: number): number {
    return (this.latencyMs[place] ?? 0) * 1000;
  }

  nearnessMicroseconds(place: number): number {
    return this.latencyMicroseconds(place);
  }

  isLeftOut(place: number): boolean {
    return this.out.has(place) || this.forcedOut.has(place);
  }

  isForcedOut(place: number): boolean {
    return this.forcedOut.has(place);
  }

  returnedForMs(): number {
    return this.returnedMs;
  }
}

/** Time enough between two readings for every cached cost to be weighed again. */
export function leapingClock(): () => number {
  let nowMs = 0;
  return () => {
    nowMs += 1000;
    return nowMs;
  };
}

/** `names` by endpoint. */
export function placesOf(names: readonly string[]): readonly LocalityPlace[] {
  return [...new Set(names)].map((name) => ({
    name,
    indexes: names.flatMap((each, index) => (each === name ? [index] : [])),
  }));
}

export function levelOf(pool: PoolView, names: readonly string[], rule: PlaceRule, seed = 5): LocalityLevel {
  const compile = (part: PoolView, _place: LocalityPlace, deps: BalancerDeps) =>
    weightedRoundRobin.compile({}, part, deps);
  return new LocalityLevel(pool, { places: placesOf(names), rule, compile }, { random: seededRandom(seed) });
}

/** Row 1 of the table is the backend's. */
export function crossZone(
  parts: Partial<CrossZoneRules> & { readonly maxRatio: number },
  table = new LocalityTable(createLocalityMemory(2), 0),
): CrossZoneRules {
  const bucket = new RatioBucket(table.cells, LOCALITY_COLUMNS + TOKENS, parts.maxRatio);
  return { penalty: 1.5, healthFloor: 0.5, bucket, onBreach: () => table.countBreach(1), ...parts };
}

export function zoneShares(parts: Partial<ZoneOptions> & Pick<ZoneOptions, 'capacities'>): ZoneShares {
  const facts = new FakeFacts();
  const targetMicroseconds = parts.capacities.map(() => 0);
  const plain = { own: -1, isOwnFirst: false, cross: undefined, overprovisioning: 1.4, facts };
  return new ZoneShares({ ...plain, targetMicroseconds, wallMs: leapingClock(), ...parts });
}

export function regionOrder(parts: Partial<RegionOptions> & Pick<RegionOptions, 'names'>): RegionOrder {
  return new RegionOrder({
    priorities: parts.names.map((_, index) => index),
    goesByClient: true,
    fallback: 'nearest',
    rampMs: 0,
    overprovisioning: 1.4,
    facts: new FakeFacts(),
    wallMs: leapingClock(),
    ...parts,
  });
}
