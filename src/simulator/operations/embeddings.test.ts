// Embeddings over HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, type Shape, send } from '../testing/send.ts';

test('embeddings: unit length, the same every time, floats equal base64', async () => {
  const simulator = await open();
  const ask = async (more: object): Promise<Shape> =>
    (await send(simulator, '/v1/embeddings', { json: { model: 'e', ...more } })).json;
  const { data, usage } = await ask({ input: ['one', 'two', 'one'], dimensions: 8 });
  const [one, two, again] = data.map(({ embedding }) => embedding as readonly number[]);
  assert.ok(Math.abs(Math.hypot(...one) - 1) < 1e-6);
  assert.deepEqual(one, again);
  assert.notDeepEqual(one, two);
  assert.deepEqual(usage, { prompt_tokens: 3, total_tokens: 3 });
  const encoded = (await ask({ input: 'one', dimensions: 8, encoding_format: 'base64' })).data[0].embedding as string;
  const bytes = Buffer.from(encoded, 'base64');
  assert.deepEqual(
    Array.from(one, (_, index) => bytes.readFloatLE(index * 4)),
    one,
  );
  const plain = (await ask({ input: 'one' })).data[0].embedding as readonly number[];
  assert.equal(plain.length, 1536);
  assert.equal((await ask({ input: [] })).error.type, 'invalid_request_error');
  assert.equal((await ask({ input: 'x', dimensions: 0 })).error.param, 'dimensions');
});
