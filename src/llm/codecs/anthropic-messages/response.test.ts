// Answers and failures both ways, and counts as one whole and its parts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProviderError, type ReplyFrame } from '../../codec.ts';
import type { JsonValue } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { ChatResponse, FinishReason } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { anthropicTokenCountClient, anthropicTokenCountTarget } from './count-tokens.ts';
import { anthropicErrors } from './decode-error.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeResponse, OTHER_MEDIA } from './encode-response.ts';
import { JSON_ANSWER_TOOL } from './json-answer.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

const FRAME: ReplyFrame = {
  id: 'r1',
  model: 'fast',
  createdSeconds: 1,
  request: {
    operation: 'chat',
    wire: 'anthropic-messages',
    model: 'fast',
    stream: false,
    messages: [],
    parameters: {},
    wantsStreamUsage: true,
    rest: {},
  },
};

function answered(content: readonly AssistantPart[], reason: FinishReason = 'stop'): ChatResponse {
  return {
    id: undefined,
    model: undefined,
    createdSeconds: undefined,
    choices: [{ index: 0, content, finish: { reason } }],
    usage: createUsage({ input: 3, output: 4 }),
  };
}

function understood(body: JsonValue): ChatResponse {
  const response = decodeResponse(body);
  assert.ok(response !== undefined && !isProviderError(response));
  return response;
}

test('an answer with everything the wire has', () => {
  const response = understood({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'redacted_thinking', data: 'd' },
      { type: 'text', text: 'a', citations: [{ type: 'char_location' }] },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 12,
      cache_read_input_tokens: 20,
      cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 7 },
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
      service_tier: 'standard',
    },
  });
  assert.deepEqual(response, {
    id: 'msg_1',
    model: 'claude-sonnet-4-5',
    createdSeconds: undefined,
    choices: [
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'hm', signature: 'sig' },
          { type: 'reasoning', text: '', redacted: 'd' },
          { type: 'text', text: 'a', citations: [{ type: 'char_location' }] },
          { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{"a":1}' },
        ],
        finish: { reason: 'tool-calls', raw: 'tool_use' },
      },
    ],
    usage: createUsage({ input: 42, output: 9, cachedInput: 20, cacheWrite: 12, cacheWrite1h: 7, reasoning: 4 }),
    serviceTier: 'standard',
  });
  assert.deepEqual(decodeResponse(encodeResponse(response, FRAME)), response);
});

test('a JSON answer given by its tool is text', () => {
  const call = { type: 'tool_use', id: 't', name: JSON_ANSWER_TOOL, input: { a: [1] } };
  const [choice] = understood({ content: [call], stop_reason: 'tool_use' }).choices;
  assert.deepEqual(choice.content, [{ type: 'text', text: '{"a":[1]}' }]);
  assert.equal(choice.finish.reason, 'stop');
  const both = { content: [call, { type: 'tool_use', id: 'u', name: 'f', input: {} }], stop_reason: 'tool_use' };
  assert.equal(understood(both).choices[0].finish.reason, 'tool-calls');
});

test('every finish has its stop reason', () => {
  const call: AssistantPart = { type: 'tool-call', id: 'c', name: 'f', arguments: '' };
  for (const [reason, content, stop] of [
    ['stop', [], 'end_turn'],
    ['stop', [call], 'tool_use'],
    ['other', [call], 'tool_use'],
    ['tool-calls', [call], 'tool_use'],
    ['tool-calls', [], 'end_turn'],
    ['stop-sequence', [], 'end_turn'],
    ['length', [call], 'max_tokens'],
    ['content-filter', [], 'refusal'],
    ['refusal', [], 'refusal'],
    ['pause', [], 'pause_turn'],
    ['context-window', [], 'model_context_window_exceeded'],
    ['error', [], 'max_tokens'],
  ] as const)
    assert.equal(encodeResponse(answered(content, reason), FRAME).stop_reason, stop, reason);
  const response = answered([]);
  const named = {
    ...response,
    choices: [{ index: 0, content: [], finish: { reason: 'stop-sequence', stopSequence: 'X' } }],
  };
  const { stop_reason, stop_sequence } = encodeResponse(named as ChatResponse, FRAME);
  assert.deepEqual([stop_reason, stop_sequence], ['stop_sequence', 'X']);
});

