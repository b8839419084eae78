// The section `datacenter_routing`: zones with what they are for, and how much may leave the gateway's own one. Endpoints are in a zone
// by their key `zone`, whatever backend they belong to.
import { DEFAULT_CROSS_ZONE } from '../../model/defaults.ts';
import type { CrossZone, ZoneSettings, ZoneShare } from '../../model/locality.ts';
import { type Infer, s } from '../../schema/builder.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const SECTION = 'datacenter_routing';
const ZONE_VARIABLE = 'SWITCHYARD_ZONE';

const ZONE = s.object(
  {
    capacity: s.optional(s.ratio('Part of all capacity, such as 40%; default by the weights of its endpoints.')),
    latency_target: s.optional(s.durationText('A zone slower than this gets less, in proportion.')),
  },
  'A zone.',
);

const CROSS_ZONE = s.object(
  {
    enabled: s.optional(s.boolean('Whether requests may leave the own zone while it is healthy; default true.')),
    penalty_factor: s.optional(
      s.number('What a request to another zone costs, of one that stays; default 1.5.', { min: 1, max: 100 }),
    ),
    max_cross_zone_ratio: s.optional(
      s.ratio('At most this part of the requests leaves the own zone while that is healthy; default 30%.'),
    ),
    health_floor: s.optional(s.ratio('The own zone is healthy while at least this part of it is up; default 50%.')),
  },
  'How much leaves the zone of the gateway.',
);

export const DATACENTER_ROUTING = s.object(
  {
    zones: s.record(ZONE, 'Zones by name, as endpoints have them in "zone".'),
    local_zone: s.optional(s.string(`Zone of this gateway; default ${ZONE_VARIABLE}.`, { minLength: 1 })),
    cross_zone_routing: s.optional(CROSS_ZONE),
  },
  'Requests are shared among zones by capacity, latency and health.',
);

type Written = Infer<typeof DATACENTER_ROUTING>;

function toZones({ zones }: Written, reading: Reading): readonly ZoneShare[] {
  const list = Object.entries(zones).map(([name, { capacity, latency_target: target }]): ZoneShare => {
    const at = [SECTION, 'zones', name];
    if (capacity === 0)
      reading.error([...at, 'capacity'], {
        code: 'config.wrong-value',
        message: 'a zone of capacity 0 never gets a request',
        mend: 'remove the zone, or give it a capacity',
      });
    if (target === 0)
      reading.error([...at, 'latency_target'], { code: 'config.wrong-value', message: 'no zone is ever so fast' });
    return {
      name,
      ...(capacity !== undefined && { capacity }),
      ...(target !== undefined && { latencyTargetMs: target }),
    };
  });
  if (list.length === 0) reading.error([SECTION, 'zones'], { code: 'config.missing-key', message: 'there is no zone' });
  checkCapacities(list, reading);
  return list;
}

function checkCapacities(zones: readonly ZoneShare[], reading: Reading): void {
  const sum = Math.round(zones.reduce((total, { capacity = 0 }) => total + capacity, 0) * 10_000) / 100;
  const unwritten = zones.filter(({ capacity }) => capacity === undefined);
  const path = [SECTION, 'zones'];
  if (sum > 100) {
    const message = `the capacities add up to ${sum} %`;
    reading.error(path, { code: 'config.wrong-value', message, mend: 'together they are at most 100%' });
  } else if (sum === 100 && unwritten.length > 0) {
    const names = unwritten.map(({ name }) => `"${name}"`).join(', ');
    const message = `nothing is left for ${names}: the other capacities add up to 100 %`;
    reading.error(path, { code: 'config.wrong-value', message, mend: 'give every zone a capacity' });
  } else if (sum > 0 && sum < 100 && unwritten.length === 0) {
    const message = `the capacities add up to ${sum} %: requests are shared in their proportion`;
    reading.note(path, { code: 'config.capacity-sum', message });
  }
}

function toCrossZone({ cross_zone_routing: written = {} }: Written): CrossZone {
  return {
    enabled: written.enabled ?? DEFAULT_CROSS_ZONE.enabled,
    penaltyFactor: written.penalty_factor ?? DEFAULT_CROSS_ZONE.penaltyFactor,
    maxRatio: written.max_cross_zone_ratio ?? DEFAULT_CROSS_ZONE.maxRatio,
    healthFloor: written.health_floor ?? DEFAULT_CROSS_ZONE.healthFloor,
  };
}

function ownZoneOf(written: Written, reading: Reading, scope: NativeScope): string | undefined {
  const names = Object.keys(written.zones);
  const zone = written.local_zone ?? (scope.options.environment[ZONE_VARIABLE] || undefined);
  if (zone === undefined) {
    if (written.cross_zone_routing === undefined) return undefined;
    const message =
      'the zone of this gateway is not known, so no zone is another: requests are shared by capacity alone';
    const mend = `set ${ZONE_VARIABLE}, or write "local_zone"`;
    reading.note([SECTION, 'cross_zone_routing'], { code: 'config.no-local-zone', message, mend });
    return undefined;
  }
  if (names.includes(zone)) return zone;
  const at = written.local_zone === undefined ? [SECTION] : [SECTION, 'local_zone'];
  const message = `the zone of this gateway, "${zone}", is none of these zones`;
  reading.warning(at, { code: 'config.unknown-zone', message, ...nearestMend(zone, names) });
  return undefined;
}

function checkCrossZone({ cross_zone_routing: written }: Written, reading: Reading): void {
  if (written?.enabled !== false || written.max_cross_zone_ratio === undefined) return;
  const message = 'max_cross_zone_ratio has no effect: cross-zone routing is off';
  reading.warning([SECTION, 'cross_zone_routing', 'max_cross_zone_ratio'], { code: 'config.no-effect', message });
}

export function translateDatacenterRouting(
  value: unknown,
  reading: Reading,
  scope: NativeScope,
): ZoneSettings | undefined {
  if (value === undefined) return undefined;
  const written = reading.parse(DATACENTER_ROUTING, value ?? {}, [SECTION]);
  if (written === undefined) return undefined;
  checkCrossZone(written, reading);
  const ownZone = ownZoneOf(written, reading, scope);
  return {
    origin: reading.origin([SECTION]),
    zones: toZones(written, reading),
    ...(ownZone !== undefined && { ownZone }),
    crossZone: toCrossZone(written),
  };
}
