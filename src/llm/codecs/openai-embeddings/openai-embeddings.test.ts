// Embeddings both ways; the official SDK asks for base64 by default and decodes it itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import OpenAI from 'openai';
import { isProviderError } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { EmbeddingsRequest } from '../../request.ts';
import { createUsage } from '../../usage.ts';
import { createOpenaiEmbeddingsTarget, openaiEmbeddingsClient } from './openai-embeddings.ts';

const { decodeRequest, encodeResponse } = openaiEmbeddingsClient;
const target = createOpenaiEmbeddingsTarget();
const NOWHERE = { model: undefined, stream: undefined };

function decode(body: JsonObject): EmbeddingsRequest {
  const decoded = decodeRequest({ model: 'm', ...body }, NOWHERE);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.message);
  return decoded.value;
}

for (const [input, inputs] of [
  ['a', ['a']],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [[1, 2], [[1, 2]]],
  [
    [[1], [2, 3]],
    [[1], [2, 3]],
  ],
] as const)
  test(`reads the input ${JSON.stringify(input)}`, () => assert.deepEqual(decode({ input }).inputs, inputs));

test('reads what is wished', () => {
  assert.deepEqual(decode({ input: 'a', dimensions: 8, encoding_format: 'base64', user: 'u', extra: 1, none: null }), {
    operation: 'embeddings',
    model: 'm',
    inputs: ['a'],
    dimensions: 8,
    encoding: 'base64',
    user: 'u',
    isSingle: false,
    rest: { extra: 1 },
  });
});

for (const [body, param] of [
  [{}, 'input'],
  [{ input: [] }, 'input'],
  [{ input: 5 }, 'input'],
  [{ input: ['a', 5] }, 'input[1]'],
  [{ input: [[]] }, 'input[0]'],
  [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
  [{ input: 'a', dimensions: 1.5 }, 'dimensions'],
] as const)
  test(`says what is wrong: ${JSON.stringify(body)}`, () => {
    const decoded = decodeRequest({ model: 'm', ...body }, NOWHERE);
    assert.ok(!decoded.ok && decoded.param === param && decoded.message.length > 0);
  });

test('asks providers for numbers', () => {
  assert.deepEqual(
    target.encodeRequest(decode({ input: ['a'], dimensions: 3, encoding_format: 'base64', user: 'u' })),
    {
      model: 'm',
      input: 'a',
      encoding_format: 'float',
      dimensions: 3,
      user: 'u',
    },
  );
  assert.deepEqual(target.encodeRequest(decode({ input: [[1], [2]] })).input, [[1], [2]]);
  assert.deepEqual(target.encodeRequest(decode({ input: [1, 2] })).input, [[1, 2]]);
});

test('the official SDK, which asks for base64, gets the vectors', async () => {
  const vectors = [
    [0.5, -1, 3.25],
    [1, 2, 3],
  ];
  const client = new OpenAI({
    apiKey: 'k',
    maxRetries: 0,
    fetch: async (_, init) => {
      const request = decode(JSON.parse(String(init?.body)) as JsonObject);
      assert.equal(request.encoding, 'base64');
      return Response.json(encodeResponse({ model: undefined, vectors, usage: createUsage({ input: 4 }) }, request));
    },
  });
  const { data, model, usage } = await client.embeddings.create({ model: 'm', input: ['a', 'b'] });
  assert.deepEqual(
    data.map(({ embedding }) => embedding),
    vectors,
  );
  assert.equal(model, 'm');
  assert.deepEqual(usage, { prompt_tokens: 4, total_tokens: 4 });
});

test('decode(encode(vectors)) is the vectors, in both encodings', () => {
  const vector = fc.array(
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(
      fc.array(vector, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('float', 'base64'),
      (vectors, encoding) => {
        const response = { model: 'm', vectors, usage: createUsage({ input: 2 }) };
        const body = encodeResponse(response, decode({ input: 'a', encoding_format: encoding }));
        assert.deepEqual(target.decodeResponse(JSON.parse(JSON.stringify(body))), response);
      },
    ),
    { seed: 13 },
  );
});

test('vectors come in the order of the inputs', () => {
  const data = [
    { index: 1, embedding: [2] },
    { index: 0, embedding: [1] },
  ];
  const response = target.decodeResponse({ data });
  assert.ok(response !== undefined && !isProviderError(response));
  assert.deepEqual(response.vectors, [[1], [2]]);
});

test('failures are told apart from answers, and from what is neither', () => {
  const failed = target.decodeResponse({ error: { message: 'no', type: 't', code: 429 } });
  assert.ok(failed !== undefined && isProviderError(failed) && failed.status === 429);
  const flat = target.decodeResponse({ object: 'error', message: 'no', code: 400 });
  assert.ok(flat !== undefined && isProviderError(flat) && flat.status === 400);
  for (const body of [
    null,
    {},
    { data: 'x' },
    { data: [5] },
    { data: [{ embedding: ['x'] }] },
    { data: [{ embedding: 'AA' }] },
  ])
    assert.equal(target.decodeResponse(body as JsonValue), undefined);
});

test('a provider says what it drops', () => {
  assert.deepEqual(target.drops, ['task', 'title']);
  assert.equal(target.takesTokens, true);
});
