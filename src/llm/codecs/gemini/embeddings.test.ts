// Embeddings and counts of tokens between Google's APIs and the canonical shape.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProviderError } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatRequest, EmbeddingsRequest } from '../../request.ts';
import { createUsage } from '../../usage.ts';
import { geminiTokenCountClient, geminiTokenCountTarget, vertexTokenCountTarget } from './count-tokens.ts';
import { geminiEmbeddingsClient } from './embeddings-client.ts';
import { geminiEmbeddingsTarget, vertexEmbeddingsTarget } from './embeddings-target.ts';

const ADDRESS = { model: 'gemini-embedding-001', stream: false };
const content = (text: string): JsonObject => ({ parts: [{ text }] });

function decode(body: JsonObject): EmbeddingsRequest {
  const outcome = geminiEmbeddingsClient.decodeRequest(body, ADDRESS);
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.message);
  return outcome.value;
}

const BASE = { operation: 'embeddings', model: 'gemini-embedding-001', encoding: 'float', rest: {} } as const;

test('reads embedContent, batchEmbedContents and predict', () => {
  const wishes = { taskType: 'RETRIEVAL_QUERY', title: 'T', outputDimensionality: 3 };
  const told = { task: 'RETRIEVAL_QUERY', title: 'T', dimensions: 3 };
  assert.deepEqual(decode({ content: content('a'), ...wishes }), { ...BASE, inputs: ['a'], ...told, isSingle: true });
  const batch = { requests: [{ model: 'models/x', content: content('a') }, { content: content('b') }] };
  assert.deepEqual(decode(batch), { ...BASE, inputs: ['a', 'b'], isSingle: false });
  const predict = {
    instances: [{ content: 'a', task_type: 'RETRIEVAL_QUERY', title: 'T' }],
    parameters: { outputDimensionality: 3, autoTruncate: true },
  };
  assert.deepEqual(decode(predict), {
    ...BASE,
    inputs: ['a'],
    ...told,
    isSingle: false,
    isPredict: true,
    rest: { 'parameters.autoTruncate': true },
  });
});

const WRONG: readonly (readonly [string, JsonObject])[] = [
  ['content.parts', {}],
  ['content.parts[0]', { content: { parts: [{ inlineData: {} }] } }],
  ['requests', { requests: [] }],
  ['requests[0]', { requests: ['a'] }],
  ['requests[1]', { requests: [{ content: content('a') }, { content: content('b'), taskType: 'X' }] }],
  ['instances[0].content', { instances: [{ prompt: 'a' }] }],
];

for (const [param, body] of WRONG) {
  test(`refuses ${JSON.stringify(body)} at ${param}`, () => {
    const outcome = geminiEmbeddingsClient.decodeRequest(body, ADDRESS);
    assert.ok(!outcome.ok);
    assert.equal(outcome.param, param);
  });
}

test('answers in the shape that was asked for', () => {
  const request: EmbeddingsRequest = { ...BASE, inputs: ['a'], isSingle: true };
  const response = { model: 'm', vectors: [[1, 2]], usage: createUsage({ input: 4 }) };
  const usageMetadata = { promptTokenCount: 4, totalTokenCount: 4 };
  const { encodeResponse } = geminiEmbeddingsClient;
  assert.deepEqual(encodeResponse(response, request), { embedding: { values: [1, 2] }, usageMetadata });
  assert.deepEqual(encodeResponse(response, { ...request, isSingle: false }), {
    embeddings: [{ values: [1, 2] }],
    usageMetadata,
  });
  assert.deepEqual(encodeResponse(response, { ...request, isSingle: false, isPredict: true }), {
    predictions: [{ embeddings: { values: [1, 2], statistics: { token_count: 4 } } }],
  });
});

const ASKED: EmbeddingsRequest = { ...BASE, inputs: ['a', 'b'], task: 'X', title: 'T', dimensions: 2, isSingle: false };

