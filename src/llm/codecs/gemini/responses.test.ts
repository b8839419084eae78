// Whole answers both ways: what Google says → the canonical answer, and that → what clients of Google's API read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProviderError, type ReplyFrame } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatRequest, ReasoningWish } from '../../request.ts';
import type { ChatResponse, Choice, FinishReason } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { decodeGeminiResponse } from './decode-response.ts';
import { encodeGeminiResponse } from './encode-response.ts';

function frame(reasoning?: ReasoningWish): ReplyFrame {
  const request: ChatRequest = {
    operation: 'chat',
    wire: 'gemini',
    model: 'm',
    stream: false,
    messages: [],
    parameters: reasoning === undefined ? {} : { reasoning },
    wantsStreamUsage: true,
    rest: {},
  };
  return { id: 'gw-1', model: 'asked', createdSeconds: 0, request };
}

function decode(body: JsonValue): ChatResponse {
  const response = decodeGeminiResponse(body);
  assert.ok(response !== undefined && !isProviderError(response));
  return response;
}

const candidate = (parts: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  content: { role: 'model', parts },
  finishReason: 'STOP',
  index: 0,
  ...more,
});

test('reads text, thoughts, calls, media and usage', () => {
  const response = decode({
    candidates: [
      candidate([
        { text: 'hm', thought: true, thoughtSignature: 'c2ln' },
        { text: 'Hello', thoughtSignature: 'dGV4dA==' },
        { functionCall: { name: 'look', args: { a: 1 } }, thoughtSignature: 'Y2FsbA==' },
        { functionCall: { id: 'g1', name: 'look' } },
        { inlineData: { mimeType: 'image/png', data: 'aGk=' } },
        { inlineData: { mimeType: 'audio/L16;rate=24000', data: 'aGk=' } },
        { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      ]),
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, thoughtsTokenCount: 3, totalTokenCount: 18 },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'r1',
    createTime: '2026-01-01T00:00:00.500Z',
  });
  assert.deepEqual(response, {
    id: 'r1',
    model: 'gemini-2.5-flash',
    createdSeconds: 1767225600,
    choices: [
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'hm', signature: 'gemini:c2ln' },
          { type: 'text', text: 'Hello' },
          { type: 'reasoning', text: '', signature: 'gemini:dGV4dA==' },
          { type: 'tool-call', id: 'call_r1_0_0', name: 'look', arguments: '{"a":1}', signature: 'gemini:Y2FsbA==' },
          { type: 'tool-call', id: 'g1', name: 'look', arguments: '{}' },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } },
          { type: 'audio', source: { kind: 'base64', mediaType: 'audio/L16;rate=24000', data: 'aGk=' } },
          { type: 'text', text: '```python\nprint(1)\n```\n' },
        ],
        finish: { reason: 'tool-calls', raw: 'STOP' },
      },
    ],
    usage: createUsage({ input: 10, output: 8, total: 18, reasoning: 3 }),
  });
});

const FINISHES: readonly (readonly [string, FinishReason])[] = [
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['LANGUAGE', 'other'],
  ['OTHER', 'other'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
  ['NO_IMAGE', 'other'],
  ['SOMETHING_NEW', 'other'],
  ['toString', 'other'],
];

for (const [raw, reason] of FINISHES) {
  test(`finishReason ${raw} is ${reason}`, () => {
    const { choices } = decode({ candidates: [candidate([{ text: 'a' }], { finishReason: raw })] });
    assert.deepEqual(choices[0].finish, { reason, raw });
  });
}

const TOLD: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'CONTINUATION',
  'context-window': 'MAX_TOKENS',
  error: 'OTHER',
  other: 'OTHER',
};

