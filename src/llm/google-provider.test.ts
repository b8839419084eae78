// What Google's two APIs have in common.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelPath, queryWithoutKey } from './google-provider.ts';

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
];

for (const [client, sent] of QUERIES)
  test(`the query "${client}" travels as "${sent}"`, () => assert.equal(queryWithoutKey(client), sent));

test('a model is one segment of the path, whatever its name', () => {
  assert.equal(modelPath('gemini-2.5-flash'), '/models/gemini-2.5-flash');
  assert.equal(modelPath('models/gemini-2.5-flash'), '/models/gemini-2.5-flash');
  assert.equal(modelPath('tunedModels/mine'), '/tunedModels/mine');
  assert.equal(modelPath('../v1/a?b#c'), '/models/..%2Fv1%2Fa%3Fb%23c');
});