test('an answer of another wire gets the ids, model and counts of this one', () => {
  const response = answered([
    { type: 'refusal', text: 'no' },
    { type: 'text', text: '' },
    { type: 'tool-call', id: 'call.1', name: 'f', arguments: 'broken' },
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: '' } },
    { type: 'text', text: 'x', citations: [{ type: 'url_citation' }] },
  ]);
  const body = encodeResponse(response, FRAME);
  assert.equal(body.id, 'msg_r1');
  assert.equal(body.model, 'fast');
  assert.deepEqual(body.content, [
    { type: 'text', text: 'no', citations: null },
    { type: 'tool_use', id: 'call_call_2e_1', name: 'f', input: { arguments: 'broken' }, caller: { type: 'direct' } },
    { type: 'text', text: OTHER_MEDIA, citations: null },
    { type: 'text', text: 'x', citations: null },
  ]);
});

test('counts come back the same', () => {
  const count = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(fc.tuple(count, count, count, count, count), ([plain, cachedInput, fiveMinutes, hour, output]) => {
      const usage = createUsage({
        input: plain + cachedInput + fiveMinutes + hour,
        output,
        cachedInput,
        cacheWrite: fiveMinutes + hour,
        cacheWrite1h: hour,
        reasoning: Math.floor(output / 2),
      });
      assert.deepEqual(decodeUsage(encodeUsage(usage)), usage);
    }),
    { seed: 2 },
  );
  assert.equal(decodeUsage(null), undefined);
  assert.equal(decodeUsage({ input_tokens: null, cache_creation: null }), undefined);
  assert.equal(decodeUsage({ input_tokens: 'many', output_tokens: -5 })?.total, 0);
});

test('failures keep their words', () => {
  const overloaded = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}';
  const detailed =
    '{"type":"error","error":{"type":"invalid_request_error","message":"m","details":{"error_code":"c"}}}';
  for (const [status, body, type, code, message] of [
    [529, overloaded, 'overloaded_error', undefined, 'Overloaded'],
    [400, detailed, 'invalid_request_error', 'c', 'm'],
    [429, '{"error":"slow down"}', 'rate_limit_error', undefined, 'slow down'],
    [413, '<html>too large</html>', 'request_too_large', undefined, '<html>too large</html>'],
    [502, '', 'api_error', undefined, 'The provider answered 502'],
    [404, '{"detail":"nothing here"}', 'not_found_error', undefined, 'nothing here'],
    [401, '[1]', 'authentication_error', undefined, '[1]'],
  ] as const)
    assert.deepEqual(anthropicErrors.decodeError(status, body), { status, type, code, message, param: undefined });
});

test('a failure inside a 200 is one, and what is no answer is none', () => {
  const failed = decodeResponse({ type: 'error', error: { type: 'rate_limit_error', message: 'm' } });
  assert.ok(failed !== undefined && isProviderError(failed));
  assert.equal(failed.status, 429);
  for (const body of [null, 5, 'x', [], {}, { content: 'text' }]) assert.equal(decodeResponse(body), undefined);
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('content', 'usage', 'stop_reason', 'error', 'id'), fc.jsonValue({ maxDepth: 3 })),
      (body) => {
        decodeResponse(body as JsonValue);
        anthropicErrors.decodeError(500, JSON.stringify(body));
      },
    ),
    { seed: 8, numRuns: 200 },
  );
});

test('tokens are counted of what the model would be told', () => {
  const body = { model: 'claude-opus-5', messages: [{ role: 'user', content: 'hi' }], system: 's' };
  const decoded = anthropicTokenCountClient.decodeRequest(body, { model: undefined, stream: undefined });
  assert.ok(decoded.ok);
  assert.deepEqual(anthropicTokenCountTarget.encodeRequest(decoded.value), body);
  const foreign = { ...decoded.value, wire: 'gemini', parameters: { temperature: 1, maxOutputTokens: 5 } } as const;
  assert.deepEqual(anthropicTokenCountTarget.encodeRequest(foreign), body);
  assert.deepEqual(anthropicTokenCountTarget.decodeResponse({ input_tokens: 7 }), {
    inputTokens: 7,
    isEstimated: false,
  });
  assert.equal(anthropicTokenCountTarget.decodeResponse({ x: 1 }), undefined);
  const failed = anthropicTokenCountTarget.decodeResponse({ type: 'error', error: { type: 'not_found_error' } });
  assert.ok(failed !== undefined && isProviderError(failed));
  assert.deepEqual(anthropicTokenCountClient.encodeResponse({ inputTokens: 7, isEstimated: true }), {
    input_tokens: 7,
  });
});