for (const [reason, told] of Object.entries(TOLD)) {
  test(`${reason} is told as ${told}`, () => {
    const choice: Choice = { index: 0, content: [], finish: { reason: reason as FinishReason } };
    const response = { id: 'r', model: 'm', createdSeconds: 0, choices: [choice], usage: undefined };
    const [encoded] = encodeGeminiResponse(response, frame()).candidates as readonly JsonObject[];
    assert.equal(encoded.finishReason, told);
  });
}

test('a blocked prompt is an answer that was filtered', () => {
  const response = decode({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 4 } });
  assert.deepEqual(response.choices, [{ index: 0, content: [], finish: { reason: 'content-filter', raw: 'SAFETY' } }]);
  assert.deepEqual(response.rest, { promptFeedback: { blockReason: 'SAFETY' } });
  assert.deepEqual(response.usage, createUsage({ input: 4 }));
});

test('a failure told inside status 200 is one', () => {
  const error = decodeGeminiResponse({ error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } });
  assert.deepEqual(error, { status: 503, type: 'UNAVAILABLE', code: undefined, message: 'Busy', param: undefined });
});

test('what is no answer of Google is none', () => {
  for (const body of [
    null,
    1,
    'a',
    [],
    {},
    { candidates: [] },
    { candidates: 5 },
    { choices: [] },
  ] as readonly JsonValue[])
    assert.equal(decodeGeminiResponse(body), undefined);
});

test('probabilities keep their alternatives, both ways', () => {
  const logprobsResult = {
    chosenCandidates: [{ token: 'é', logProbability: -0.5 }],
    topCandidates: [
      {
        candidates: [
          { token: 'é', logProbability: -0.5 },
          { token: 'e', logProbability: -1 },
        ],
      },
    ],
  };
  const response = decode({ candidates: [candidate([{ text: 'é' }], { logprobsResult })] });
  assert.deepEqual(response.choices[0].logprobs, {
    content: [
      {
        token: 'é',
        logprob: -0.5,
        bytes: [195, 169],
        top_logprobs: [
          { token: 'é', logprob: -0.5, bytes: [195, 169] },
          { token: 'e', logprob: -1, bytes: [101] },
        ],
      },
    ],
  });
  const [encoded] = encodeGeminiResponse(response, frame()).candidates as readonly JsonObject[];
  assert.deepEqual(encoded.logprobsResult, logprobsResult);
});

test('usage: thoughts and tools are counted beside, cached and audio inside', () => {
  const { usage } = decode({
    candidates: [candidate([{ text: 'a' }])],
    usageMetadata: {
      promptTokenCount: 100,
      toolUsePromptTokenCount: 20,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 30,
      thoughtsTokenCount: 10,
      totalTokenCount: 160,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 90 },
        { modality: 'AUDIO', tokenCount: 10 },
      ],
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 5 }],
    },
  });
  assert.deepEqual(usage, {
    input: 120,
    output: 40,
    total: 160,
    cachedInput: 60,
    reasoning: 10,
    cacheWrite: 0,
    cacheWrite1h: 0,
    audioInput: 10,
    audioOutput: 5,
  });
});

test('tells an answer in Google’s words', () => {
  const response: ChatResponse = {
    id: undefined,
    model: undefined,
    createdSeconds: 1767225600,
    choices: [
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'hm', signature: 'sig' },
          { type: 'text', text: 'Hello' },
          { type: 'tool-call', id: 't1', name: 'look', arguments: '{"a":1}' },
          { type: 'tool-call', id: 't2', name: 'rest', arguments: '' },
        ],
        finish: { reason: 'tool-calls' },
      },
    ],
    usage: createUsage({ input: 10, output: 8, reasoning: 3, cachedInput: 4 }),
  };
  assert.deepEqual(encodeGeminiResponse(response, frame()), {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: 'hm', thought: true, thoughtSignature: 'sig' },
            { text: 'Hello' },
            { functionCall: { id: 't1', name: 'look', args: { a: 1 } } },
            { functionCall: { id: 't2', name: 'rest', args: {} } },
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      totalTokenCount: 18,
      cachedContentTokenCount: 4,
      thoughtsTokenCount: 3,
    },
    modelVersion: 'asked',
    responseId: 'gw-1',
    createTime: '2026-01-01T00:00:00.000Z',
  });
});

