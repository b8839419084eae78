// What proofs say about regions and zones, and how a backend gets its part of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import type { Backend, Endpoint } from './backend.ts';
import { DEFAULT_CROSS_ZONE, DEFAULT_FAILOVER, DEFAULT_HEALTH_CHECK, DEFAULT_POOL } from './defaults.ts';
import type { GatewayModel } from './gateway-model.ts';
import type { FailoverSettings, GeoSettings, Locality, ZoneSettings } from './locality.ts';
import { mergeFragments } from './merge.ts';
import { checkLocalities } from './proofs/localities.ts';
import { rowIdsOf } from './row-ids.ts';

const ORIGIN = { source: 'a.yaml', dialect: 'native', pointer: '', line: 3 };

function backend(name: string, places: readonly Partial<Endpoint>[], parts: Partial<Backend> = {}): Backend {
  const endpoints = places.map((place, index) => {
    const url = `http://${name}${index}:80`;
    return { id: `${name}/${url}` as Id<'endpoint'>, url, weight: 1, ...place };
  });
  const balancer = { name: 'weighted_round_robin', config: {} };
  const id = name as Id<'backend'>;
  return { id, name, origin: ORIGIN, endpoints, balancer, pool: DEFAULT_POOL, timeouts: {}, filters: [], ...parts };
}

const GEO: GeoSettings = {
  origin: ORIGIN,
  regions: [
    { name: 'north', priority: 5, clients: ['no'] },
    { name: 'south', priority: 2, clients: [] },
  ],
  fallback: 'nearest',
  header: 'x-client-region',
  latencyThresholdMs: 200,
};
const FAILOVER: FailoverSettings = { origin: ORIGIN, regions: ['north', 'west'], ...DEFAULT_FAILOVER };
const ZONES: ZoneSettings = { origin: ORIGIN, zones: [{ name: 'a' }, { name: 'b' }], crossZone: DEFAULT_CROSS_ZONE };

function modelOf(backends: readonly Backend[], locality?: Locality): GatewayModel {
  return mergeFragments([{ backends, ...(locality && { locality }) }]).model;
}

function findings(backends: readonly Backend[], locality?: Locality): readonly string[] {
  return checkLocalities(modelOf(backends, locality)).map(({ severity, code }) => `${severity} ${code}`);
}

test('a backend gets the regions of both sections where its endpoints are in one of each, and a place for the rest', () => {
  const [b] = modelOf([backend('b', [{ region: 'north' }, {}])], { geo: GEO, failover: FAILOVER }).backends;
  assert.deepEqual(b.locality?.regions?.places, [
    { name: 'north', priority: 5, clients: ['no'] },
    { name: 'south', priority: 2, clients: [] },
    { name: 'west', priority: 6, clients: [] },
    { name: '', priority: 9, clients: [] },
  ]);
  assert.deepEqual(b.locality?.regions?.client, { header: 'x-client-region' });
  assert.equal(b.locality?.regions?.rampMs, DEFAULT_FAILOVER.rampMs);
  const [other] = modelOf([backend('b', [{ region: 'elsewhere' }])], { geo: GEO, failover: FAILOVER }).backends;
  assert.equal(other.locality, undefined);
});

test('backends in regions that fail over are checked at the interval of dns_failover, unless they say how themselves', () => {
  const dns = { ttlMs: 60_000, geographic: false, healthCheckIntervalMs: 2000 };
  const own = { ...DEFAULT_HEALTH_CHECK, intervalMs: 7000 };
  const backends = [
    backend('a', [{ region: 'north' }]),
    backend('b', [{ region: 'north' }], { healthCheck: own }),
    backend('c', [{ region: 'south' }]),
  ];
  const checks = modelOf(backends, { failover: { ...FAILOVER, dns } }).backends.map(({ healthCheck }) => healthCheck);
  assert.deepEqual(checks[0]?.probe, { kind: 'tcp' });
  assert.deepEqual([checks[0]?.intervalMs, checks[0]?.timeoutMs, checks[1], checks[2]], [2000, 2000, own, undefined]);
  assert.ok(rowIdsOf(modelOf(backends, { failover: { ...FAILOVER, dns } })).includes('a#backend'));
});

