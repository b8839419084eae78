// Who sends credentials on is told that tenants' keys would go with them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LOG } from '../defaults.ts';
import type { GatewayModel } from '../gateway-model.ts';
import { checkTenantKeys } from './tenant-keys.ts';

const ORIGIN = { source: 'test', dialect: 'test', pointer: '' };

function model(forwardCredential: boolean, keyHashes: readonly string[]): GatewayModel {
  const provider = { name: 'openai', config: {}, basePath: '', forwardCredential };
  const backends = [{ name: 'b', origin: ORIGIN, provider }] as unknown as GatewayModel['backends'];
  const tenants = [{ name: 't', origin: ORIGIN, keyHashes, isDefault: false }];
  return { listeners: [], routes: [], backends, policies: [], aliases: [], log: DEFAULT_LOG, tenants };
}

test('only where both meet', () => {
  assert.deepEqual(
    checkTenantKeys(model(true, ['a'])).map(({ code }) => code),
    ['config.tenant-key-sent'],
  );
  assert.deepEqual(checkTenantKeys(model(false, ['a'])), []);
  assert.deepEqual(checkTenantKeys(model(true, [])), []);
});
