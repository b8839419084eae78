// Tenants are known by the keys that SDKs send, wherever they send them, then by a header, and the rest are one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Tenant } from '../../model/router.ts';
import { HeaderList } from '../../wire/header-list.ts';
import { TenantFinder } from './tenant-finder.ts';

const ORIGIN = { source: 'test', dialect: 'test', pointer: '' };
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const tenant = (name: string, rest: Partial<Tenant>): Tenant => ({
  name,
  origin: ORIGIN,
  keyHashes: [],
  isDefault: false,
  ...rest,
});
const RED = tenant('red', { keyHashes: [sha('red-key'), sha('red-two')] });
const BLUE = tenant('blue', { header: { name: 'x-team', value: 'blue' } });
const OTHERS = tenant('others', { isDefault: true });

function find(tenants: readonly Tenant[], fields: Readonly<Record<string, string>>): string | undefined {
  const headers = new HeaderList();
  for (const [name, value] of Object.entries(fields)) headers.append(name, value);
  return new TenantFinder(tenants).find({ headers, tenantKeyFields: undefined })?.name;
}

test('by a key, in each field that an SDK sends it in', () => {
  const good: readonly Readonly<Record<string, string>>[] = [
    { Authorization: 'Bearer red-key' },
    { authorization: 'bearer  red-two ' },
    { 'x-api-key': 'red-key' },
    { 'X-Goog-Api-Key': 'red-key' },
    { 'api-key': 'red-key' },
  ];
  for (const fields of good) assert.equal(find([RED, BLUE], fields), 'red', JSON.stringify(fields));
  const bad: readonly Readonly<Record<string, string>>[] = [
    { authorization: 'Basic red-key' },
    { authorization: 'Bearer red-keys' },
    { 'x-api-key': '' },
  ];
  for (const fields of bad) assert.equal(find([RED, BLUE], fields), undefined);
});

test('the fields that hold the key are noted, others are the client’s own', () => {
  const headers = new HeaderList();
  headers.append('authorization', 'Bearer of-a-provider');
  headers.append('x-api-key', 'red-key');
  headers.append('api-key', 'red-key');
  const exchange = { headers, tenantKeyFields: undefined };
  new TenantFinder([RED, OTHERS]).find(exchange);
  assert.deepEqual(exchange.tenantKeyFields, ['x-api-key', 'api-key']);
});

test('by a header after that, else it is everybody else, else nobody', () => {
  assert.equal(find([RED, BLUE], { 'X-Team': 'blue' }), 'blue');
  assert.equal(find([RED, BLUE], { 'X-Team': 'Blue' }), undefined);
  assert.equal(find([RED, BLUE], { 'X-Team': 'blue', 'x-api-key': 'red-key' }), 'red');
  assert.equal(find([RED, OTHERS], { 'x-api-key': 'wrong' }), 'others');
  assert.equal(find([RED], {}), undefined);
});
