// The stable ids under which shared memory has a row: every endpoint, and every backend that has a state of its own.
import type { Backend } from './backend.ts';
import type { GatewayModel } from './gateway-model.ts';
import type { Locality } from './locality.ts';

/** No endpoint id ends so: those end with a port. */
export function backendRowId(backendName: string): string {
  return `${backendName}#backend`;
}

/** A region or zone of one backend. */
export function placeRowId(backendName: string, kind: 'region' | 'zone', place: string): string {
  return `${backendName}#${kind}:${place}`;
}

/** Regions as `geo_routing` and `multi_region` name them, the first first. */
export function regionNames(locality: Locality | undefined): readonly string[] {
  return [
    ...new Set([...(locality?.failover?.regions ?? []), ...(locality?.geo?.regions ?? []).map(({ name }) => name)]),
  ];
}

/** A region over all backends: whether it has failed. */
export function regionRowId(region: string): string {
  return `region:${region}`;
}

function placeIds({ name, locality }: Backend): readonly string[] {
  const { regions, zones } = locality ?? {};
  return [
    ...(regions?.places ?? []).map((place) => placeRowId(name, 'region', place.name)),
    ...(zones?.places ?? []).map((place) => placeRowId(name, 'zone', place.name)),
  ];
}

function idsOf(backend: Backend): readonly string[] {
  const { name, endpoints, breaker, outlier, healthCheck, concurrency } = backend;
  const ids: readonly string[] = [...endpoints.map((endpoint) => endpoint.id), ...placeIds(backend)];
  const states = [breaker, outlier, healthCheck, concurrency];
  return states.every((each) => each === undefined) ? ids : [...ids, backendRowId(name)];
}

export function rowIdsOf({ backends, locality }: GatewayModel): readonly string[] {
  return [...new Set([...backends.flatMap(idsOf), ...regionNames(locality).map(regionRowId)])];
}
