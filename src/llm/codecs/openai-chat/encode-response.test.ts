// Whole answers for chat clients.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { ReplyFrame } from '../../codec.ts';
import type { AssistantPart } from '../../message.ts';
import type { ChatRequest } from '../../request.ts';
import type { ChatResponse, FinishReason } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeResponse } from './encode-response.ts';

const REQUEST: ChatRequest = {
  operation: 'chat',
  wire: 'openai-chat',
  model: 'asked',
  stream: false,
  messages: [],
  parameters: {},
  wantsStreamUsage: false,
  rest: {},
};

const FRAME: ReplyFrame = { id: 'req-1', model: 'asked', createdSeconds: 1700000000, request: REQUEST };

function responseOf(content: readonly AssistantPart[], reason: FinishReason = 'stop'): ChatResponse {
  return {
    id: undefined,
    model: undefined,
    createdSeconds: undefined,
    choices: [{ index: 0, content, finish: { reason } }],
    usage: undefined,
  };
}

function encode(content: readonly AssistantPart[], reason?: FinishReason, frame = FRAME): ChatCompletion {
  return JSON.parse(JSON.stringify(encodeResponse(responseOf(content, reason), frame))) as ChatCompletion;
}

test('what the provider does not say is said by the gateway', () => {
  assert.deepEqual(encode([{ type: 'text', text: 'hi' }]), {
    id: 'chatcmpl-req-1',
    object: 'chat.completion',
    created: 1700000000,
    model: 'asked',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'hi', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
  });
});

test('calls stand without content, and are the reason', () => {
  const [{ message, finish_reason }] = encode(
    [
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
      { type: 'tool-call', id: 'b', name: 'g', arguments: '{"x":1}', signature: 's' },
    ],
    'tool-calls',
  ).choices;
  assert.equal(message.content, null);
  assert.equal(finish_reason, 'tool_calls');
  assert.deepEqual(message.tool_calls, [
    { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
    {
      id: 'b',
      type: 'function',
      function: { name: 'g', arguments: '{"x":1}' },
      extra_content: { google: { thought_signature: 's' } },
    },
  ]);
});

test('clients of old are called as they were', () => {
  const frame = { ...FRAME, request: { ...REQUEST, usesLegacyFunctions: true } as const };
  const call = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' } as const;
  const [one] = encode([call], 'tool-calls', frame).choices;
  assert.deepEqual(one.message.function_call, { name: 'f', arguments: '{}' });
  assert.equal(one.message.tool_calls, undefined);
  assert.equal(one.finish_reason as string, 'function_call');
  const [two] = encode([call, { ...call, id: 'b' }], 'tool-calls', frame).choices;
  assert.equal(two.message.tool_calls?.length, 2);
});

test('sources of another wire have no place here', () => {
  const url = { type: 'url_citation', url_citation: { url: 'https://a', title: 'A', start_index: 0, end_index: 1 } };
  const [{ message }] = encode([{ type: 'text', text: 'hi', citations: [url, { type: 'page_location' }] }]).choices;
  assert.deepEqual(message.annotations, [url]);
});

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'length',
  'context-window': 'length',
  error: 'error',
  other: 'stop',
};

for (const [reason, word] of Object.entries(WORDS))
  test(`ends by ${reason}: ${word}`, () =>
    assert.equal(encode([], reason as FinishReason).choices[0].finish_reason as string, word));

test('only facts that clients of this wire look for are shown', () => {
  const response = { ...responseOf([]), rest: { system_fingerprint: 'fp', promptFeedback: {} }, serviceTier: 'flex' };
  const body = encodeResponse(response, FRAME);
  assert.equal(body.system_fingerprint, 'fp');
  assert.equal(body.service_tier, 'flex');
  assert.equal(body.promptFeedback, undefined);
});

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const content = fc
  .record({
    thoughts: fc.array(fc.record({ text, signature: text }), { maxLength: 2 }),
    said: fc.option(text),
    refusal: fc.option(text),
    image: fc.boolean(),
    calls: fc.array(fc.record({ name: text, arguments: text }), { maxLength: 3 }),
  })
  .map(({ thoughts, said, refusal, image, calls }): readonly AssistantPart[] => [
    ...thoughts.map((thought) => ({ type: 'reasoning', ...thought }) as const),
    ...(said === null ? [] : [{ type: 'text', text: said } as const]),
    ...(refusal === null ? [] : [{ type: 'refusal', text: refusal } as const]),
    ...(image ? [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } } as const] : []),
    ...calls.map((call, index) => ({ type: 'tool-call', id: `c${index}`, ...call }) as const),
  ]);

test('decode(encode(answer)) is the answer', () => {
  fc.assert(
    fc.property(fc.array(content, { minLength: 1, maxLength: 3 }), fc.nat(), (contents, tokens) => {
      const response: ChatResponse = {
        id: 'r',
        model: 'm',
        createdSeconds: 5,
        choices: contents.map((parts, index) => {
          const hasCalls = parts.some(({ type }) => type === 'tool-call');
          return {
            index,
            content: structuredClone(parts),
            finish: hasCalls ? { reason: 'tool-calls', raw: 'tool_calls' } : { reason: 'length', raw: 'length' },
            logprobs: { content: [] },
          };
        }),
        usage: createUsage({ input: tokens, output: 2, cachedInput: 1 }),
      };
      assert.deepEqual(decodeResponse(JSON.parse(JSON.stringify(encodeResponse(response, FRAME)))), response);
    }),
    { seed: 3, numRuns: 500 },
  );
});
