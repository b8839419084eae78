// Gives every backend what the gateway's locality says of its endpoints: the last step of a merge, so that whatever comes after
// looks at backends alone.
import type { Backend } from './backend.ts';
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

function regionsOf({ endpoints }: Backend, locality: Locality): BackendRegions | undefined {
  const { geo, failover } = locality;
  const isIn = (names: readonly string[]): boolean =>
    endpoints.some(({ region }) => region !== undefined && names.includes(region));
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

function zonesOf({ endpoints }: Backend, { zones }: Locality): BackendZones | undefined {
  if (zones === undefined) return undefined;
  const names = zones.zones.map(({ name }) => name);
  if (!endpoints.some(({ zone }) => zone !== undefined && names.includes(zone))) return undefined;
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

export function withLocality(backend: Backend, locality: Locality | undefined): Backend {
  const own = locality && localityOf(backend, locality);
  return own === undefined ? backend : { ...backend, locality: own };
}

/** Where an endpoint is, by its place's index; the last place takes what is nowhere. */
export function placeIndex(places: readonly { readonly name: string }[], name: string | undefined): number {
  const index = places.findIndex((place) => place.name === name);
  return index === -1 ? places.length - 1 : index;
}
