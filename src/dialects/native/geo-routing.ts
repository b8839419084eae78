// The section `geo_routing`: regions with their endpoints, of which the client's answers. Its endpoints are one backend, `geo_routing`,
// which gets what no route takes.

import type { Id } from '../../base/types.ts';
import type { Backend, Endpoint } from '../../model/backend.ts';
import type { GeoRegion, GeoSettings } from '../../model/locality.ts';
import type { Route } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';
import { BackendReader } from './backends.ts';
import { ENDPOINTS, translateEndpoints } from './endpoints.ts';
import { isHeaderName } from './header-fields.ts';
import { nearestMend, type Reading } from './reading.ts';
import { GEO_BACKEND, type NativeScope } from './scope.ts';
import { sectionRoute } from './section-route.ts';

const SECTION = 'geo_routing';
const DEFAULT_HEADER = 'X-Client-Region';
const REGION_VARIABLE = 'SWITCHYARD_REGION';

const REGION = s.object(
  {
    priority: s.optional(s.integer('Lower is used first where nothing else decides; default by position.', { min: 0 })),
    endpoints: s.optional(ENDPOINTS),
    clients: s.optional(
      s.oneOrMany(s.scalarText('A value.'), 'Values of the client’s field that mean this region, beside its name.'),
    ),
  },
  'A region.',
);

export const GEO_ROUTING = s.object(
  {
    regions: s.record(REGION, 'Regions by name, as endpoints of backends have them in "region".'),
    fallback_strategy: s.optional(
      s.choice(
        ['nearest_healthy_region', 'priority'],
        'What follows the client’s region: the region measured nearest, the default, or the priorities alone.',
      ),
    ),
    latency_threshold: s.optional(
      s.durationText('A region whose first bytes take longer is used only where no other is left.'),
    ),
    region_header: s.optional(
      s.string(`Field that names the client’s region, believed from trusted_proxies only; default ${DEFAULT_HEADER}.`, {
        minLength: 1,
      }),
    ),
    default_region: s.optional(
      s.string(`Region of clients that nobody speaks for; default ${REGION_VARIABLE}, else by priority.`, {
        minLength: 1,
      }),
    ),
  },
  'The region of the client picks the region that answers.',
);

type Written = Infer<typeof GEO_ROUTING>;

interface Place {
  readonly reading: Reading;
  readonly scope: NativeScope;
}

function toRegions({ regions }: Written): readonly GeoRegion[] {
  return Object.entries(regions).map(([name, { priority, clients = [] }], index) => ({
    name,
    priority: priority ?? index + 1,
    clients: clients.map((value) => value.toLowerCase()),
  }));
}

function checkClients(regions: readonly GeoRegion[], reading: Reading): void {
  const owners = new Map<string, string>();
  for (const { name, clients } of regions) {
    for (const value of new Set([name.toLowerCase(), ...clients])) {
      const first = owners.get(value);
      if (first === undefined) owners.set(value, name);
      else {
        const message = `the value "${value}" means the region "${first}" already`;
        reading.error([SECTION, 'regions', name], { code: 'config.conflict', message });
      }
    }
  }
}

function defaultRegionOf(written: Written, { reading, scope }: Place): string | undefined {
  const names = Object.keys(written.regions);
  const fromEnvironment = scope.options.environment[REGION_VARIABLE] || undefined;
  const region = written.default_region ?? fromEnvironment;
  if (region === undefined || names.includes(region)) return region;
  if (written.default_region === undefined) {
    const message = `${REGION_VARIABLE} is "${region}", which is none of these regions: clients that nobody speaks for go by priority`;
    reading.note([SECTION], { code: 'config.unknown-region', message });
    return undefined;
  }
  const message = `no region is called "${region}"`;
  reading.error([SECTION, 'default_region'], { code: 'config.unknown-region', message, ...nearestMend(region, names) });
  return undefined;
}

function headerOf({ region_header: header = DEFAULT_HEADER }: Written, reading: Reading): string {
  if (!isHeaderName(header))
    reading.error([SECTION, 'region_header'], { code: 'config.wrong-value', message: 'not the name of a field' });
  return header.toLowerCase();
}

