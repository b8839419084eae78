// Levels of locality over the endpoints of a backend: regions, and inside each of them zones, where the configuration names them.
import { invariant } from '../errors/bug.ts';
import type { Backend } from '../model/backend.ts';
import type { BackendRegions, BackendZones } from '../model/locality.ts';
import { placeIndex } from '../model/resolve-locality.ts';
import { placeRowId, regionRowId } from '../model/row-ids.ts';
import { LOCALITY_COLUMNS, TOKENS } from '../state/locality-table.ts';
import { RatioBucket } from '../state/ratio-bucket.ts';
import type { Balancer, BalancerDeps, PoolView } from '../upstream/balancer.ts';
import { LocalityLevel, type LocalityPlace } from '../upstream/locality-level.ts';
import { TableFacts } from '../upstream/place-facts.ts';
import { RegionOrder } from '../upstream/region-order.ts';
import type { SpillRamp } from '../upstream/spill-ramp.ts';
import { type CrossZoneRules, ZoneShares } from '../upstream/zone-shares.ts';
import type { ThreadResources } from './thread-resources.ts';

const OVERPROVISIONING = 1.4;

/** Some endpoints of a backend: `indexes` are those of the backend. */
export interface PoolPart {
  readonly pool: PoolView;
  readonly indexes: readonly number[];
}

export type CompilePart = (part: PoolPart, deps: BalancerDeps) => Balancer;

export interface LocalityParts {
  readonly backend: Backend;
  readonly rows: Readonly<Record<string, number>>;
  readonly resources: ThreadResources;
  readonly compile: CompilePart;
  /** Slow start of places, given the endpoints of each; undefined without slow start. */
  rampOf?(places: readonly (readonly number[])[]): SpillRamp;
}

function placesOf(part: PoolPart, indexOf: (endpoint: number) => number, names: readonly string[]) {
  return names
    .map((name, place) => ({
      name,
      place,
      indexes: part.indexes.flatMap((endpoint, within) => (indexOf(endpoint) === place ? [within] : [])),
    }))
    .filter(({ indexes }) => indexes.length > 0);
}

/** Makes the levels of one backend, and keeps them for explanations. */
export class LocalityCompiler {
  private readonly parts: LocalityParts;
  regionLevel: LocalityLevel | undefined;
  /** By region; under the empty name where there are no regions. */
  readonly zoneLevels = new Map<string, LocalityLevel>();

  constructor(parts: LocalityParts) {
    this.parts = parts;
  }

  compile(part: PoolPart, deps: BalancerDeps): Balancer {
    const { regions } = this.parts.backend.locality ?? {};
    return regions === undefined ? this.zones(part, '', deps) : this.regions(part, regions, deps);
  }

  /** Name of the place of every endpoint; empty for those of no listed one. */
  placeNames(kind: 'region' | 'zone'): readonly string[] {
    const { endpoints, locality } = this.parts.backend;
    const places = (kind === 'region' ? locality?.regions?.places : locality?.zones?.places) ?? [];
    return endpoints.map((endpoint) => places[placeIndex(places, endpoint[kind])]?.name ?? '');
  }

  private facts(kind: 'region' | 'zone', names: readonly string[]): TableFacts {
    const { backend, rows, resources } = this.parts;
    const own = names.map((name) => rows[placeRowId(backend.name, kind, name)]);
    invariant(!own.includes(undefined as never), `a ${kind} of ${backend.name} has no row`);
    const shared = names.map((name) => (kind === 'region' ? (rows[regionRowId(name)] ?? -1) : -1));
    return new TableFacts(resources.localities, own, shared);
  }

  private ramp(places: readonly LocalityPlace[], part: PoolPart): { readonly ramp?: SpillRamp } {
    const ramp = this.parts.rampOf?.(places.map(({ indexes }) => indexes.map((index) => part.indexes[index])));
    return ramp === undefined ? {} : { ramp };
  }

