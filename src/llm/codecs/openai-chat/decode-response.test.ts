// Whole answers as OpenAI and its imitators write them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProviderError } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { ChatResponse } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { decodeResponse } from './decode-response.ts';

function decode(body: JsonValue): ChatResponse {
  const response = decodeResponse(body);
  if (response === undefined || isProviderError(response)) return assert.fail(JSON.stringify(response));
  return response;
}

function answer(message: JsonObject, choice: JsonObject = {}): JsonObject {
  return { id: 'r-1', choices: [{ index: 0, message, finish_reason: 'stop', ...choice }] };
}

test('an answer of OpenAI, with everything', () => {
  assert.deepEqual(
    decode({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1700000000,
      model: 'gpt-4o',
      service_tier: 'default',
      system_fingerprint: 'fp',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'hi',
            refusal: null,
            annotations: [{ type: 'url_citation', url_citation: {} }],
          },
          logprobs: { content: [], refusal: null },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    }),
    {
      id: 'chatcmpl-1',
      model: 'gpt-4o',
      createdSeconds: 1700000000,
      choices: [
        {
          index: 0,
          content: [{ type: 'text', text: 'hi', citations: [{ type: 'url_citation', url_citation: {} }] }],
          finish: { reason: 'stop', raw: 'stop' },
          logprobs: { content: [], refusal: null },
        },
      ],
      usage: createUsage({ input: 3, output: 1 }),
      serviceTier: 'default',
      rest: { system_fingerprint: 'fp' },
    },
  );
});

const PARTS: readonly (readonly [title: string, message: JsonObject, parts: readonly AssistantPart[]])[] = [
  [
    'reasoning_content',
    { content: 'a', reasoning_content: 'hm' },
    [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a' },
    ],
  ],
  [
    'reasoning',
    { content: 'a', reasoning: 'hm' },
    [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a' },
    ],
  ],
  [
    'both spellings of one thought',
    { content: '', reasoning: 'hm', reasoning_content: 'hm' },
    [{ type: 'reasoning', text: 'hm' }],
  ],
  [
    'thought and details of one thought',
    { content: null, reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's' }] },
    [{ type: 'reasoning', text: 'hm', signature: 's' }],
  ],
  [
    "Mistral's thinking",
    {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'a' },
      ],
    },
    [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a' },
    ],
  ],
  ['refusal', { content: null, refusal: 'no' }, [{ type: 'refusal', text: 'no' }]],
  [
    'images',
    { content: 'see', images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
    [
      { type: 'text', text: 'see' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
    ],
  ],
  [
    'sound',
    { content: null, audio: { id: 'a', data: 'AAAA', transcript: 'hi' } },
    [
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
      { type: 'text', text: 'hi' },
    ],
  ],
  [
    'arguments as an object, an id that is missing',
    { content: null, tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] },
    [{ type: 'tool-call', id: 'call_r-1_0_0', name: 'f', arguments: '{"a":1}' }],
  ],
  [
    'function_call of old',
    { content: null, function_call: { name: 'f', arguments: '{}' } },
    [{ type: 'tool-call', id: 'call_r-1_0_0', name: 'f', arguments: '{}' }],
  ],
  ['nothing', { role: 'assistant' }, []],
];

for (const [title, message, parts] of PARTS)
  test(`reads ${title}`, () => assert.deepEqual(decode(answer(message)).choices[0].content, parts));

test('calls are a reason to end, whatever the server says', () => {
  const calls = { tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] };
  assert.deepEqual(decode(answer(calls)).choices[0].finish, { reason: 'tool-calls', raw: 'stop' });
  assert.equal(decode(answer(calls, { finish_reason: 'length' })).choices[0].finish.reason, 'length');
});

for (const [raw, reason] of [
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['model_length', 'context-window'],
  ['eos', 'stop'],
  ['insufficient_system_resource', 'error'],
  ['constructor', 'other'],
] as const)
  test(`ends by ${raw}: ${reason}`, () =>
    assert.deepEqual(decode(answer({ content: 'a' }, { finish_reason: raw })).choices[0].finish, { reason, raw }));

test("vLLM's matched stop", () => {
  const { finish } = decode(answer({ content: 'a' }, { stop_reason: 'END' })).choices[0];
  assert.deepEqual(finish, { reason: 'stop-sequence', raw: 'stop', stopSequence: 'END' });
});

test('several answers', () => {
  const choices = [1, 0].map((index) => ({ index, message: { content: `${index}` }, finish_reason: 'stop' }));
  assert.deepEqual(
    decode({ choices }).choices.map(({ index }) => index),
    [1, 0],
  );
});

test('usage where Moonshot puts it', () => {
  assert.equal(decode(answer({ content: 'a' }, { usage: { prompt_tokens: 7 } })).usage?.input, 7);
});

for (const [title, body, status, message] of [
  ['OpenAI', { error: { message: 'no', type: 'server_error' } }, 502, 'no'],
  ['OpenRouter', { error: { code: 429, message: 'slow' } }, 429, 'slow'],
  ['OpenRouter in the choice', { choices: [{ error: { code: 503, message: 'down' } }] }, 503, 'down'],
  ['vLLM', { object: 'error', message: 'bad', code: 400 }, 400, 'bad'],
  ['bare text', { error: 'broken' }, 502, 'broken'],
  ['a wrong request', { error: { message: 'x', type: 'invalid_request_error' } }, 400, 'x'],
] as const)
  test(`a failure inside a 200: ${title}`, () => {
    const error = decodeResponse(body);
    assert.ok(error !== undefined && isProviderError(error));
    assert.equal(error.status, status);
    assert.equal(error.message, message);
  });

test('what is no answer is none', () => {
  for (const body of [null, 5, 'x', [], {}, { choices: [] }, { choices: [5] }, { error: null }])
    assert.equal(decodeResponse(body), undefined);
});

test('nothing that is JSON makes it throw', () => {
  const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;
  const message = fc.record(
    {
      content: json,
      tool_calls: json,
      reasoning_details: json,
      images: json,
      audio: json,
      annotations: json,
      function_call: json,
    },
    { requiredKeys: [] },
  );
  const body = fc.record({
    choices: fc.array(fc.record({ index: json, message, finish_reason: json, logprobs: json })),
    usage: json,
  });
  fc.assert(
    fc.property(fc.oneof(json, body as fc.Arbitrary<JsonValue>), (value) => void decodeResponse(value)),
    {
      seed: 5,
      numRuns: 2000,
    },
  );
});
