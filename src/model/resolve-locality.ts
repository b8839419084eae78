// Gives every backend what the gateway's locality says of its endpoints: the last step of a merge, so that whatever comes after
// looks at backends alone.
import type { Backend } from './backend.ts';
import { DEFAULT_HEALTH_CHECK } from './defaults.ts';
import type { HealthCheck } from './health-check.ts';
import type { BackendLocality, BackendRegions, BackendZones, Locality, RegionPlace } from './locality.ts';

const NOWHERE = '';

function regionPlaces({ geo, failover }: Locality): readonly RegionPlace[] {
  const ofGeo = (geo?.regions ?? []).map(({ name, priority, clients }) => ({ name, priority, clients }));
  const last = Math.max(0, ...ofGeo.map(({ priority }) => priority));
  const more = (failover?.regions ?? []).filter((name) => ofGeo.every((place) => place.name !== name));
  const ofFailover = more.map((name, index) => ({ name, priority: last + 1 + index, clients: [] }));
  const places = [...ofGeo, ...ofFailover];
  return [...places, { name: NOWHERE, priority: last + 1 + places.length, clients: [] }];
}

function regionsOf({ endpoints, dns }: Backend, locality: Locality): BackendRegions | undefined {
  const { geo, failover } = locality;
  const isIn = (names: readonly string[]): boolean =>
    [dns, ...endpoints].some((each) => each?.region !== undefined && names.includes(each.region));
  const ofGeo = geo !== undefined && isIn(geo.regions.map(({ name }) => name)) ? geo : undefined;
  const ofFailover = failover !== undefined && isIn(failover.regions) ? failover : undefined;
  if (ofGeo === undefined && ofFailover === undefined) return undefined;
  const { header, defaultRegion, latencyThresholdMs } = ofGeo ?? {};
  return {
    places: regionPlaces({ ...(ofGeo && { geo: ofGeo }), ...(ofFailover && { failover: ofFailover }) }),
    ...(header !== undefined && { client: { header, ...(defaultRegion !== undefined && { defaultRegion }) } }),
    fallback: ofGeo?.fallback ?? 'priority',
    ...(latencyThresholdMs !== undefined && { latencyThresholdMs }),
    rampMs: ofFailover?.rampMs ?? 0,
  };
}

function zonesOf({ endpoints, dns }: Backend, { zones }: Locality): BackendZones | undefined {
  if (zones === undefined) return undefined;
  const names = zones.zones.map(({ name }) => name);
  if (![dns, ...endpoints].some((each) => each?.zone !== undefined && names.includes(each.zone))) return undefined;
  return {
    places: [...zones.zones, { name: NOWHERE }],
    ...(zones.ownZone !== undefined && { ownZone: zones.ownZone }),
    crossZone: zones.crossZone,
  };
}

function localityOf(backend: Backend, locality: Locality): BackendLocality | undefined {
  const regions = regionsOf(backend, locality);
  const zones = zonesOf(backend, locality);
  if (regions === undefined && zones === undefined) return undefined;
  return { ...(regions && { regions }), ...(zones && { zones }) };
}

/** Backends in regions that fail over are checked at the interval of `dns_failover`, unless they have a check of their own. */
function checkOf({ healthCheck, endpoints, dns }: Backend, { failover }: Locality): HealthCheck | undefined {
  const intervalMs = failover?.dns?.healthCheckIntervalMs;
  const isIn = [dns, ...endpoints].some((each) => failover?.regions.includes(each?.region ?? '') === true);
  if (healthCheck !== undefined || intervalMs === undefined || !isIn) return healthCheck;
  const timeoutMs = Math.min(DEFAULT_HEALTH_CHECK.timeoutMs, intervalMs);
  return { ...DEFAULT_HEALTH_CHECK, probe: { kind: 'tcp' }, intervalMs, failingIntervalMs: intervalMs, timeoutMs };
}

export function withLocality(backend: Backend, locality: Locality | undefined): Backend {
  if (locality === undefined) return backend;
  const own = localityOf(backend, locality);
  const healthCheck = checkOf(backend, locality);
  return { ...backend, ...(own && { locality: own }), ...(healthCheck && { healthCheck }) };
}

/** Where an endpoint is, by its place's index; the last place takes what is nowhere. */
export function placeIndex(places: readonly { readonly name: string }[], name: string | undefined): number {
  const index = places.findIndex((place) => place.name === name);
  return index === -1 ? places.length - 1 : index;
}