  private regions(part: PoolPart, regions: BackendRegions, deps: BalancerDeps): Balancer {
    const { backend, resources } = this.parts;
    const names = regions.places.map(({ name }) => name);
    const indexOf = (endpoint: number): number => placeIndex(regions.places, backend.endpoints[endpoint].region);
    const places = placesOf(part, indexOf, names);
    if (places.length < 2) return this.zones(part, places[0]?.name ?? '', deps);
    const rule = new RegionOrder({
      names: places.map(({ name }) => name),
      priorities: places.map(({ place }) => regions.places[place].priority),
      goesByClient: regions.client !== undefined,
      fallback: regions.fallback,
      rampMs: regions.rampMs,
      overprovisioning: backend.overprovisioning ?? OVERPROVISIONING,
      facts: this.facts(
        'region',
        places.map(({ name }) => name),
      ),
      wallMs: resources.wallMs,
    });
    const compile = (pool: PoolView, { name, indexes }: LocalityPlace, own: BalancerDeps): Balancer =>
      this.zones({ pool, indexes: indexes.map((index) => part.indexes[index]) }, name, own);
    this.regionLevel = new LocalityLevel(part.pool, { places, rule, compile, ...this.ramp(places, part) }, deps);
    return this.regionLevel;
  }

  private zones(part: PoolPart, region: string, deps: BalancerDeps): Balancer {
    const { backend, compile } = this.parts;
    const { zones } = backend.locality ?? {};
    if (zones === undefined) return compile(part, deps);
    const names = zones.places.map(({ name }) => name);
    const places = placesOf(part, (endpoint) => placeIndex(zones.places, backend.endpoints[endpoint].zone), names);
    if (places.length < 2) return compile(part, deps);
    const inner = (pool: PoolView, { indexes }: LocalityPlace, own: BalancerDeps): Balancer =>
      compile({ pool, indexes: indexes.map((index) => part.indexes[index]) }, own);
    const rule = this.zoneShares(zones, places, part);
    const level = new LocalityLevel(part.pool, { places, rule, compile: inner, ...this.ramp(places, part) }, deps);
    this.zoneLevels.set(region, level);
    return level;
  }

  private zoneShares(
    zones: BackendZones,
    places: readonly (LocalityPlace & { readonly place: number })[],
    part: PoolPart,
  ): ZoneShares {
    const { backend, resources } = this.parts;
    const own = places.findIndex(({ name }) => name !== '' && name === zones.ownZone);
    const weightOf = ({ indexes }: LocalityPlace): number =>
      indexes.reduce((sum, index) => sum + backend.endpoints[part.indexes[index]].weight, 0);
    return new ZoneShares({
      capacities: capacitiesOf(
        places.map(({ place }) => zones.places[place].capacity),
        places.map(weightOf),
      ),
      targetMicroseconds: places.map(({ place }) => (zones.places[place].latencyTargetMs ?? 0) * 1000),
      own,
      isOwnFirst: zones.places.every(({ capacity }) => capacity === undefined),
      cross: own === -1 ? undefined : this.crossZone(zones),
      overprovisioning: backend.overprovisioning ?? OVERPROVISIONING,
      facts: this.facts(
        'zone',
        places.map(({ name }) => name),
      ),
      wallMs: resources.wallMs,
    });
  }

  /** The bucket is the backend's, whatever regions its zones are in: it lies in the row of what is nowhere. */
  private crossZone({ crossZone }: BackendZones): CrossZoneRules {
    const { backend, rows, resources } = this.parts;
    const row = rows[placeRowId(backend.name, 'zone', '')];
    const maxRatio = crossZone.enabled ? crossZone.maxRatio : 0;
    const { localities, metrics } = resources;
    const breaches = metrics.crossZoneBreaches(backend.name);
    return {
      penalty: crossZone.penaltyFactor,
      maxRatio,
      healthFloor: crossZone.healthFloor,
      bucket: new RatioBucket(localities.cells, row * LOCALITY_COLUMNS + TOKENS, maxRatio),
      onBreach() {
        localities.countBreach(row);
        breaches.increment();
      },
    };
  }
}

/** What is not written gets its part of the rest by the weights of its endpoints; of nothing written, by these weights alone. */
export function capacitiesOf(written: readonly (number | undefined)[], weights: readonly number[]): readonly number[] {
  const rest = Math.max(0, 1 - written.reduce<number>((sum, capacity) => sum + (capacity ?? 0), 0));
  const unwritten = weights.reduce((sum, weight, index) => sum + (written[index] === undefined ? weight : 0), 0);
  return written.map((capacity, index) => capacity ?? (unwritten === 0 ? 0 : (rest * weights[index]) / unwritten));
}
