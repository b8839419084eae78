// Whose word about a client's region is believed, and what it may say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileClientRegion } from './client-region.ts';
import { exchangeOf } from './testing/exchanges.ts';

const PLACES = [
  { name: 'north', priority: 1, clients: ['no', 'se'] },
  { name: 'South', priority: 2, clients: [] },
  { name: '', priority: 9, clients: [] },
];

function regionOf(fields: readonly string[], parts: { isTrusted?: boolean; defaultRegion?: string } = {}) {
  const { isTrusted = true, defaultRegion } = parts;
  const client = { header: 'x-client-region', ...(defaultRegion !== undefined && { defaultRegion }) };
  const region = compileClientRegion({ places: PLACES, client, fallback: 'nearest', rampMs: 0 });
  return region?.(exchangeOf('GET /', fields, { isTrusted }));
}

test('a trusted peer names a region, or a value that means one, in any case', () => {
  assert.equal(regionOf(['X-Client-Region: north']), 'north');
  assert.equal(regionOf(['X-Client-Region:  SE ']), 'north');
  assert.equal(regionOf(['x-client-region: south']), 'South');
});

test('what means no region, or nothing, is the default one', () => {
  for (const fields of [[], ['x-client-region: atlantis'], ['x-client-region: ']]) {
    assert.equal(regionOf(fields), undefined);
    assert.equal(regionOf(fields, { defaultRegion: 'north' }), 'north');
  }
});

test('nobody else is believed', () => {
  assert.equal(regionOf(['x-client-region: north'], { isTrusted: false }), undefined);
  assert.equal(regionOf(['x-client-region: north'], { isTrusted: false, defaultRegion: 'South' }), 'South');
});

test('where the client plays no part nothing is read', () => {
  assert.equal(compileClientRegion({ places: PLACES, fallback: 'priority', rampMs: 0 }), undefined);
});
