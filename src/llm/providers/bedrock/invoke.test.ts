// InvokeModel: vectors of Titan and Cohere, and Anthropic's own words wrapped for Bedrock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatTargetCodec } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { ChatRequest, EmbeddingsRequest } from '../../request.ts';
import { createUsage } from '../../usage.ts';
import { toInvokeTarget } from './invoke-anthropic.ts';
import { embeddingsCodecOf } from './invoke-embeddings.ts';

function embed(model: string, request: Partial<EmbeddingsRequest>) {
  const codec = embeddingsCodecOf(model);
  assert.ok(codec !== undefined);
  const full: EmbeddingsRequest = {
    operation: 'embeddings',
    model,
    inputs: ['hi'],
    encoding: 'float',
    isSingle: false,
    rest: {},
    ...request,
  };
  return codec.encodeRequest(full);
}

test('each maker’s body', () => {
  assert.deepEqual(embed('amazon.titan-embed-text-v1', {}), { inputText: 'hi' });
  assert.deepEqual(embed('amazon.titan-embed-text-v2:0', { dimensions: 256 }), { inputText: 'hi', dimensions: 256 });
  assert.deepEqual(embed('amazon.titan-embed-image-v1', { dimensions: 384 }), {
    inputText: 'hi',
    embeddingConfig: { outputEmbeddingLength: 384 },
  });
  assert.deepEqual(embed('cohere.embed-english-v3', { inputs: ['a', 'b'] }), {
    texts: ['a', 'b'],
    input_type: 'search_document',
  });
  assert.deepEqual(embed('us.cohere.embed-v4:0', { task: 'RETRIEVAL_QUERY', dimensions: 512 }), {
    texts: ['hi'],
    input_type: 'search_query',
    embedding_types: ['float'],
    output_dimension: 512,
  });
  assert.equal(
    (embed('cohere.embed-english-v3', { task: 'clustering' }) as { input_type: string }).input_type,
    'clustering',
  );
  assert.equal(embeddingsCodecOf('anthropic.claude-3-haiku-20240307-v1:0'), undefined);
});

test('what they take, and how many', () => {
  const titan1 = embeddingsCodecOf('amazon.titan-embed-text-v1');
  const titan2 = embeddingsCodecOf('amazon.titan-embed-text-v2:0');
  assert.equal(titan1?.maxInputs, 1);
  assert.ok(titan1?.drops.includes('dimensions'));
  assert.ok(titan2?.drops.includes('task') && !titan2.drops.includes('dimensions'));
  assert.equal(embeddingsCodecOf('cohere.embed-english-v3')?.maxInputs, 96);
});

test('their answers', () => {
  const titan = embeddingsCodecOf('amazon.titan-embed-text-v2:0');
  assert.deepEqual(titan?.decodeResponse({ embedding: [0.5, -1], inputTextTokenCount: 3 }), {
    model: undefined,
    vectors: [[0.5, -1]],
    usage: createUsage({ input: 3 }),
  });
  const cohere = embeddingsCodecOf('cohere.embed-english-v3');
  const vectors = { model: undefined, vectors: [[1], [2]], usage: undefined };
  assert.deepEqual(cohere?.decodeResponse({ embeddings: [[1], [2]] }), vectors);
  assert.deepEqual(cohere?.decodeResponse({ embeddings: { float: [[1], [2]] } }), vectors);
  for (const broken of [
    null,
    [],
    {},
    { embedding: ['x'] },
    { embeddings: [[1], 'x'] },
    { embeddings: { int8: [[1]] } },
  ]) {
    assert.equal(titan?.decodeResponse(broken), undefined);
    assert.equal(cohere?.decodeResponse(broken), undefined);
  }
});

/** A codec that says what it is told. */
const echo = {
  wire: 'anthropic-messages',
  parameters: {},
  encodeRequest: ({ model, stream }: ChatRequest) => ({ model, stream, max_tokens: 5 }),
  decodeResponse: () => undefined,
  createStreamDecoder: () => ({
    decode: (name: string, payload: string, into: LlmEvent[]) =>
      void into.push({ type: 'text-delta', choice: 0, text: `${name} ${payload}` }),
    end: () => true,
    isWhole: () => false,
  }),
} as unknown as ChatTargetCodec;

const REQUEST = { model: 'anthropic.claude', stream: true } as ChatRequest;

function chunk(event: unknown): string {
  return JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcd' });
}

test('the body has Anthropic’s version, and neither model nor stream', () => {
  assert.deepEqual(toInvokeTarget(echo).encodeRequest(REQUEST), {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 5,
  });
});

test('chunks are events of their own type, without what Bedrock adds', () => {
  const decoder = toInvokeTarget(echo).createStreamDecoder(REQUEST);
  const events: LlmEvent[] = [];
  decoder.decode('chunk', chunk({ type: 'message_start', message: {} }), events);
  decoder.decode('newKind', '{}', events);
  decoder.decode(
    'chunk',
    chunk({ type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 1 } }),
    events,
  );
  assert.deepEqual(
    events.map((event) => event.type === 'text-delta' && event.text),
    ['message_start {"type":"message_start","message":{}}', 'message_stop {"type":"message_stop"}'],
  );
  assert.equal(decoder.end(events), true);
});

test('failures of the frames and chunks that are none end the stream', () => {
  for (const [name, payload, type] of [
    ['modelStreamErrorException', '{"message":"m","originalStatusCode":500}', 'ModelStreamErrorException'],
    [':error', '{"code":"InternalFailure","message":"m"}', 'InternalFailure'],
    ['chunk', '{"bytes":5}', 'malformed_event'],
    ['chunk', 'x', 'malformed_event'],
    ['chunk', chunk([1]), 'malformed_event'],
  ] as const) {
    const decoder = toInvokeTarget(echo).createStreamDecoder(REQUEST);
    const events: LlmEvent[] = [];
    decoder.decode(name, payload, events);
    decoder.decode('chunk', chunk({ type: 'message_stop' }), events);
    assert.equal(events.length, 1);
    assert.equal(events[0].type === 'error' && events[0].error.type, type);
    assert.equal(decoder.end(events), false);
  }
});
