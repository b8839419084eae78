// What of a query or header value is shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactHeaderValue, redactQuery } from './credential-names.ts';

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
