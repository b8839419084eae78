// Which filters run where, when several places name the same one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import type { Policy } from '../model/gateway-model.ts';
import type { FilterUse } from '../model/route.ts';
import { listenerFilters, routeFilters } from './attach.ts';
import { gatewayModel, listener, ORIGIN, route } from './testing/gateway-model.ts';

function use(filter: string, from: string): FilterUse {
  return { filter, config: { from }, origin: ORIGIN };
}

function policy(id: string, filter: string, target: Policy['target']): Policy {
  return { id: id as Id<'policy'>, origin: ORIGIN, use: use(filter, id), target };
}

const GATEWAY = { kind: 'gateway' } as const;
const LISTENER = { kind: 'listener', id: 'default' as Id<'listener'> } as const;
const ROUTE = { kind: 'route', id: 'r' as Id<'route'> } as const;
const model = gatewayModel({
  policies: [
    policy('g1', 'limit', GATEWAY),
    policy('g2', 'auth', GATEWAY),
    policy('g3', 'auth', GATEWAY),
    policy('l1', 'limit', LISTENER),
    policy('other', 'limit', { kind: 'listener', id: 'other' as Id<'listener'> }),
    policy('r1', 'headers', ROUTE),
    policy('r2', 'rewrite', ROUTE),
  ],
});
const shown = (uses: readonly FilterUse[]): readonly string[] =>
  uses.map(({ filter, config }) => `${filter} of ${(config as { from: string }).from}`);

test('a listener’s filter replaces the gateway’s of the same name; of equals the older stays', () => {
  assert.deepEqual(shown(listenerFilters(model, listener())), ['limit of l1', 'auth of g2']);
  assert.deepEqual(shown(listenerFilters(model, listener('other'))), ['limit of other', 'auth of g2']);
  assert.deepEqual(shown(listenerFilters(model, listener('third'))), ['limit of g1', 'auth of g2']);
});

test('a route’s own filters replace those attached to it, and may repeat', () => {
  const own = [use('headers', 'own'), use('headers', 'own-2')];
  assert.deepEqual(shown(routeFilters(model, route('r', [], { filters: own }))), [
    'rewrite of r2',
    'headers of own',
    'headers of own-2',
  ]);
  assert.deepEqual(shown(routeFilters(model, route('s', []))), []);
});
