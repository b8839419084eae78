// Judges regions and zones in the main thread, once whatever the number of workers, and writes down what it finds where all of them
// read it. What it remembers is keyed by name and outlives reloads.
import type { Backend, Endpoint } from '../model/backend.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { FailoverSettings } from '../model/locality.ts';
import { placeIndex } from '../model/resolve-locality.ts';
import { placeRowId, regionNames, regionRowId } from '../model/row-ids.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';
import { type LocalityTable, OUT_FAILED, OUT_SLOW } from '../state/locality-table.ts';
import { LOOK_MS, PlaceWatch } from '../upstream/place-watch.ts';
import { type RegionRules, type RegionSample, RegionWatch } from '../upstream/region-watch.ts';
import { AttemptCounts } from './attempt-counts.ts';
import type { SweepTime } from './outlier-sweeps.ts';

export interface SweepParts {
  readonly time: SweepTime;
  readonly endpoints: EndpointTable;
  readonly localities: LocalityTable;
  isUsable(backend: Backend, endpointId: string, nowMs: number): boolean;
  /** A line for people. */
  say(line: string): void;
}

interface WatchedPlace {
  readonly watch: PlaceWatch;
  readonly counts: AttemptCounts;
}

interface WatchedRegion {
  readonly watch: RegionWatch;
  readonly counts: AttemptCounts;
}

/** A cap that was exceeded in the last so long is still the same event. */
const BREACH_PAUSE_MS = 30_000;

export function toRegionRules(settings: FailoverSettings): RegionRules {
  return {
    ...{ healthBelow: undefined, responseTimeAboveMs: undefined, errorRateAbove: undefined, ...settings.conditions },
    leave: settings.leaveAfter,
    back: settings.returnAfter,
    holdDownMs: settings.holdDownMs,
    minRequests: settings.minRequests,
  };
}

/** Part of them, by weight, that can take requests. */
export function healthOf(
  members: readonly (readonly [Backend, Endpoint])[],
  isUsable: (backend: Backend, endpointId: string) => boolean,
): number {
  let [up, all] = [0, 0];
  for (const [backend, { id, weight }] of members) {
    all += weight;
    if (weight > 0 && isUsable(backend, id)) up += weight;
  }
  return all === 0 ? 0 : up / all;
}

export function membersOf({ backends }: GatewayModel, region: string): readonly (readonly [Backend, Endpoint])[] {
  return backends.flatMap((backend) =>
    backend.endpoints.filter((endpoint) => endpoint.region === region).map((endpoint) => [backend, endpoint] as const),
  );
}

export class LocalitySweeps {
  private readonly parts: SweepParts;
  private model: GatewayModel | undefined;
  private rows: Readonly<Record<string, number>> = {};
  private readonly places = new Map<string, WatchedPlace>();
  private readonly regions = new Map<string, WatchedRegion>();
  private readonly breaches = new Map<string, { count: number; atMs: number }>();
  private readonly timers = new Map<string, { everyMs: number; stop(): void }>();

  constructor(parts: SweepParts) {
    this.parts = parts;
  }

  /** A new configuration is in effect. */
  follow(model: GatewayModel, rows: Readonly<Record<string, number>>): void {
    this.model = model;
    this.rows = rows;
    this.forget(model);
    const { time } = this.parts;
    const { failover } = model.locality ?? {};
    const hasPlaces = model.backends.some(({ locality }) => locality !== undefined);
    for (const region of failover?.regions ?? [])
      if (!this.regions.has(region)) this.region(region).counts.take(this.endpointsOf(region));
    this.keepTimer('places', hasPlaces ? LOOK_MS : 0, () => this.lookAtPlaces(time.now()));
    this.keepTimer('regions', failover?.windowMs ?? 0, () => this.lookAtRegions(time.now()));
  }

  /** One that runs at this pace already goes on: reloads that follow each other closely must not keep a window from its end. */
  private keepTimer(name: string, everyMs: number, call: () => void): void {
    const timer = this.timers.get(name);
    if (timer?.everyMs === everyMs) return;
    timer?.stop();
    this.timers.delete(name);
    if (everyMs > 0) this.timers.set(name, { everyMs, stop: this.parts.time.every(everyMs, call) });
  }

  stop(): void {
    for (const timer of this.timers.values()) timer.stop();
    this.timers.clear();
  }

  /** What is no longer judged is not out. */
  private forget(model: GatewayModel): void {
    const { failover } = model.locality ?? {};
    for (const name of regionNames(model.locality)) {
      if (failover?.regions.includes(name)) continue;
      this.regions.delete(name);
      this.parts.localities.setOut(this.rows[regionRowId(name)], OUT_FAILED, false);
    }
    const kept = new Set(model.backends.flatMap((backend) => this.placesOf(backend).map(({ id }) => id)));
    for (const id of this.places.keys()) if (!kept.has(id)) this.places.delete(id);
    for (const name of this.regions.keys()) if (!failover?.regions.includes(name)) this.regions.delete(name);
  }

  /** Undefined for a region that no failover watches, or that was not looked at yet. */
  watchOf(region: string): RegionWatch | undefined {
    return this.regions.get(region)?.watch;
  }