test('asks the Gemini API and Vertex', () => {
  const wishes = { taskType: 'X', title: 'T', outputDimensionality: 2 };
  const model = 'models/gemini-embedding-001';
  assert.deepEqual(geminiEmbeddingsTarget.encodeRequest(ASKED), {
    requests: [
      { model, content: content('a'), ...wishes },
      { model, content: content('b'), ...wishes },
    ],
  });
  assert.deepEqual(vertexEmbeddingsTarget.encodeRequest(ASKED), {
    instances: [
      { content: 'a', task_type: 'X', title: 'T' },
      { content: 'b', task_type: 'X', title: 'T' },
    ],
    parameters: { outputDimensionality: 2 },
  });
  const plain: EmbeddingsRequest = { ...BASE, inputs: ['a'], isSingle: true };
  assert.deepEqual(vertexEmbeddingsTarget.encodeRequest(plain), { instances: [{ content: 'a' }] });
});

test('reads vectors and counts of both', () => {
  const gemini = geminiEmbeddingsTarget.decodeResponse({ embeddings: [{ values: [1] }, { values: [2] }] });
  assert.deepEqual(gemini, { model: undefined, vectors: [[1], [2]], usage: undefined });
  const prediction = (value: number): JsonValue => ({
    embeddings: { values: [value], statistics: { token_count: 3 } },
  });
  const vertex = vertexEmbeddingsTarget.decodeResponse({ predictions: [prediction(1), prediction(2)] });
  assert.deepEqual(vertex, { model: undefined, vectors: [[1], [2]], usage: createUsage({ input: 6 }) });
});

test('half an answer is none, and a failure is one', () => {
  for (const target of [geminiEmbeddingsTarget, vertexEmbeddingsTarget]) {
    for (const body of [
      null,
      5,
      {},
      { embeddings: [{ values: ['a'] }] },
      { predictions: [{}] },
    ] as readonly JsonValue[])
      assert.equal(target.decodeResponse(body), undefined);
    const error = target.decodeResponse({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Slow down' } });
    assert.ok(error !== undefined && isProviderError(error) && error.status === 429);
  }
});

const COUNTED: ChatRequest = {
  operation: 'count-tokens',
  wire: 'anthropic-messages',
  model: 'gemini-2.5-pro',
  stream: false,
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'S' }] },
    { role: 'user', content: [{ type: 'text', text: 'U' }] },
  ],
  parameters: { tools: [{ kind: 'function', name: 'a' }], toolChoice: { kind: 'auto' }, maxOutputTokens: 5 },
  wantsStreamUsage: false,
  rest: {},
};

test('tokens are counted of the whole request: inside generateContentRequest, and beside the contents at Vertex', () => {
  const told = {
    contents: [{ role: 'user', parts: [{ text: 'U' }] }],
    systemInstruction: { parts: [{ text: 'S' }] },
    tools: [{ functionDeclarations: [{ name: 'a' }] }],
    generationConfig: { maxOutputTokens: 5 },
  };
  assert.deepEqual(vertexTokenCountTarget.encodeRequest(COUNTED), told);
  assert.deepEqual(geminiTokenCountTarget.encodeRequest(COUNTED), {
    generateContentRequest: {
      model: 'models/gemini-2.5-pro',
      ...told,
      toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
    },
  });
});

test('a count is read and told', () => {
  const count = geminiTokenCountTarget.decodeResponse({ totalTokens: 9, cachedContentTokenCount: 4 });
  assert.deepEqual(count, { inputTokens: 9, cachedTokens: 4, isEstimated: false });
  assert.equal(vertexTokenCountTarget.decodeResponse({ tokens: 9 }), undefined);
  const error = geminiTokenCountTarget.decodeResponse({ error: { code: 404, message: 'No model' } });
  assert.ok(error !== undefined && isProviderError(error) && error.type === 'NOT_FOUND');
  assert.deepEqual(geminiTokenCountClient.encodeResponse({ inputTokens: 9, isEstimated: true }), { totalTokens: 9 });
});

test('what cannot be told is not counted', () => {
  const parameters = { tools: [{ kind: 'provider', wire: 'openai-responses', raw: { type: 'x' } }], minP: 1 } as const;
  const file = { type: 'image', source: { kind: 'url', url: 'https://a.test/b' }, detail: 'low' } as const;
  const messages = [{ role: 'user', content: [file], name: 'ann' }] as const;
  const told = vertexTokenCountTarget.encodeRequest({ ...COUNTED, parameters, messages });
  assert.deepEqual(told, { contents: [{ role: 'user', parts: [{ fileData: { fileUri: 'https://a.test/b' } }] }] });
});