function readSettings(written: Written, place: Place): GeoSettings {
  const { reading } = place;
  const regions = toRegions(written);
  if (regions.length === 0)
    reading.error([SECTION, 'regions'], { code: 'config.missing-key', message: 'there is no region' });
  checkClients(regions, reading);
  if (written.latency_threshold === 0)
    reading.error([SECTION, 'latency_threshold'], {
      code: 'config.wrong-value',
      message: 'no region is ever so fast',
      mend: 'write a time such as 200ms, or remove it',
    });
  const defaultRegion = defaultRegionOf(written, place);
  return {
    origin: reading.origin([SECTION]),
    regions,
    fallback: written.fallback_strategy === 'priority' ? 'priority' : 'nearest',
    ...(written.latency_threshold !== undefined && { latencyThresholdMs: written.latency_threshold }),
    header: headerOf(written, reading),
    ...(defaultRegion !== undefined && { defaultRegion }),
  };
}

function endpointsOf(
  region: string,
  list: Infer<typeof ENDPOINTS>,
  place: Place & { raw: unknown },
): readonly Endpoint[] {
  const { reading, raw } = place;
  const path = [SECTION, 'regions', region, 'endpoints'];
  return translateEndpoints(GEO_BACKEND, list, { reading, path, raw }).map((endpoint) => {
    if (endpoint.region !== undefined && endpoint.region !== region) {
      const message = `the endpoint ${endpoint.url} stands under "${region}" and names the region "${endpoint.region}"`;
      reading.error(path, { code: 'config.conflict', message, mend: 'leave "region" out here' });
    }
    return { ...endpoint, region };
  });
}

function checkRepeats(endpoints: readonly Endpoint[], reading: Reading): void {
  endpoints.forEach(({ id, url, region = '' }, index) => {
    const first = endpoints.slice(0, index).find((each) => each.id === id);
    if (first === undefined) return;
    const message = `the endpoint ${url} is in the region "${first.region}" already`;
    reading.error([SECTION, 'regions', region, 'endpoints'], { code: 'config.duplicate', message });
  });
}

/** All endpoints, each with its region; undefined where the section has none. */
function readBackend({ regions }: Written, value: unknown, { reading, scope }: Place): Backend | undefined {
  const raw = (value as { readonly regions: Readonly<Record<string, unknown>> }).regions;
  const endpoints = Object.entries(regions).flatMap(([region, { endpoints: list }]) =>
    list === undefined ? [] : endpointsOf(region, list, { reading, scope, raw: raw[region] }),
  );
  if (endpoints.length === 0) return undefined;
  checkRepeats(endpoints, reading);
  const urls = [...new Set(endpoints.map(({ url }) => url))];
  const backend = new BackendReader(reading, scope).read(GEO_BACKEND, { endpoints: urls }, [SECTION]);
  return backend && { ...backend, endpoints };
}

function readRoute({ reading, scope }: Place): Route | undefined {
  if (scope.defaultOwner !== undefined) {
    const message = `${scope.defaultOwner} takes what no other route takes: give a route "backend: ${GEO_BACKEND}"`;
    reading.note([SECTION], { code: 'config.default-route', message });
    return undefined;
  }
  const action = {
    kind: 'forward' as const,
    targets: [{ backend: GEO_BACKEND as Id<'backend'>, weight: 1, tier: 0 }],
  };
  return sectionRoute(GEO_BACKEND, { reading, scope, section: SECTION }, { isDefault: true, action });
}

export interface GeoRouting {
  readonly geo: GeoSettings;
  readonly backend: Backend | undefined;
  readonly route: Route | undefined;
}

export function translateGeoRouting(value: unknown, reading: Reading, scope: NativeScope): GeoRouting | undefined {
  if (value === undefined) return undefined;
  const written = reading.parse(GEO_ROUTING, value ?? {}, [SECTION]);
  if (written === undefined) return undefined;
  const geo = readSettings(written, { reading, scope });
  const backend = readBackend(written, value, { reading, scope });
  return { geo, backend, route: backend && readRoute({ reading, scope }) };
}
