// Whole answers and failures of Converse; anything else is told as none, and never throws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { FinishReason } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { bedrockErrors } from './decode-error.ts';
import { decodeResponse } from './decode-response.ts';
import { decodeUsage } from './decode-usage.ts';
import { decodeStopReason } from './stop-reason.ts';

function answer(content: readonly JsonValue[], more: JsonObject = {}): JsonObject {
  return { output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', ...more };
}

test('text, thoughts, calls, sources and images, with counts and facts', () => {
  const body = answer(
    [
      { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
      { reasoningContent: { redactedContent: 'eA==' } },
      { text: 'hello' },
      { citationsContent: { content: [{ text: 'a' }, { text: 'b' }], citations: [{ title: 't' }] } },
      { toolUse: { toolUseId: 'tooluse_1', name: 'f', input: { a: 1 } } },
      { image: { format: 'png', source: { bytes: 'aGk=' } } },
      { invented: true },
    ],
    {
      stopReason: 'tool_use',
      usage: { inputTokens: 5, outputTokens: 3, totalTokens: 8 },
      serviceTier: { type: 'flex' },
      trace: { guardrail: {} },
    },
  );
  assert.deepEqual(decodeResponse(body), {
    id: undefined,
    model: undefined,
    createdSeconds: undefined,
    choices: [
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'hm', signature: 's' },
          { type: 'reasoning', text: '', redacted: 'eA==' },
          { type: 'text', text: 'hello' },
          { type: 'text', text: 'ab', citations: [{ title: 't' }] },
          { type: 'tool-call', id: 'tooluse_1', name: 'f', arguments: '{"a":1}' },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } },
        ],
        finish: { reason: 'tool-calls', raw: 'tool_use' },
      },
    ],
    usage: createUsage({ input: 5, output: 3 }),
    serviceTier: 'flex',
    rest: { trace: { guardrail: {} } },
  });
});

const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  content_filtered: 'content-filter',
  guardrail_intervened: 'content-filter',
  model_context_window_exceeded: 'context-window',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
  refusal: 'refusal',
  pause_turn: 'pause',
  invented: 'other',
};

test('every reason to end, and the sequence it was', () => {
  for (const [raw, reason] of Object.entries(REASONS)) assert.deepEqual(decodeStopReason(raw, null), { reason, raw });
  assert.deepEqual(decodeStopReason(undefined, undefined), { reason: 'other' });
  assert.deepEqual(decodeStopReason('toString', null), { reason: 'other', raw: 'toString' });
  assert.deepEqual(decodeStopReason('stop_sequence', { stop_sequence: 'END' }), {
    reason: 'stop-sequence',
    raw: 'stop_sequence',
    stopSequence: 'END',
  });
});

test('cached input is part of the whole, as every reader of usage takes it', () => {
  const usage = decodeUsage({
    inputTokens: 10,
    outputTokens: 4,
    totalTokens: 144,
    cacheReadInputTokens: 100,
    cacheWriteInputTokens: 30,
    cacheDetails: [
      { ttl: '5m', inputTokens: 10 },
      { ttl: '1h', inputTokens: 20 },
    ],
  });
  assert.deepEqual(
    usage,
    createUsage({ input: 140, output: 4, cachedInput: 100, cacheWrite: 30, cacheWrite1h: 20, total: 144 }),
  );
  assert.equal(decodeUsage(null), undefined);
  assert.deepEqual(decodeUsage({ inputTokens: -1, outputTokens: '4', cacheDetails: {} }), createUsage({}));
});

test('what is not an answer of Converse is none', () => {
  for (const body of [null, 1, 'x', [], {}, { output: {} }, { output: { message: { content: 'x' } } }])
    assert.equal(decodeResponse(body), undefined);
  assert.equal(decodeResponse(answer([{ toolUse: { toolUseId: 'x' } }])), undefined);
  assert.equal(decodeResponse(answer([null])), undefined);
});

test('no JSON makes it throw', () => {
  const block = fc.oneof(
    fc.jsonValue(),
    fc.record({ toolUse: fc.jsonValue() }),
    fc.record({ reasoningContent: fc.jsonValue() }),
    fc.record({ citationsContent: fc.record({ content: fc.jsonValue(), citations: fc.jsonValue() }) }),
    fc.record({ image: fc.record({ format: fc.jsonValue(), source: fc.jsonValue() }) }),
  );
  const facts = fc.record({ usage: fc.jsonValue(), stopReason: fc.jsonValue(), serviceTier: fc.jsonValue() });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 4 }), facts, (content, more) => {
      decodeResponse(answer(content as JsonValue[], more as JsonObject));
    }),
    { seed: 31 },
  );
});

const header = (value: string) => (name: string) => (name === 'x-amzn-errortype' ? value : undefined);

test('failures are named by their header, their body or their status, in this order', () => {
  const { decodeError } = bedrockErrors;
  const throttled = { status: 429, code: 'ThrottlingException', type: 'ThrottlingException', param: undefined };
  const kind = 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/';
  assert.deepEqual(decodeError(429, '{"message":"slow"}', header(kind)), { ...throttled, message: 'slow' });
  assert.deepEqual(decodeError(429, '{"__type":"com.amazon#ThrottlingException","Message":"slow"}'), {
    ...throttled,
    message: 'slow',
  });
  assert.deepEqual(decodeError(429, ''), { ...throttled, code: undefined, message: 'Bedrock answered 429' });
  assert.equal(decodeError(403, '<html>denied</html>').message, '<html>denied</html>');
  assert.equal(decodeError(418, '[]').type, 'UnknownException');
  assert.equal(decodeError(408, '{"message":null}').type, 'ModelTimeoutException');
  assert.ok(decodeError(500, 'x'.repeat(1_000_000)).message.length <= 2000);
});
