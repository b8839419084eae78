// A provider's need finds its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenSource, type TokenWays } from './token-sources.ts';

const CLOCK = { wallMs: () => 0 };
const WAYS: TokenWays = {
  post: async () => ({ status: 200, body: '{"access_token":"entra","expires_in":60}' }),
  loadGoogle: async () => ({ credentials: { expiry_date: 60_000 }, getAccessToken: async () => ({ token: 'google' }) }),
};

test('google and entra each ask their own service', async () => {
  const deps = { clock: CLOCK, ways: WAYS };
  const google = createTokenSource({ kind: 'google', scopes: [] }, undefined, deps);
  assert.equal(await google.next(), 'google');
  const entra = createTokenSource({ kind: 'entra', tenantId: 't', clientId: 'c', scope: 's' }, 'secret', deps);
  assert.equal(await entra.next(), 'entra');
});
