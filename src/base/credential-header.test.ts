// Which names of header fields stand for credentials.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCredentialHeader } from './credential-header.ts';

test('names of credentials are known, harmless names are not', () => {
  for (const name of [
    'authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'x-api-key',
    'api-key',
    'x-goog-api-key',
  ])
    assert.ok(isCredentialHeader(name), name);
  for (const name of [
    'x-acme-token',
    'x-acme-secret',
    'acme-apikey',
    'x-acme-access-key',
    'x-hub-signature',
    'x-amz-credential',
  ])
    assert.ok(isCredentialHeader(name), name);
  for (const name of [
    'x-environment',
    'user-agent',
    'x-max-tokens',
    'idempotency-key',
    'x-monkey',
    'x-author',
    'referer',
  ])
    assert.ok(!isCredentialHeader(name), name);
});