  placeOf(backend: string, kind: 'region' | 'zone', name: string): PlaceWatch | undefined {
    return this.places.get(placeRowId(backend, kind, name))?.watch;
  }

  private placesOf({ name, locality, endpoints }: Backend) {
    return (['region', 'zone'] as const).flatMap((kind) => {
      const list = (kind === 'region' ? locality?.regions?.places : locality?.zones?.places) ?? [];
      return list.map((place, index) => ({
        id: placeRowId(name, kind, place.name),
        name: place.name,
        thresholdMs: kind === 'region' ? locality?.regions?.latencyThresholdMs : undefined,
        endpoints: endpoints.filter((endpoint) => placeIndex(list, endpoint[kind]) === index),
      }));
    });
  }

  private lookAtPlaces(nowMs: number): void {
    for (const backend of this.model?.backends ?? []) {
      for (const place of this.placesOf(backend)) this.lookAtPlace(backend.name, place, nowMs);
      this.sayBreaches(backend, nowMs);
    }
  }

  private lookAtPlace(
    backend: string,
    { id, name, thresholdMs, endpoints }: ReturnType<LocalitySweeps['placesOf']>[number],
    nowMs: number,
  ): void {
    const { localities, endpoints: table, say } = this.parts;
    const place = this.places.get(id) ?? { watch: new PlaceWatch(nowMs), counts: new AttemptCounts(table) };
    this.places.set(id, place);
    const { watch } = place;
    const { latencyMs } = place.counts.take(this.rowsOf(endpoints));
    const hasChanged = watch.look(latencyMs, thresholdMs, nowMs);
    const row = this.rows[id];
    localities.setLatency(row, watch.latencyMs * 1000, watch.nearnessMs * 1000);
    localities.setOut(row, OUT_SLOW, thresholdMs !== undefined && watch.slow.isOut);
    if (!hasChanged) return;
    if (watch.slow.isOut)
      say(
        `region ${name} of backend ${backend} is too slow: ${Math.round(watch.latencyMs)} ms, at most ${thresholdMs} ms`,
      );
    else say(`region ${name} of backend ${backend} is no longer left out for its latency`);
  }

  private rowsOf(endpoints: readonly Endpoint[]) {
    return endpoints.map(({ id }) => ({ id, row: this.rows[id] }));
  }

  private sayBreaches({ name, locality }: Backend, nowMs: number): void {
    if (locality?.zones?.ownZone === undefined) return;
    const count = this.parts.localities.breaches(this.rows[placeRowId(name, 'zone', '')]);
    const before = this.breaches.get(name) ?? { count: 0, atMs: Number.NEGATIVE_INFINITY };
    if (count <= before.count) return;
    this.breaches.set(name, { count, atMs: nowMs });
    if (nowMs - before.atMs < BREACH_PAUSE_MS) return;
    const { ownZone, crossZone } = locality.zones;
    const floor = Math.round(crossZone.healthFloor * 100);
    this.parts.say(
      `backend ${name}: more leaves zone ${ownZone} than its cap, because less than ${floor} % of it is up`,
    );
  }

  private endpointsOf(region: string) {
    const members = this.model === undefined ? [] : membersOf(this.model, region);
    return this.rowsOf(members.map(([, endpoint]) => endpoint));
  }

  private region(name: string): WatchedRegion {
    const { time, endpoints } = this.parts;
    const region = this.regions.get(name) ?? {
      watch: new RegionWatch(time.now()),
      counts: new AttemptCounts(endpoints),
    };
    this.regions.set(name, region);
    return region;
  }

  private lookAtRegions(nowMs: number): void {
    const { failover } = this.model?.locality ?? {};
    if (failover === undefined) return;
    const rules = toRegionRules(failover);
    for (const region of failover.regions) {
      const sample = this.sampleOf(region, nowMs);
      if (sample === undefined) continue;
      const { watch } = this.region(region);
      if (!watch.look(sample, rules, nowMs)) continue;
      const row = this.rows[regionRowId(region)];
      this.parts.localities.setOut(row, OUT_FAILED, watch.verdict.isOut);
      if (!watch.verdict.isOut) this.parts.localities.markReturned(row, nowMs);
      this.parts.say(regionLine(region, watch, failover));
    }
  }

  /** Undefined where nobody is. */
  private sampleOf(region: string, nowMs: number): RegionSample | undefined {
    if (this.model === undefined) return undefined;
    const members = membersOf(this.model, region);
    if (members.length === 0) return undefined;
    const { requests, errors, latencyMs } = this.region(region).counts.take(this.endpointsOf(region));
    const health = healthOf(members, (backend, id) => this.parts.isUsable(backend, id, nowMs));
    return { health, requests, errors, responseTimeMs: latencyMs };
  }
}

function regionLine(region: string, { verdict, reasons }: RegionWatch, failover: FailoverSettings): string {
  if (!verdict.isOut) return `region ${region} is taken back: it keeps its conditions again`;
  const others = failover.regions.filter((each) => each !== region);
  const { count, of } = failover.leaveAfter;
  return `region ${region} has failed: ${reasons.join(', ')}, ${count} of ${of} windows; next in order: ${others.join(', ') || 'none'}`;
}