test('arguments that are no object are told as what they are, not as an empty call', () => {
  for (const text of ['{"a":', '[1]', '5', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`]) {
    const content = [{ type: 'tool-call', id: 't', name: 'look', arguments: text }] as const;
    const choices = [{ index: 0, content, finish: { reason: 'tool-calls' } }] as const;
    const response = { id: 'r', model: 'm', createdSeconds: 0, choices, usage: undefined };
    const [encoded] = encodeGeminiResponse(response, frame()).candidates as readonly JsonObject[];
    assert.equal(encoded.finishReason, 'MALFORMED_FUNCTION_CALL');
    assert.ok(String(encoded.finishMessage).includes(text));
  }
});

test('a client that wants no thoughts gets their proofs only', () => {
  const content = [
    { type: 'reasoning', text: 'hm', signature: 'sig' },
    { type: 'reasoning', text: 'secret' },
    { type: 'text', text: 'Hello' },
  ] as const;
  const choices = [{ index: 0, content, finish: { reason: 'stop' } }] as const;
  const response = { id: 'r', model: 'm', createdSeconds: 0, choices, usage: undefined };
  const [encoded] = encodeGeminiResponse(response, frame({ summary: 'none' })).candidates as readonly JsonObject[];
  assert.deepEqual((encoded.content as JsonObject).parts, [
    { text: '', thought: true, thoughtSignature: 'sig' },
    { text: 'Hello' },
  ]);
});

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' });
const args = fc
  .dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 })
  .map((value) => JSON.stringify(value));
const part = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.record({ type: fc.constant('reasoning' as const), text, signature: fc.base64String({ minLength: 4 }) }),
  fc.record({ type: fc.constant('tool-call' as const), id: text, name: text, arguments: args }),
  fc.record({
    type: fc.constant('image' as const),
    source: fc.record({ kind: fc.constant('base64' as const), mediaType: fc.constant('image/png'), data: text }),
  }),
);

test('an answer told in Google’s words is the same when read again', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (content) => {
      const reason: FinishReason = content.some(({ type }) => type === 'tool-call') ? 'tool-calls' : 'stop';
      const response: ChatResponse = {
        id: 'r',
        model: 'm',
        createdSeconds: 5,
        choices: [{ index: 0, content, finish: { reason } }],
        usage: createUsage({ input: 3, output: 2, reasoning: 1 }),
      };
      const again = decode(JSON.parse(JSON.stringify(encodeGeminiResponse(response, frame()))) as JsonValue);
      const expected = content.map((each) =>
        each.type === 'reasoning' ? { ...each, signature: `gemini:${each.signature}` } : each,
      );
      const choices = [{ index: 0, content: expected.map((each) => ({ ...each })), finish: { reason, raw: 'STOP' } }];
      assert.deepEqual(again, JSON.parse(JSON.stringify({ ...response, choices })));
    }),
    { seed: 12, numRuns: 500 },
  );
});

test('no answer makes the reader throw', () => {
  const names = [
    'candidates',
    'content',
    'parts',
    'text',
    'functionCall',
    'args',
    'usageMetadata',
    'error',
    'index',
    'finishReason',
    'logprobsResult',
    'chosenCandidates',
    'promptFeedback',
    'inlineData',
    'promptTokensDetails',
  ];
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, 0, -1, 1e300, '', 'STOP'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, 'toString', 'valueOf'), tie('json'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(json, (body) => {
      const response = decodeGeminiResponse(body as JsonValue);
      if (response !== undefined && !isProviderError(response)) encodeGeminiResponse(response, frame());
    }),
    { seed: 13, numRuns: 2000 },
  );
});
