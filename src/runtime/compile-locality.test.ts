// Regions and zones of a model as the runtime compiles them: levels inside each other, capacities, explanations.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import type { Endpoint } from '../model/backend.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Locality } from '../model/locality.ts';
import { withLocality } from '../model/resolve-locality.ts';
import { rowIdsOf } from '../model/row-ids.ts';
import { capacitiesOf } from './compile-locality.ts';
import { backend, explain, gatewayModel, listener, ORIGIN, route, target } from './testing/gateway-model.ts';

function endpoint(host: string, region?: string, zone?: string): Endpoint {
  const place = { ...(region !== undefined && { region }), ...(zone !== undefined && { zone }) };
  return { id: `b/${host}` as Id<'endpoint'>, url: `http://${host}:80`, weight: 1, ...place };
}

function modelOf(endpoints: readonly Endpoint[], locality: Locality): GatewayModel {
  return gatewayModel({
    listeners: [listener()],
    routes: [route('all', [target('b')])],
    backends: [withLocality(backend('b', { endpoints }), locality)],
    locality,
  });
}

const REGIONS = ['north', 'south'].map((name, index) => ({ name, priority: index + 1, clients: [] }));
const GEO = { origin: ORIGIN, regions: REGIONS, fallback: 'nearest', header: 'x', defaultRegion: 'south' } as const;
const ZONES = {
  origin: ORIGIN,
  zones: [{ name: 'a', capacity: 0.5 }, { name: 'b', capacity: 0.3 }, { name: 'c' }],
  crossZone: { enabled: true, penaltyFactor: 1.5, maxRatio: 0.3, healthFloor: 0.5 },
} as const;

async function levels(model: GatewayModel) {
  const { locality, result } = await explain(model, {}, rowIdsOf(model));
  const shown = locality?.levels.map(({ kind, places }) => [
    kind,
    ...places.map(({ place, share }) => `${place} ${Math.round(share * 100)}`),
  ]);
  return { shown, endpoint: result.kind === 'forward' ? result.endpoint : undefined, locality };
}

test('zones lie inside the region that is chosen, and share what it gets', async () => {
  const endpoints = [endpoint('n1', 'north', 'a'), endpoint('s1', 'south', 'a'), endpoint('s2', 'south', 'b')];
  const { shown, endpoint: likely, locality } = await levels(modelOf(endpoints, { geo: GEO, zones: ZONES }));
  assert.deepEqual(shown, [
    ['region', 'south 100', 'north 0'],
    ['zone', 'a 63', 'b 37'],
  ]);
  assert.equal(likely, 'http://s1:80');
  assert.equal(locality?.clientRegion, 'south');
});

test('one region alone is no choice; its zones are one all the same', async () => {
  const endpoints = [endpoint('n1', 'north', 'a'), endpoint('n2', 'north', 'c')];
  const { shown } = await levels(modelOf(endpoints, { geo: GEO, zones: { ...ZONES, ownZone: 'c' } }));
  // Capacities 0.5 and the rest, 0.2: the own zone is kept to seven tenths by the cap.
  assert.deepEqual(shown, [['zone', 'c 70', 'a 30']]);
});

test('an endpoint of no listed place comes after all the others', async () => {
  const endpoints = [endpoint('x1'), endpoint('x2', 'west'), endpoint('n1', 'north')];
  const { shown, endpoint: likely } = await levels(modelOf(endpoints, { geo: GEO }));
  assert.deepEqual(shown, [['region', 'north 100', ' 0']]);
  assert.equal(likely, 'http://n1:80');
});

test('nothing is chosen by places that nobody names', async () => {
  const { shown, endpoint: likely } = await levels(
    modelOf([endpoint('x1', 'west'), endpoint('x2', 'east')], { geo: GEO }),
  );
  assert.deepEqual([shown, likely], [undefined, 'http://x1:80']);
});

test('capacities that are not written share the rest by weight', () => {
  const rounded = capacitiesOf([0.4, undefined, undefined], [1, 3, 1]).map((part) => Math.round(part * 100));
  assert.deepEqual(rounded, [40, 45, 15]);
  assert.deepEqual(capacitiesOf([undefined, undefined], [3, 1]), [0.75, 0.25]);
  assert.deepEqual(capacitiesOf([0.4, 0.6], [1, 1]), [0.4, 0.6]);
});
