// What counts as a secret by its name, and what of a query or header is shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCredentialHeader, redactHeaderValue, redactQuery } from './credential-names.ts';

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

test('values of secret parameters are hidden, the rest of the query stays as it was', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['a=1&b', 'a=1&b'],
    ['key=AIza&alt=sse', 'key=***&alt=sse'],
    ['alt=sse&api_key=x&api-key=y&apiKey=z', 'alt=sse&api_key=***&api-key=***&apiKey=***'],
    ['access_token=a=b&x=1', 'access_token=***&x=1'],
    ['%6Bey=secret&%74oken=t', '%6Bey=***&%74oken=***'],
    ['a=1;token=abc', 'a=1;token=***'],
    ['auth[token]=x&key[]=y', 'auth[token]=***&key[]=***'],
    ['X-Amz-Signature=1&X-Amz-Credential=2&X-Amz-Date=3', 'X-Amz-Signature=***&X-Amz-Credential=***&X-Amz-Date=3'],
    ['code=1&password=2&zip%zz=3', 'code=***&password=***&zip%zz=3'],
    ['token&key', 'token&key'],
    ['&&=x&monkey=1', '&&=x&monkey=1'],
  ];
  for (const [query, expected] of cases) assert.equal(redactQuery(query), expected);
});

test('a credential in a header of another name is hidden', () => {
  assert.equal(redactHeaderValue('Bearer sk-123'), '***');
  assert.equal(redactHeaderValue('basic dXNlcjpwYXNz'), '***');
  assert.equal(redactHeaderValue('https://a.test/x?token=1&y=2'), 'https://a.test/x?token=***&y=2');
  assert.equal(redactHeaderValue('staging'), 'staging');
});