test('a backend that is found by name is where its name is', () => {
  const dns = {
    kind: 'address',
    name: 'x',
    port: 80,
    isTls: false,
    family: 'auto',
    region: 'north',
    zone: 'a',
  } as const;
  const [b] = modelOf([backend('b', [], { dns })], { failover: FAILOVER, zones: ZONES }).backends;
  assert.deepEqual(
    b.locality?.regions?.places.map(({ name }) => name),
    ['north', 'west', ''],
  );
  assert.equal(b.locality?.zones?.places.length, 3);
});

test('places, regions and nothing else get rows', () => {
  const ids = rowIdsOf(modelOf([backend('b', [{ region: 'south', zone: 'a' }])], { geo: GEO, zones: ZONES }));
  assert.deepEqual(ids, [
    'b/http://b0:80',
    'b#region:north',
    'b#region:south',
    'b#region:',
    'b#zone:a',
    'b#zone:b',
    'b#zone:',
    'region:north',
    'region:south',
  ]);
  assert.deepEqual(rowIdsOf(modelOf([backend('b', [{ region: 'south' }])])), ['b/http://b0:80']);
});

test('a section in two documents is an error that shows the first', () => {
  const { findings: found } = mergeFragments([{ locality: { geo: GEO } }, { locality: { geo: GEO, zones: ZONES } }]);
  assert.deepEqual(
    found.map(({ code, message }) => [code, message]),
    [['config.duplicate', 'geo_routing is already defined at a.yaml:3']],
  );
});

test('a template nobody uses is noted, a part of one warned of, with the nearest name', () => {
  assert.deepEqual(findings([backend('b', [{}])], { zones: ZONES }), ['note config.empty-zone']);
  const [warning] = checkLocalities(
    modelOf([backend('b', [{ zone: 'a' }, { zone: 'bb' }])], {
      zones: { ...ZONES, zones: [{ name: 'a' }, { name: 'bbb' }] },
    }),
  );
  assert.deepEqual(
    [warning.severity, warning.code, warning.mend],
    ['warning', 'config.empty-zone', 'did you mean "bb"?'],
  );
});

test('failover that sees too little, or can never follow, is warned of', () => {
  const both = [{ region: 'north' }, { region: 'west' }];
  assert.deepEqual(findings([backend('b', both)], { failover: FAILOVER }), ['warning config.no-health-signal']);
  const errors = { ...FAILOVER, conditions: { errorRateAbove: 0.05 } };
  assert.deepEqual(findings([backend('b', both)], { failover: errors }), []);
  assert.deepEqual(findings([backend('b', [{ region: 'north' }])], { failover: errors }), [
    'warning config.empty-region',
  ]);
  const slow = { ...FAILOVER, conditions: { responseTimeAboveMs: 2000 } };
  assert.deepEqual(findings([backend('b', both, { timeouts: { firstByteMs: 1000 } })], { failover: slow }), [
    'warning config.unmet-threshold',
  ]);
  const geo = { ...GEO, fallback: 'priority' } as const;
  const ofGeo = [{ region: 'north' }, { region: 'south' }];
  assert.deepEqual(findings([backend('b', ofGeo, { timeouts: { firstByteMs: 150 } })], { geo }), [
    'warning config.unmet-threshold',
    'note config.untrusted-region',
  ]);
  const strict = { ...FAILOVER, conditions: { healthBelow: 1, errorRateAbove: 0.1 } };
  assert.deepEqual(findings([backend('b', both)], { failover: strict }), ['note config.strict-threshold']);
});

test('endpoints outside, places that nothing goes by, and fields that nobody may set are told', () => {
  assert.deepEqual(findings([backend('b', [{ zone: 'a' }, { zone: 'b' }, {}])], { zones: ZONES }), [
    'warning config.outside-zone',
  ]);
  assert.deepEqual(findings([backend('b', [{ zone: 'a', region: 'north' }])]), [
    'note config.unused-place',
    'note config.unused-place',
  ]);
  assert.deepEqual(findings([backend('b', [{ region: 'north' }, { region: 'south' }])], { geo: GEO }), [
    'note config.untrusted-region',
  ]);
});
