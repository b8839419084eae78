// A route that hedges needs a second endpoint, wherever it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_HEDGE_BUDGET } from './defaults.ts';
import type { GatewayModel } from './gateway-model.ts';
import { checkHedges } from './proofs/hedges.ts';

const origin = { source: 'gateway.yaml', dialect: 'native', pointer: '/routes/0', line: 3 };
const hedge = { delay: { kind: 'fixed', ms: 100 }, max: 1, budget: DEFAULT_HEDGE_BUDGET };

function model(sizes: Readonly<Record<string, number>>): GatewayModel {
  const targets = Object.keys(sizes).map((backend) => ({ backend }));
  const backends = Object.entries(sizes).map(([id, length]) => ({ id, endpoints: Array.from({ length }, () => ({})) }));
  return {
    routes: [{ name: 'r', origin, hedge, action: { kind: 'forward', targets } }],
    backends,
  } as unknown as GatewayModel;
}

test('one endpoint alone is warned of at the route', () => {
  const [finding] = checkHedges(model({ a: 1 }));
  assert.deepEqual([finding.severity, finding.origin.line], ['warning', 3]);
});

test('two endpoints of a backend, or of two backends, are enough', () => {
  assert.deepEqual([...checkHedges(model({ a: 2 })), ...checkHedges(model({ a: 1, b: 1 }))], []);
});
