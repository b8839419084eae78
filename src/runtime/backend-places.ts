// What a backend that chooses by region or zone has beside its balancer: where its clients are, counters, and explanations.
import type { Backend } from '../model/backend.ts';
import type { CounterSeries } from '../telemetry/metric-series.ts';
import type { Choice } from '../upstream/balancer.ts';
import type { ExplainedPlace } from '../upstream/locality-level.ts';
import { type ClientRegion, compileClientRegion } from './client-region.ts';
import type { LocalityCompiler } from './compile-locality.ts';
import type { ThreadResources } from './thread-resources.ts';

export interface ExplainedLevel {
  readonly kind: 'region' | 'zone';
  /** First the place that is asked first. */
  readonly places: readonly ExplainedPlace[];
}

export class BackendPlaces {
  readonly regionOf: ClientRegion | undefined;
  private readonly compiler: LocalityCompiler;
  /** By endpoint. */
  private readonly counters: readonly CounterSeries[];

  constructor(compiler: LocalityCompiler, backend: Backend, { metrics }: ThreadResources) {
    const { regions, zones } = backend.locality ?? {};
    this.compiler = compiler;
    this.regionOf = regions && compileClientRegion(regions);
    this.counters = backend.endpoints.map(({ region = '', zone = '' }) => {
      const isOwn = zones?.ownZone === undefined ? 'unknown' : zone === zones.ownZone ? 'own' : 'other';
      return metrics.localityRequests(backend.name, region, zone, isOwn);
    });
  }

  /** An attempt goes to this endpoint. */
  count(index: number): void {
    this.counters[index].increment();
  }

  /** From the outermost level in; the inner ones are those of the place asked first. */
  explain(choice: Choice): readonly ExplainedLevel[] {
    const { regionLevel, zoneLevels } = this.compiler;
    const levels: ExplainedLevel[] = [];
    const regions = regionLevel?.explain(choice);
    if (regions !== undefined) levels.push({ kind: 'region', places: regions });
    const zones = zoneLevels
      .get(regions === undefined ? this.onlyRegion() : mostLikely(regions).place)
      ?.explain(choice);
    if (zones !== undefined) levels.push({ kind: 'zone', places: zones });
    return levels;
  }

  private onlyRegion(): string {
    return this.compiler.zoneLevels.keys().next().value ?? '';
  }

  /** An endpoint of the places that most requests like this one go to; one that is up where there is one. */
  likelyEndpoint(levels: readonly ExplainedLevel[], isUsable: (index: number) => boolean): number {
    const wanted = levels.map(({ kind, places }) => ({
      names: this.compiler.placeNames(kind),
      place: mostLikely(places).place,
    }));
    const there = this.counters
      .map((_, index) => index)
      .filter((index) => wanted.every(({ names, place }) => names[index] === place));
    return there.find(isUsable) ?? there[0] ?? 0;
  }
}

function mostLikely(places: readonly ExplainedPlace[]): ExplainedPlace {
  return places.reduce((best, place) => (place.share > best.share ? place : best));
}
