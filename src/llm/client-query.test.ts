// What of a client's query a provider is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryWithoutCredentials } from './client-query.ts';

const QUERIES: readonly (readonly [client: string, sent: string])[] = [
  ['', ''],
  ['alt=sse', 'alt=sse'],
  ['key=AIzaSecret', ''],
  ['key=AIzaSecret&alt=sse', 'alt=sse'],
  ['alt=sse&key=AIzaSecret', 'alt=sse'],
  ['alt=sse&%6bey=AIzaSecret', 'alt=sse'],
  ['alt=sse&KEY=AIzaSecret&access_token=t', 'alt=sse'],
  ['%24key=AIzaSecret&fields=a%2Cb', 'fields=a%2Cb'],
  ['monkey=1&key', 'monkey=1'],
  ['api-key=a&beta=true&subscription-key=b&api_key=c', 'beta=true'],
  ['after=item_1&pageToken=2&limit=20', 'after=item_1&pageToken=2&limit=20'],
];

for (const [client, sent] of QUERIES)
  test(`the query "${client}" travels as "${sent}"`, () => assert.equal(queryWithoutCredentials(client), sent));
