// Credentials never appear in what the simulator shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldHeaders, maskedHeaders, maskedUrl } from './credentials.ts';

test('every credential header is masked, the scheme stays, the others are as they came', () => {
  const names = [
    'authorization',
    'proxy-authorization',
    'cookie',
    'x-api-key',
    'api-key',
    'x-goog-api-key',
    'x-auth-token',
  ];
  const headers = Object.fromEntries(names.map((name) => [name, 'Bearer s3cret']));
  for (const value of Object.values(maskedHeaders(headers))) assert.equal(value, 'Bearer ***');
  assert.equal(maskedHeaders({ 'x-api-key': 's3cret' })['x-api-key'], '***');
  assert.equal(maskedHeaders({ accept: 'text/html' }).accept, 'text/html');
});

test('keys in a query are masked', () => {
  assert.equal(maskedUrl('/a?key=s3cret&x=1&access_token=t'), '/a?key=***&x=1&access_token=***');
  assert.equal(maskedUrl('/a?monkey=1'), '/a?monkey=1');
});

test('repeated fields are joined, names are lower case, none is lost', () => {
  const folded = foldHeaders(['A', '1', 'a', '2', '__proto__', 'x']);
  assert.deepEqual(Object.entries(folded), [
    ['a', '1, 2'],
    ['__proto__', 'x'],
  ]);
});
